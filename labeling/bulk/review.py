"""Sending items to a reviewer."""

from collections.abc import Sequence

from django.db import transaction

from accounts.models import User
from labeling.bulk.selection import call_off, chunks, live_tasks, lock
from labeling.events import record
from labeling.models import Item, ItemStatus, Project, Split, Task, TaskReason, TaskState

NOTE = "Sent to review from the list of items."


@transaction.atomic
def send_to_review(*, project: Project, actor: User | None, items: Sequence[int]) -> int:
    """Let a reviewer decide these items; return how many did not wait for one already.

    Looks that were not given are withdrawn. An item that nothing is asked about gets a case.
    """
    lock(project, items)
    sent = sum(_send(project, part) for part in chunks(items))
    record(
        project=project,
        actor=actor,
        verb="sent to review",
        subject=project,
        after=f"{sent:,} of {len(items):,} items",
    )
    return sent


def _send(project: Project, part: Sequence[int]) -> int:
    live = live_tasks(part)
    opened = list(live.filter(state=TaskState.OPEN).values_list("pk", flat=True))
    asked = set(live.values_list("item_id", flat=True))
    call_off(opened)
    Task.objects.filter(pk__in=opened).update(state=TaskState.REVIEW)
    idle = Item.objects.filter(pk__in=part).exclude(pk__in=asked)
    cases = [_case(project, pk, split) for pk, split in idle.values_list("pk", "split")]
    Task.objects.bulk_create(cases)
    Item.objects.filter(pk__in=part).update(status=ItemStatus.REVIEW)
    return len(opened) + len(cases)


def _case(project: Project, item_id: int, split: str) -> Task:
    return Task(
        project=project,
        item_id=item_id,
        reason=TaskReason.REPORT,
        wanted=0,
        blind=split == Split.HOLDOUT,
        note=NOTE,
        state=TaskState.REVIEW,
    )
