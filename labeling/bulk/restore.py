"""Bringing deleted items back."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from labeling.bulk.selection import chunks, lock
from labeling.errors import Conflict
from labeling.events import record
from labeling.looks import bar_holders, lock_task
from labeling.models import (
    Assignment,
    Deletion,
    Item,
    ItemStatus,
    LookState,
    Project,
    Task,
    TaskState,
)
from labeling.resolve import derive, settle


@transaction.atomic
def restore(*, project: Project, actor: User | None, deletion_id: int) -> Deletion:
    """Bring the items of a deletion back, with what they waited for.

    Labels are derived again from the answers and decisions, which a deletion leaves alone.

    Raises:
        Conflict: they are back already.
        Deletion.DoesNotExist: the project has no such deletion.
    """
    won = Deletion.objects.filter(project=project, pk=deletion_id, restored_at=None).update(
        restored_at=timezone.now()
    )
    deletion = Deletion.objects.get(project=project, pk=deletion_id)
    if not won:
        raise Conflict("These items were restored already.")
    gone = Item.with_deleted.filter(deletion=deletion).order_by("pk")
    ids = list(gone.values_list("pk", flat=True))
    lock(project, ids)
    for part in chunks(ids):
        _bring_back(part, deletion, actor)
    record(
        project=project,
        actor=actor,
        verb="restored items",
        subject=deletion,
        after=f"{len(ids):,} items",
    )
    return deletion


def _bring_back(part: Sequence[int], deletion: Deletion, actor: User | None) -> None:
    items = Item.with_deleted.filter(pk__in=part)
    items.update(deletion=None)
    closed = Task.objects.filter(item__in=part, closed_at=deletion.created_at)
    found = set(closed.values_list("pk", flat=True))
    cases = sorted(found.intersection(deletion.in_review))
    opened = sorted(found.difference(cases))
    _reopen(cases, TaskState.REVIEW, ItemStatus.REVIEW)
    _reopen(opened, TaskState.OPEN, ItemStatus.WAITING)
    _free_looks(opened)
    _settle_started(opened, actor)
    for item in items.filter(_with_evidence()).distinct():
        derive(item)


def _reopen(tasks: Sequence[int], state: TaskState, status: ItemStatus) -> None:
    reopened = Task.objects.filter(pk__in=tasks)
    reopened.update(state=state, closed_at=None)
    Item.objects.filter(pk__in=reopened.values("item")).update(status=status)


def _free_looks(tasks: Sequence[int]) -> None:
    """Ask for the first looks at tasks again, as many as each wanted."""
    looks = Assignment.objects.filter(task__in=tasks, state=LookState.WITHDRAWN)
    wanted = looks.filter(slot__lte=F("task__wanted")).values_list("pk", flat=True)
    for part in chunks(list(wanted)):
        Assignment.objects.filter(pk__in=part).update(state=LookState.FREE)


def _settle_started(tasks: Sequence[int], actor: User | None) -> None:
    """Bring tasks at which somebody has looked, or may look alone, to what is still wanted."""
    held = [LookState.DONE, LookState.SKIPPED]
    looked = Assignment.objects.filter(task__in=tasks, state__in=held)
    limited = Task.objects.filter(pk__in=tasks).exclude(reserved=[], barred=[])
    begun = {*looked.values_list("task_id", flat=True), *limited.values_list("pk", flat=True)}
    for pk in sorted(begun):
        task = lock_task(pk)
        bar_holders(task)
        settle(task, actor=actor)


def _with_evidence() -> Q:
    return Q(annotations__isnull=False) | Q(adjudications__isnull=False)
