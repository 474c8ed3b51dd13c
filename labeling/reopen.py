"""Decisions that stand no longer: reopened with a reason, or taken back by who made them."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from labeling.adjudicate import not_own
from labeling.errors import Conflict, Invalid
from labeling.events import record
from labeling.looks import lock_task, withdraw_open
from labeling.models import (
    Adjudication,
    Item,
    Project,
    Reopening,
    Split,
    Task,
    TaskReason,
    TaskState,
)
from labeling.resolve import derive

UNDO_FOR = timedelta(hours=24)
REASON_LIMIT = 4000
PRIORITY = 20
NO_REASON = f"reason: say in 1 to {REASON_LIMIT:,} characters why the decision should not stand."
NOT_STANDING = "This decision was reopened or replaced meanwhile."
NOTHING = "There is no decision of yours on this case to take back."
TOO_OLD = "This decision is more than a day old: reopen it on the item's page, with a reason."
LOOKED_AT_AGAIN = "This item is being looked at again already; the decision stays."
DELETED = "This item was deleted; a manager can restore it."


@transaction.atomic
def reopen(*, project: Project, user: User, item_id: int, decision_id: int, reason: str) -> Task:
    """Let an item's decision stand no longer, and bring the item before a reviewer again.

    The decision stays stored. The label is derived again from what still stands: an earlier
    decision, else the votes. The case is the one of the decision, or the task that waits by now.

    Returns:
        The case, with the reason in its note.

    Raises:
        Invalid: no reason, or one that is too long.
        NotAllowed: the user annotated the item.
        Conflict: it is not the decision that stands, or the item was deleted.
    """
    reason = reason.strip()
    if not 0 < len(reason) <= REASON_LIMIT:
        raise Invalid(NO_REASON)
    item = _lock(project, item_id)
    decision = standing_decision(item)
    if decision is None or decision.pk != decision_id:
        raise Conflict(NOT_STANDING)
    not_own(item, user)
    live = Task.objects.filter(item=item).exclude(state=TaskState.CLOSED).first()
    case = live or decision.task or _new_case(item)
    return _set_aside(decision, lock_task(case.pk), user, reason, f"Reopened by {user}: {reason}")


@transaction.atomic
def undo_decision(*, project: Project, user: User, task_id: int) -> Adjudication:
    """Take the user's own decision on a case back; the case waits as it did before.

    Returns:
        The decision that stands no longer.

    Raises:
        Conflict: it is none of the user's, or older than a day, or the item is looked at again.
    """
    task = Task.objects.filter(project=project, pk=task_id).first()
    if task is None:
        raise Conflict(NOTHING)
    item = _lock(project, task.item_id)
    decision = standing_decision(item)
    if decision is None or decision.task_id != task_id or decision.decided_by_id != user.pk:
        raise Conflict(NOTHING)
    if decision.created_at < timezone.now() - UNDO_FOR:
        raise Conflict(TOO_OLD)
    if Task.objects.filter(item=item).exclude(state=TaskState.CLOSED).exists():
        raise Conflict(LOOKED_AT_AGAIN)
    _set_aside(decision, lock_task(task_id), user, "", "")
    return decision


def standing_decision(item: Item) -> Adjudication | None:
    """Return the decision of an item that counts, if there is one."""
    standing = Adjudication.objects.standing().filter(item=item)
    return standing.select_related("task", "label").order_by("-id").first()


def _lock(project: Project, item_id: int) -> Item:
    """Lock an item, as `want_look` does, so that no task is opened for it meanwhile.

    Its live task comes first: whoever answers or decides locks in that order, too.
    """
    live = Task.objects.filter(project=project, item=item_id).exclude(state=TaskState.CLOSED)
    for pk in live.values_list("pk", flat=True):
        lock_task(pk)
    items = Item.with_deleted.filter(project=project).select_for_update(no_key=True)
    item = items.filter(pk=item_id).first()
    if item is None:
        raise Conflict(NOT_STANDING)
    if item.deletion_id is not None:
        raise Conflict(DELETED)
    return item


def _new_case(item: Item) -> Task:
    return Task.objects.create(
        project_id=item.project_id,
        item=item,
        reason=TaskReason.REPORT,
        priority=PRIORITY,
        wanted=0,
        blind=item.split == Split.HOLDOUT,
        state=TaskState.REVIEW,
    )


def _set_aside(decision: Adjudication, task: Task, user: User, reason: str, note: str) -> Task:
    Reopening.objects.create(decision=decision, task=task, reopened_by=user, reason=reason)
    withdraw_open(task)
    before, task.state, task.closed_at = task.state, TaskState.REVIEW, None
    task.note = "\n".join(filter(None, [task.note, note]))
    task.save(update_fields=["state", "closed_at", "note"])
    derive(task.item)
    record(
        project=task.project,
        actor=user,
        verb="reopened" if reason else "took back the decision on",
        subject=task,
        before=before,
        after=TaskState.REVIEW,
        reason=reason,
    )
    return task
