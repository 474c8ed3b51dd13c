"""The rows that stand for single looks at a task. Callers hold the task's lock."""

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import get_random_string

from accounts.models import User
from labeling.models import Assignment, LookState, Task

HELD = (LookState.LEASED, LookState.DONE, LookState.SKIPPED)


def lock_task(task_id: int) -> Task:
    """Lock a task, and by convention all its looks, until the transaction ends."""
    return (
        Task.objects.select_for_update(of=("self",))
        .select_related("project", "item")
        .get(pk=task_id)
    )


def audience_of(reserved: Iterable[int], barred: Iterable[int]) -> str:
    """Write who may have a look: `+5,+6,-3,`; nothing where everybody may."""
    only = "".join(f"+{pk}," for pk in sorted(set(reserved)))
    without = "".join(f"-{pk}," for pk in sorted(set(barred)))
    return only + without


def bar_holders(task: Task) -> None:
    """Write into a task's free looks who may have them: nobody who had a look at the item."""
    looks = Assignment.objects.filter(task__item=task.item_id, state__in=HELD)
    holders = looks.values_list("annotator_id", flat=True)
    audience = audience_of(task.reserved, (pk for pk in holders if pk is not None))
    free = task.assignments.filter(state=LookState.FREE)
    free.exclude(audience=audience).update(audience=audience)


def add_look(task: Task) -> Assignment:
    """Add one free look."""
    last = task.assignments.order_by("slot").last()
    return Assignment.objects.create(
        project_id=task.project_id,
        task=task,
        slot=last.slot + 1 if last else 1,
        priority=task.priority,
        rank=task.rank,
    )


def lease(look: Assignment, user: User, minutes: int) -> Assignment:
    """Give a look to a user for some minutes, with a token that only this lease knows."""
    look.state = LookState.LEASED
    look.annotator = user
    look.token = get_random_string(24)
    look.lease_expires_at = timezone.now() + timedelta(minutes=minutes)
    look.done_at = None
    look.save(update_fields=["state", "annotator", "token", "lease_expires_at", "done_at"])
    return look


def release(look: Assignment) -> bool:
    """Take a lease back, unless it was renewed since the look was read: the look is free again.

    It keeps its token: an answer that comes late still counts while nobody has taken the look.
    """
    lease_as_read = Assignment.objects.filter(
        pk=look.pk, state=LookState.LEASED, lease_expires_at=look.lease_expires_at
    )
    return bool(lease_as_read.update(state=LookState.FREE, annotator=None, lease_expires_at=None))


def withdraw(looks: QuerySet[Assignment]) -> None:
    """Call looks off, leased ones too: else their holders would answer what nobody asks."""
    looks.update(
        state=LookState.WITHDRAWN, audience="", annotator=None, token="", lease_expires_at=None
    )


def withdraw_open(task: Task) -> None:
    """Call off all looks that were not given yet."""
    withdraw(task.assignments.filter(state__in=[LookState.FREE, LookState.LEASED]))
