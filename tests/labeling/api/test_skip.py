"""POST /api/projects/SLUG/assignments/ID/skip/"""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from labeling.models import Assignment, Item, Project, TaskState
from tests.labeling.api.calls import ApiFor, ok, path, refused
from tests.labeling.steps import take, task_of


@pytest.fixture
def look(project: Project, annotator: User, make_item: Callable[..., Item]) -> Assignment:
    """A look that the annotator holds; one more item waits."""
    make_item()
    make_item()
    return take(project, annotator)


def url(look: Assignment, query: str = "") -> str:
    """Return where to skip a look."""
    return path(f"assignments/{look.pk}/skip/{query}")


def test_passes_the_look_on_and_returns_the_next(
    annotator: User, look: Assignment, api_for: ApiFor
) -> None:
    sent = {"token": look.token, "reason": "unclear"}
    answered = ok(api_for(annotator).post(url(look), sent))
    assert answered["next"]["item"]["title"] == "Item 2"
    look.refresh_from_db()
    assert (look.state, look.skip_reason) == ("skipped", "unclear")


def test_twice_sends_the_item_to_a_reviewer(
    project: Project,
    annotator: User,
    second_annotator: User,
    make_item: Callable[..., Item],
    api_for: ApiFor,
) -> None:
    item = make_item()
    for user in (annotator, second_annotator):
        held = take(project, user)
        sent = {"token": held.token, "reason": "unclear"}
        answered = ok(api_for(user).post(url(held, "?next=false"), sent))
        assert answered["next"] is None
    assert answered["went_to"] == "reviewer"
    assert task_of(item).state == TaskState.REVIEW


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"reason": "boring"}, 400, "reason"),
        ({"reason": None}, 400, "reason"),
        ({"token": "guessed"}, 409, "gone back to the queue"),
    ],
)
def test_refuses_what_is_no_skip(
    annotator: User,
    look: Assignment,
    api_for: ApiFor,
    fields: dict[str, Any],
    status: int,
    said: str,
) -> None:
    sent = {"token": look.token, "reason": "other"} | fields
    assert said in refused(api_for(annotator).post(url(look), sent), status)
    look.refresh_from_db()
    assert look.state == "leased"


def test_finds_looks_of_the_project_alone(
    outsider: User, look: Assignment, api_for: ApiFor
) -> None:
    sent = {"token": look.token, "reason": "other"}
    refused(api_for(outsider).post(url(look), sent), 404)
    theirs = path(f"assignments/{look.pk}/skip/", "other")
    refused(api_for(outsider).post(theirs, sent), 404)
