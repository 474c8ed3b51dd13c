"""GET /api/projects/SLUG/annotators/"""

from collections.abc import Callable

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from labeling.adjudicate import decide
from labeling.models import Item, Project
from tests.labeling.api.calls import ApiFor, ok, path, refused
from tests.labeling.steps import answer, disagree

URL = path("annotators/")


@pytest.fixture
def history(
    project: Project,
    annotator: User,
    second_annotator: User,
    reviewer: User,
    make_item: Callable[..., Item],
) -> None:
    """Two agree on one item, a reviewer takes the first one's side on another; one vote waits."""
    make_item()
    for user in (annotator, second_annotator):
        answer(project, user, "beta")
    case = disagree(make_item(), annotator, second_annotator)
    decide(project=project, user=reviewer, task_id=case.pk, label_name="alpha")
    make_item()
    answer(project, annotator, "gamma")


@pytest.mark.usefixtures("history")
def test_shows_everybody_to_a_reviewer(
    reviewer: User, api_for: ApiFor, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(2):
        rows = ok(api_for(reviewer).get(URL))
    assert [
        (row["username"], row["votes"], row["settled"], row["agreed"], row["agreement"])
        for row in rows
    ] == [("annotator", 3, 2, 2, 1.0), ("second", 2, 2, 1, 0.5)]
    # Wilson's interval of 1 in 2.
    bounds = (rows[1]["agreement_low"], rows[1]["agreement_high"])
    assert bounds == pytest.approx((0.0945, 0.9055), abs=1e-4)


@pytest.mark.usefixtures("history")
def test_shows_an_annotator_the_own_figures_alone(second_annotator: User, api_for: ApiFor) -> None:
    [row] = ok(api_for(second_annotator).get(URL))
    assert (row["username"], row["seconds"]) == ("second", None)


def test_is_empty_at_first(project: Project, reviewer: User, api_for: ApiFor) -> None:
    assert ok(api_for(reviewer).get(URL)) == []


def test_is_for_members(project: Project, outsider: User, api_for: ApiFor) -> None:
    refused(api_for(outsider).get(URL), 404)
