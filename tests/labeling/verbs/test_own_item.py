"""Nobody decides an item on which they gave any answer, whichever door they try."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from labeling.annotate import undo
from labeling.models import (
    Adjudication,
    Annotation,
    Item,
    LookState,
    Project,
    Role,
    Task,
    TaskReason,
    TaskState,
)
from labeling.queue import want_look
from tests.conftest import join
from tests.labeling.api.calls import path
from tests.labeling.pages.browse import PART, at
from tests.labeling.steps import answer, pass_on

MakeItem = Callable[..., Item]
Door = Callable[[User, Task], Any]


def page(name: str, **sent: str) -> Door:
    """Return a post to the review page, as its form or a crafted one sends it."""

    def knock(user: User, case: Task) -> Any:
        client = Client()
        client.force_login(user)
        return client.post(at(name, case.pk), sent, headers=PART)

    return knock


def rest(name: str, **sent: object) -> Door:
    """Return a call of the API."""

    def knock(user: User, case: Task) -> Any:
        client = APIClient()
        client.force_authenticate(user)
        return client.post(path(f"review/{case.pk}/{name}/"), sent, format="json")

    return knock


DOORS = {
    "page": (page("review-decide", label="alpha"), 409),
    "page out of scope": (page("review-decide", out_of_scope="1"), 409),
    "page back": (page("review-send-back", comment="Again"), 409),
    "api": (rest("decide", label="alpha"), 403),
    "api out of scope": (rest("decide", out_of_scope=True), 403),
    "api back": (rest("send-back", comment="Again"), 403),
}


def in_a_look_of_this_task(item: Item, reviewer: User, other: User) -> None:
    answer(item.project, reviewer, "alpha")
    answer(item.project, other, "beta")


def in_an_earlier_task(item: Item, reviewer: User, other: User) -> None:
    for user in (reviewer, other):
        answer(item.project, user, "beta")
    report(item)


def and_took_it_back(item: Item, reviewer: User, other: User) -> None:
    answer(item.project, reviewer, "alpha")
    undo(project=item.project, user=reviewer)
    pass_on(item.project, reviewer)
    pass_on(item.project, other)


def elsewhere_before_an_import(item: Item, reviewer: User, other: User) -> None:
    answer(item.project, other, "alpha")
    look = item.tasks.get().assignments.get(state=LookState.FREE)
    look.state, look.annotator = LookState.DONE, reviewer
    look.save()
    Annotation.objects.create(
        project=item.project,
        item=item,
        assignment=look,
        annotator=reviewer,
        label=item.project.labels.get(name="beta"),
        imported=True,
        idempotency_key="import-1",
    )
    Task.objects.filter(item=item).update(state=TaskState.REVIEW)


def report(item: Item) -> None:
    """Bring an item before a reviewer."""
    want_look(
        project=item.project,
        item=item,
        reason=TaskReason.REPORT,
        looks=0,
        priority=0,
        review=True,
    )


WAYS = [
    in_a_look_of_this_task,
    in_an_earlier_task,
    and_took_it_back,
    elsewhere_before_an_import,
]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("gave", WAYS)
def test_who_answered_is_turned_away(
    gave: Callable[[Item, User, User], None],
    door: str,
    project: Project,
    reviewer: User,
    annotator: User,
    make_item: MakeItem,
) -> None:
    item = make_item()
    gave(item, reviewer, annotator)
    case = Task.objects.get(item=item, state=TaskState.REVIEW)
    knock, status = DOORS[door]
    response = knock(reviewer, case)
    assert response.status_code == status
    assert "another reviewer has to decide it" in response.content.decode()
    case.refresh_from_db()
    assert case.state == TaskState.REVIEW
    assert not Adjudication.objects.exists()


@pytest.mark.parametrize("door", DOORS)
def test_another_reviewer_is_let_in(
    door: str, project: Project, reviewer: User, annotator: User, manager: User, make_item: MakeItem
) -> None:
    join(project, "for-another-look", Role.ANNOTATOR)
    item = make_item()
    in_a_look_of_this_task(item, reviewer, annotator)
    case = Task.objects.get(item=item, state=TaskState.REVIEW)
    knock, _ = DOORS[door]
    assert knock(manager, case).status_code == 200
    case.refresh_from_db()
    assert case.state != TaskState.REVIEW
