"""A reviewer's own decision, taken back."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.models import User
from labeling.adjudicate import decide
from labeling.errors import Conflict
from labeling.models import Event, Item, Project, Reopening, Task, TaskReason, TaskState
from labeling.queue import want_look
from labeling.reopen import undo_decision
from labeling.resolve import recompute
from tests.labeling.steps import disagree, label_of, task_of

MakeItem = Callable[..., Item]


@pytest.fixture
def item(make_item: MakeItem) -> Item:
    """An item on which two annotators disagree."""
    return make_item()


@pytest.fixture
def case(item: Item, annotator: User, second_annotator: User) -> Task:
    """Its task, which waits for a reviewer."""
    return disagree(item, annotator, second_annotator)


@pytest.mark.parametrize("label", ["gamma", None])
def test_everything_is_as_it_was_before(
    project: Project, reviewer: User, item: Item, case: Task, label: str | None
) -> None:
    names = ("status", "vote_count", "agreement")
    before = Item.objects.values(*names).get(pk=item.pk)
    made = decide(project=project, user=reviewer, task_id=case.pk, label_name=label)
    assert undo_decision(project=project, user=reviewer, task_id=case.pk) == made
    assert Item.objects.values(*names).get(pk=item.pk) == before
    task = task_of(item)
    assert (task, task.state, task.closed_at, task.note) == (case, TaskState.REVIEW, None, "")
    assert label_of(item) is None
    assert recompute(project=project) == 0
    event = Event.objects.latest("id")
    assert (event.actor, event.verb) == (reviewer, "took back the decision on")
    assert (event.before, event.after) == ("closed", "review")


def test_it_can_be_decided_anew(project: Project, reviewer: User, item: Item, case: Task) -> None:
    first = decide(project=project, user=reviewer, task_id=case.pk, label_name="gamma")
    undo_decision(project=project, user=reviewer, task_id=case.pk)
    second = decide(project=project, user=reviewer, task_id=case.pk, label_name="beta")
    assert (second.supersedes, label_of(item)) == (first, "beta")


def test_nobody_takes_back_what_another_decided(
    project: Project, reviewer: User, manager: User, item: Item, case: Task
) -> None:
    decide(project=project, user=reviewer, task_id=case.pk, label_name="gamma")
    with pytest.raises(Conflict, match="no decision of yours"):
        undo_decision(project=project, user=manager, task_id=case.pk)
    assert label_of(item) == "gamma"


def test_nothing_is_taken_back_twice(project: Project, reviewer: User, case: Task) -> None:
    decide(project=project, user=reviewer, task_id=case.pk, label_name="gamma")
    undo_decision(project=project, user=reviewer, task_id=case.pk)
    with pytest.raises(Conflict, match="no decision of yours"):
        undo_decision(project=project, user=reviewer, task_id=case.pk)
    assert Reopening.objects.count() == 1


@pytest.mark.parametrize(("hours", "late"), [(23, False), (25, True)])
def test_after_a_day_it_takes_a_reason(
    project: Project, reviewer: User, item: Item, case: Task, hours: int, *, late: bool
) -> None:
    decide(project=project, user=reviewer, task_id=case.pk, label_name="gamma")
    with time_machine.travel(timezone.now() + timedelta(hours=hours), tick=False):
        if late:
            with pytest.raises(Conflict, match="reopen it on the item's page"):
                undo_decision(project=project, user=reviewer, task_id=case.pk)
        else:
            undo_decision(project=project, user=reviewer, task_id=case.pk)
    assert label_of(item) == ("gamma" if late else None)


def test_an_item_that_is_looked_at_again_keeps_it(
    project: Project, reviewer: User, item: Item, case: Task
) -> None:
    decide(project=project, user=reviewer, task_id=case.pk, label_name="gamma")
    want_look(project=project, item=item, reason=TaskReason.AUDIT, looks=1, priority=0)
    with pytest.raises(Conflict, match="looked at again"):
        undo_decision(project=project, user=reviewer, task_id=case.pk)
    assert label_of(item) == "gamma"


def test_another_project_has_no_such_case(
    project: Project, reviewer: User, other_project: Project, outsider: User, case: Task
) -> None:
    decide(project=project, user=reviewer, task_id=case.pk, label_name="gamma")
    with pytest.raises(Conflict):
        undo_decision(project=other_project, user=outsider, task_id=case.pk)
