"""POST /api/projects/SLUG/review/TASK/send-back/"""

from collections.abc import Callable

import pytest

from accounts.models import User
from labeling.models import Item, Project, Role, Task
from labeling.queue import claim
from tests.conftest import join
from tests.labeling.api.calls import ApiFor, ok, path, refused
from tests.labeling.steps import disagree, take


@pytest.fixture
def case(make_item: Callable[..., Item], annotator: User, second_annotator: User) -> Task:
    """A case on which two annotators disagree."""
    return disagree(make_item(), annotator, second_annotator)


def url(case: Task, slug: str = "test") -> str:
    """Return where to send a case back."""
    return path(f"review/{case.pk}/send-back/", slug)


def test_asks_for_one_more_look(
    project: Project, case: Task, annotator: User, reviewer: User, api_for: ApiFor
) -> None:
    sent = ok(api_for(reviewer).post(url(case), {"comment": "Mind rule 2."}))
    assert sent == {"id": case.pk, "state": "open", "note": "Mind rule 2."}
    assert claim(project=project, user=annotator) is None
    assert take(project, join(project, "third", Role.ANNOTATOR)).task == case


def test_the_look_is_not_for_who_asked_for_it(
    case: Task, reviewer: User, manager: User, api_for: ApiFor
) -> None:
    ok(api_for(reviewer).post(url(case), {"comment": "Mind rule 2."}))
    assert api_for(reviewer).post(path("tasks/next/")).status_code == 204
    assert ok(api_for(manager).post(path("tasks/next/")))["item"]["id"] == case.item_id


def test_needs_a_comment(case: Task, reviewer: User, api_for: ApiFor) -> None:
    for body in ({}, {"comment": " "}):
        assert "comment" in refused(api_for(reviewer).post(url(case), body), 400)


def test_needs_a_case_that_waits(case: Task, reviewer: User, api_for: ApiFor) -> None:
    for status in (200, 409):
        response = api_for(reviewer).post(url(case), {"comment": "again"})
        assert response.status_code == status


def test_is_not_for_who_answered(
    project: Project,
    reviewer: User,
    annotator: User,
    make_item: Callable[..., Item],
    api_for: ApiFor,
) -> None:
    case = disagree(make_item(), reviewer, annotator)
    refused(api_for(reviewer).post(url(case), {"comment": "again"}), 403)


def test_finds_cases_of_the_project_alone(
    case: Task, annotator: User, outsider: User, api_for: ApiFor
) -> None:
    body = {"comment": "again"}
    refused(api_for(outsider).post(url(case), body), 404)
    refused(api_for(outsider).post(url(case, "other"), body), 404)
    refused(api_for(annotator).post(url(case), body), 403)
