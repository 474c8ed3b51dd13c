"""Who holds which looks, for how long, and how they come back."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import User
from labeling.dossier import Dossier, read
from labeling.errors import Missing
from labeling.heads import best_look, task_to_wait_for
from labeling.looks import bar_from_others, lease, lock_task, lock_task_of, release
from labeling.models import Assignment, LookState, Membership, Project, Task
from labeling.resolve import settle

EXPIRED_AT_ONCE = 50
WAITS = 5
SILENT_AFTER = timedelta(minutes=2)
# A program that names no tab, and the page without scripts.
NEVER_RENEW = {""}
MISSING = "This item is no longer in the queue."

WITH_CASE = Assignment.objects.select_related("task__item", "task__suggestion", "task__project")


def locked(project: Project, assignment_id: int) -> tuple[Task, Dossier]:
    """Lock the task of a look, and read all that is known of its item.

    Raises:
        Missing: there is no such look in this project.
    """
    task = lock_task_of(project, assignment_id)
    if task is None:
        raise Missing(MISSING)
    return task, read(task.item_id, task)


def held_by(project: Project, user: User, tab: str | None = None) -> dict[int, int]:
    """Return the tasks of the looks that a user holds, or one tab of the user, by look."""
    held = Assignment.objects.filter(project=project, annotator=user, state=LookState.LEASED)
    if tab is not None:
        held = held.filter(tab=tab)
    return dict(held.values_list("pk", "task_id"))


def give_back(project: Project, user: User, held: Mapping[int, int], *, actor: User | None) -> None:
    """Release looks that a user holds, inside a transaction; those lost meanwhile are let be.

    Args:
        project: whose queue.
        user: whose looks.
        held: the looks and their tasks, as `held_by` returns them.
        actor: who wants them back; None is Tagloop itself.
    """
    # In the order of their tasks, which is the same for everybody, against a deadlock.
    for pk in sorted(held, key=lambda pk: held[pk]):
        task, known = locked(project, pk)
        look = known.look(pk)
        if look.state == LookState.LEASED and look.annotator_id == user.pk and release(look):
            settle(task, actor=actor, known=known)


def leases_of(project: Project, user: User) -> list[Assignment]:
    """Return what a user holds, after freeing what has expired, whosever it was."""
    now = timezone.now()
    paused = Membership.objects.filter(project=project, user=user, paused_at__isnull=False)
    found = Assignment.objects.filter(
        Q(annotator=user) | Q(lease_expires_at__lte=now), project=project, state=LookState.LEASED
    ).annotate(paused=Exists(paused.filter(project=OuterRef("project"))))
    looks = list(found.order_by("leased_at", "id"))
    mine = [
        look
        for look in looks
        if look.annotator_id == user.pk and not look.paused and not _ended(look, now)
    ]
    for look in [look for look in looks if look not in mine][:EXPIRED_AT_ONCE]:
        _free(project, look)
    return [*mine]


def without_closed_tabs(
    project: Project, user: User, mine: list[Assignment], tab: str
) -> list[Assignment]:
    """Give back what silent tabs of a user hold once the user begins in another; return the rest.

    An open page renews its leases every minute. One that was closed without a word, or lies in the
    background, does not. A tab that holds something goes on undisturbed, and what no tab is named
    for is kept for the whole lease: nothing renews it.

    Args:
        project: whose queue.
        user: who asks for work.
        mine: what the user holds.
        tab: the tab that asks.
    """
    if any(look.tab == tab for look in mine):
        return mine
    renewed = timezone.now() - SILENT_AFTER
    heard = {look.tab for look in mine if _renewed_since(look, renewed, project.lease_minutes)}
    silent = {look.tab for look in mine} - heard - NEVER_RENEW
    for look in mine:
        if look.tab in silent:
            _free(project, look)
    return [look for look in mine if look.tab not in silent]


def _renewed_since(look: Assignment, moment: datetime, minutes: int) -> bool:
    expires = look.lease_expires_at
    return expires is not None and expires - timedelta(minutes=minutes) >= moment


def _ended(look: Assignment, now: datetime) -> bool:
    return look.lease_expires_at is None or look.lease_expires_at <= now


@transaction.atomic
def _free(project: Project, lapsed: Assignment) -> None:
    task, known = locked(project, lapsed.pk)
    look = known.look(lapsed.pk)
    unchanged = look.token == lapsed.token and look.lease_expires_at == lapsed.lease_expires_at
    if look.state == LookState.LEASED and unchanged and release(look):
        settle(task, actor=None, known=known)


def renew(project: Project, user: User, held: list[int]) -> list[Assignment]:
    """Extend leases to a full period and return those that were not lost meanwhile."""
    if not held:
        return []
    expires = timezone.now() + timedelta(minutes=project.lease_minutes)
    mine = Assignment.objects.filter(annotator=user, state=LookState.LEASED)
    for pk in held:
        # Row by row: locks on several at once could deadlock.
        mine.filter(pk=pk).update(lease_expires_at=expires)
    still = WITH_CASE.filter(pk__in=held, annotator=user, state=LookState.LEASED)
    return list(still.order_by("leased_at", "id"))


def lease_best(project: Project, user: User, tab: str) -> Assignment | None:
    """Lease the best free look to a tab of a user; None where there is none."""
    look = _lease_unlocked(project, user, tab)
    # What others hold locked at this moment is as a rule free again in the next.
    for _ in range(WAITS):
        task_id = None if look is not None else task_to_wait_for(project, user)
        if task_id is None:
            break
        look = _lease_unlocked(project, user, tab, after=task_id)
    return look


@transaction.atomic
def _lease_unlocked(
    project: Project, user: User, tab: str, *, after: int | None = None
) -> Assignment | None:
    """Lease the best look that nobody has locked, once the lock of a task was waited for."""
    if after is not None:
        lock_task(after)
    look = best_look(project, user)
    if look is None:
        return None
    look.task.project = project
    lease(look, user, minutes=project.lease_minutes, tab=tab)
    bar_from_others(look, user)
    return look
