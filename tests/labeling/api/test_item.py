"""GET /api/projects/SLUG/items/ID/"""

from collections.abc import Callable
from typing import Any

from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from labeling.adjudicate import decide
from labeling.models import Item, Project, Role
from tests.conftest import join
from tests.labeling.api.calls import ApiFor, ok, path, refused
from tests.labeling.steps import answer, disagree

MakeItem = Callable[..., Item]


def votes(found: dict[str, Any]) -> list[tuple[str, str]]:
    """Return who voted for what."""
    return [(vote["annotator"], vote["label"]) for vote in found["votes"]]


def test_returns_the_label_with_its_evidence(
    project: Project,
    annotator: User,
    second_annotator: User,
    reviewer: User,
    make_item: MakeItem,
    api_for: ApiFor,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    item = make_item("Title", "Body")
    task = disagree(item, annotator, second_annotator)
    decide(project=project, user=reviewer, task_id=task.pk, label_name="gamma", comment="c")
    with django_assert_max_num_queries(8):
        found = ok(api_for(reviewer).get(path(f"items/{item.pk}/")))
    assert (found["title"], found["body"], found["label"]) == ("Title", "Body", "gamma")
    resolution = found["resolution"]
    assert (resolution["label"], resolution["method"]) == ("gamma", "adjudication")
    [decision] = found["decisions"]
    assert (decision["decided_by"], decision["comment"]) == ("reviewer", "c")
    assert votes(found) == [("annotator", "alpha"), ("second", "beta")]
    assert found["votes"][0]["guideline"] == 1
    assert found["hidden_votes"] == 0


def test_hides_names_until_the_decision(
    annotator: User,
    second_annotator: User,
    reviewer: User,
    make_item: MakeItem,
    api_for: ApiFor,
) -> None:
    item = make_item()
    disagree(item, annotator, second_annotator)
    found = ok(api_for(reviewer).get(path(f"items/{item.pk}/")))
    assert votes(found) == [("annotator A", "alpha"), ("annotator B", "beta")]
    assert (found["resolution"], found["waits"]) == (None, "review")


def test_hides_votes_from_who_may_still_be_asked(
    project: Project, annotator: User, reviewer: User, make_item: MakeItem, api_for: ApiFor
) -> None:
    item = make_item()
    answer(project, annotator, "alpha")
    found = ok(api_for(reviewer).get(path(f"items/{item.pk}/")))
    assert (found["votes"], found["hidden_votes"], found["waits"]) == ([], 1, "open")


def test_finds_items_of_the_project_alone(
    project: Project,
    other_project: Project,
    reviewer: User,
    outsider: User,
    make_item: MakeItem,
    api_for: ApiFor,
) -> None:
    item = make_item()
    refused(api_for(reviewer).get(path(f"items/{item.pk + 1}/")), 404)
    refused(api_for(outsider).get(path(f"items/{item.pk}/", "other")), 404)
    refused(api_for(outsider).get(path(f"items/{item.pk}/")), 404)


def test_is_for_reviewers(project: Project, make_item: MakeItem, api_for: ApiFor) -> None:
    item = make_item()
    refused(api_for(join(project, "ann", Role.ANNOTATOR)).get(path(f"items/{item.pk}/")), 403)
