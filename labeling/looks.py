"""The rows that stand for single looks at a task. Callers hold the task's lock."""

from collections.abc import Iterable
from datetime import timedelta

from django.utils import timezone
from django.utils.crypto import get_random_string

from accounts.models import User
from labeling.models import Assignment, LookState, Membership, Project, Task

HELD = (LookState.LEASED, LookState.DONE, LookState.SKIPPED)
STANDING = (LookState.FREE, LookState.LEASED)
TAKEN = tuple(state for state in LookState if state != LookState.FREE)
LEASE = (
    *("state", "annotator", "token", "tab", "leased_at", "lease_expires_at", "done_at"),
    "suggestion_shown",
)


def lock_task(task_id: int) -> Task:
    """Lock a task, and by convention all its looks, until the transaction ends."""
    return (
        Task.objects.select_for_update(of=("self",))
        .select_related("project", "item")
        .get(pk=task_id)
    )


def lock_task_of(project: Project, assignment_id: int) -> Task | None:
    """Lock the task of a look of this project; None where it has no such look."""
    look = Assignment.objects.filter(project=project, pk=assignment_id)
    locked = Task.objects.select_for_update(of=("self",))
    task = locked.filter(pk=look.values("task")[:1]).first()
    if task is not None:
        task.project = project
    return task


def audience_of(reserved: Iterable[int], barred: Iterable[int]) -> str:
    """Write who may have a look: `+5,+6,-3,`; nothing where everybody may."""
    only = "".join(f"+{pk}," for pk in sorted(set(reserved)))
    without = "".join(f"-{pk}," for pk in sorted(set(barred)))
    return only + without


def read_audience(audience: str) -> tuple[set[int], set[int]]:
    """Return who alone may have a look, and who may not."""
    signed = [int(pk) for pk in audience.split(",") if pk]
    return {pk for pk in signed if pk > 0}, {-pk for pk in signed if pk < 0}


def holders_of(looks: Iterable[Assignment]) -> set[int]:
    """Return who holds, gave or skipped one of these looks, and so may not have another."""
    held = (look for look in looks if look.state in HELD)
    return {look.annotator_id for look in held if look.annotator_id is not None}


def barred_from(task: Task, looks: Iterable[Assignment]) -> set[int]:
    """Return who may not have a look at a task: holders of its item's looks, and its senders."""
    return holders_of(looks) | set(task.barred)


def bar_holders(task: Task, looks: Iterable[Assignment] | None = None) -> None:
    """Write into a task's free looks who may have them.

    Nobody gets one who had a look at the item, nor a reviewer who sent the task back.

    Args:
        task: a locked task.
        looks: all looks at its item, where they were read under that lock.
    """
    if looks is None:
        looks = Assignment.objects.filter(task__item=task.item_id)
    looks = list(looks)
    audience = audience_of(task.reserved, barred_from(task, looks))
    free = [look for look in looks if look.task_id == task.pk and look.state == LookState.FREE]
    stale = [look for look in free if look.audience != audience]
    for look in stale:
        look.audience = audience
    if stale:
        Assignment.objects.filter(pk__in=[look.pk for look in stale]).update(audience=audience)


def bar_from_others(look: Assignment, user: User) -> None:
    """Keep the free looks beside one that was just leased from the same user."""
    only, without = read_audience(look.audience)
    # Said like this, the looks are found by their task: PostgreSQL would read the index of all that
    # are free.
    beside = Assignment.objects.filter(task=look.task_id).exclude(state__in=TAKEN)
    beside.update(audience=audience_of(only, without | {user.pk}))


def keep_for_checked(task: Task, looks: Iterable[Assignment]) -> None:
    """Keep the look of a check that came back for the one whom it checks."""
    audience = audience_of(task.reserved, ())
    for look in looks:
        if look.state == LookState.FREE and look.audience != audience:
            look.audience = audience
            look.save(update_fields=["audience"])


def anybody_left(task: Task, looks: Iterable[Assignment]) -> bool:
    """Tell whether a member is left, and not paused, who may have one more look at the item."""
    members = Membership.objects.filter(
        project=task.project_id, paused_at=None, user__is_active=True
    ).exclude(user__in=barred_from(task, looks))
    if task.reserved:
        members = members.filter(user__in=task.reserved)
    return members.exists()


def lease(look: Assignment, user: User, *, minutes: int, tab: str = "") -> Assignment:
    """Give a look to a user for some minutes, with a token that only this lease knows."""
    now = timezone.now()
    look.state, look.annotator, look.tab = LookState.LEASED, user, tab
    look.token = get_random_string(24)
    look.leased_at, look.lease_expires_at = now, now + timedelta(minutes=minutes)
    look.done_at, look.suggestion_shown = None, look.task.shown_by_chance
    look.save(update_fields=LEASE)
    return look


def release(look: Assignment) -> bool:
    """Take a lease back, unless it was renewed since the look was read: the look is free again.

    It keeps its token: an answer that comes late still counts while nobody has taken the look.
    """
    lease_as_read = Assignment.objects.filter(
        pk=look.pk, state=LookState.LEASED, lease_expires_at=look.lease_expires_at
    )
    freed = lease_as_read.update(
        state=LookState.FREE, annotator=None, tab="", lease_expires_at=None
    )
    if freed:
        look.state, look.annotator, look.tab, look.lease_expires_at = LookState.FREE, None, "", None
    return bool(freed)


def withdraw(looks: Iterable[Assignment]) -> None:
    """Call looks off, leased ones too: else their holders would answer what nobody asks."""
    called_off = list(looks)
    if not called_off:
        return
    for look in called_off:
        look.state, look.annotator, look.lease_expires_at = LookState.WITHDRAWN, None, None
        look.audience = look.token = look.tab = ""
    Assignment.objects.filter(pk__in=[look.pk for look in called_off]).update(
        state=LookState.WITHDRAWN,
        audience="",
        annotator=None,
        token="",
        tab="",
        lease_expires_at=None,
    )


def withdraw_open(task: Task, looks: Iterable[Assignment] | None = None) -> None:
    """Call off all looks that were not given yet.

    Args:
        task: a locked task.
        looks: looks at its item, where they were read under that lock.
    """
    looks = Assignment.objects.filter(task=task) if looks is None else looks
    withdraw(look for look in looks if look.task_id == task.pk and look.state in STANDING)
