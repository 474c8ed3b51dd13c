"""Removing items, so that they can come back."""

from collections.abc import Sequence

from django.db import transaction

from accounts.models import User
from labeling.bulk.selection import call_off, checks_of, chunks, live_tasks, lock
from labeling.events import record
from labeling.models import (
    Adjudication,
    Deletion,
    Item,
    ItemStatus,
    Project,
    Resolution,
    Task,
    TaskState,
)


@transaction.atomic
def delete_items(*, project: Project, actor: User | None, items: Sequence[int]) -> Deletion:
    """Remove items from every list, queue and training set; `restore` brings them back.

    Their tasks are closed and looks that were not given withdrawn. Answers and decisions stay
    stored; the labels derived from them go.
    """
    lock(project, items)
    deletion = Deletion.objects.create(project=project, created_by=actor)
    for part in chunks(items):
        _close(part, deletion)
        _remove(part, deletion)
    deletion.size = Item.with_deleted.filter(deletion=deletion).count()
    deletion.save(update_fields=["size", "in_review"])
    record(
        project=project,
        actor=actor,
        verb="deleted items",
        subject=deletion,
        after=f"{deletion.size:,} items",
    )
    return deletion


def _close(part: Sequence[int], deletion: Deletion) -> None:
    live = list(live_tasks(part).values_list("pk", "state"))
    deletion.in_review += [pk for pk, state in live if state == TaskState.REVIEW]
    tasks = [pk for pk, _ in live]
    call_off(tasks)
    call_off(list(checks_of(part).values_list("pk", flat=True)))
    # The time tells which tasks the deletion closed: a restoration opens these again.
    Task.objects.filter(pk__in=tasks).update(state=TaskState.CLOSED, closed_at=deletion.created_at)


def _remove(part: Sequence[int], deletion: Deletion) -> None:
    present = Item.objects.filter(pk__in=part)
    decisions = Adjudication.objects.standing().filter(item__in=part)
    decided = set(decisions.values_list("item_id", flat=True))
    present.exclude(pk__in=decided).update(status=ItemStatus.IDLE)
    present.filter(pk__in=decided).update(status=ItemStatus.OUT_OF_SCOPE)
    Resolution.objects.filter(item__in=part).delete()
    present.update(deletion=deletion)
