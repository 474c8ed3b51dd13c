"""POST /api/projects/SLUG/tasks/next/"""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import time_machine
from rest_framework.test import APIClient

from accounts.keys import create_key
from accounts.models import User
from labeling.models import Item, Project, Split, TaskReason
from labeling.queue import want_look
from tests.labeling.api.calls import ApiFor, ok, path, refused
from tests.labeling.steps import answer

URL = path("tasks/next/")
MakeItem = Callable[..., Item]


def suggest(item: Item, reason: TaskReason = TaskReason.LOW_CONFIDENCE) -> None:
    """Want a look at an item, with the suggestion beta."""
    want_look(
        project=item.project,
        item=item,
        reason=reason,
        looks=1,
        priority=1,
        suggestion=item.project.labels.get(name="beta"),
        confidence=0.42,
        source="linear 3",
    )


def test_leases_the_next_look(
    project: Project, annotator: User, make_item: MakeItem, api_for: ApiFor
) -> None:
    item = make_item("Title", "Body", url="https://example.org/", metadata={"secret": "hint"})
    with time_machine.travel(datetime(2026, 3, 2, 12, tzinfo=UTC), tick=False):
        look = ok(api_for(annotator).post(URL))
    stored = item.tasks.get().assignments.get(annotator=annotator)
    assert look == {
        "id": stored.pk,
        "token": stored.token,
        "lease_expires_at": "2026-03-02T12:15:00Z",
        "item": {
            "id": item.pk,
            "title": "Title",
            "body": "Body",
            "url": "https://example.org/",
        },
        "reason": "new",
        "suggestion": None,
        "labels": [
            {"name": "alpha", "key": "1", "description": ""},
            {"name": "beta", "key": "2", "description": ""},
            {"name": "gamma", "key": "3", "description": ""},
        ],
    }


def test_returns_the_look_that_is_held(
    project: Project, annotator: User, make_item: MakeItem, api_for: ApiFor
) -> None:
    make_item()
    make_item()
    first, again = (ok(api_for(annotator).post(URL)) for _ in range(2))
    assert (first["id"], first["token"]) == (again["id"], again["token"])


def test_is_empty_where_nothing_waits(
    project: Project, annotator: User, make_item: MakeItem, api_for: ApiFor
) -> None:
    make_item()
    answer(project, annotator, "alpha")
    response = api_for(annotator).post(URL)
    assert (response.status_code, response.content) == (204, b"")


def test_tells_the_suggestion(
    project: Project, annotator: User, make_item: MakeItem, api_for: ApiFor
) -> None:
    suggest(make_item(task=False))
    look = ok(api_for(annotator).post(URL))
    assert look["reason"] == "low_confidence"
    assert look["suggestion"] == {"label": "beta", "confidence": 0.42, "source": "linear 3"}


@pytest.mark.parametrize(
    ("split", "reason"),
    [(Split.HOLDOUT, TaskReason.LOW_CONFIDENCE), (Split.POOL, TaskReason.AUDIT)],
)
def test_a_blind_look_hints_at_nothing(
    project: Project,
    annotator: User,
    make_item: MakeItem,
    api_for: ApiFor,
    split: Split,
    reason: TaskReason,
) -> None:
    """It is told as an item that nobody has seen would be."""
    suggest(make_item("Title", task=False, split=split), reason)
    response = api_for(annotator).post(URL)
    look = ok(response)
    assert (look["reason"], look["suggestion"]) == ("new", None)
    assert set(look) == {
        "id", "token", "lease_expires_at", "item", "reason", "suggestion", "labels",
    }  # fmt: skip
    for hint in (b"linear", b"0.42", b"audit", b"confidence", b"holdout", b"blind"):
        assert hint not in response.content


def test_is_for_members(project: Project, outsider: User, api_for: ApiFor) -> None:
    refused(api_for(outsider).post(URL), 404)


def test_needs_the_write_scope(project: Project, annotator: User, make_item: MakeItem) -> None:
    make_item()
    for scope, status in (("read", 403), ("write", 200)):
        _, secret = create_key(user=annotator, name=scope, scopes=[scope])
        client = APIClient(HTTP_AUTHORIZATION=f"Bearer {secret}")
        assert client.post(URL).status_code == status


def test_is_a_post(project: Project, annotator: User, api_for: ApiFor) -> None:
    refused(api_for(annotator).get(URL), 403)
    refused(api_for(project.memberships.get(role="manager").user).get(URL), 405)
