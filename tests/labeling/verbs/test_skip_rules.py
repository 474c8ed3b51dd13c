"""Whom a skipped item goes to."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from labeling.access import Access
from labeling.errors import Invalid
from labeling.models import Event, Item, ItemStatus, Project, Role, TaskState
from labeling.queue import claim, skip
from labeling.skip_rules import set_skip_rules
from tests.conftest import join
from tests.labeling.steps import pass_on, take, task_of

MakeItem = Callable[..., Item]


@pytest.mark.parametrize(
    ("reason", "state"),
    [
        ("unclear", TaskState.OPEN),
        ("out_of_scope", TaskState.REVIEW),
        ("broken", TaskState.REVIEW),
        ("other", TaskState.OPEN),
    ],
)
def test_what_follows_from_each_reason_at_first(
    project: Project, annotator: User, make_item: MakeItem, reason: str, state: TaskState
) -> None:
    item = make_item()
    pass_on(project, annotator, reason)
    assert task_of(item).state == state


def test_nobody_closes_the_task_without_a_label(
    project: Project, manager_access: Access, annotator: User, make_item: MakeItem
) -> None:
    set_skip_rules(access=manager_access, rules={"broken": "nobody"})
    item = make_item()
    look = take(project, annotator)
    named: dict[str, Any] = {"assignment_id": look.pk, "token": look.token}
    went = skip(
        project=manager_access.project, user=annotator, reason="broken", note="empty", **named
    )
    assert went == "nobody"
    task = task_of(item)
    item.refresh_from_db()
    assert (task.state, item.status) == (TaskState.CLOSED, ItemStatus.IDLE)
    assert not task.assignments.filter(state__in=["free", "leased"]).exists()
    assert Event.objects.get(verb="skipped").reason == "broken: empty"


def test_the_last_of_a_small_team_hands_it_to_a_reviewer(
    project: Project, manager: User, annotator: User, make_item: MakeItem
) -> None:
    """Of two members one has labeled the item, and the other skips it."""
    item = make_item()
    held = take(project, manager)
    pass_on(project, annotator)
    assert task_of(item).state == TaskState.OPEN
    skip(
        project=project,
        user=manager,
        assignment_id=held.pk,
        token=held.token,
        reason="unclear",
    )
    assert task_of(item).state == TaskState.REVIEW


def test_somebody_left_gets_it(
    project: Project, manager: User, annotator: User, make_item: MakeItem
) -> None:
    third = join(project, "third", Role.ANNOTATOR)
    item = make_item()
    take(project, manager)
    pass_on(project, annotator)
    assert take(project, third).task.item == item
    assert claim(project=project, user=annotator) is None


@pytest.mark.parametrize("rules", [{"boring": "nobody"}, {"broken": "somebody"}])
def test_refuses_unknown_words(manager_access: Access, rules: dict[str, str]) -> None:
    with pytest.raises(Invalid, match="skip_rules: "):
        set_skip_rules(access=manager_access, rules=rules)


def test_the_same_again_changes_nothing(manager_access: Access) -> None:
    set_skip_rules(access=manager_access, rules={"other": "another"})
    assert not Event.objects.filter(verb="changed skips").exists()
