"""Keeping a member from getting work for a while."""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from labeling.access import Access
from labeling.errors import Conflict, Invalid, Missing
from labeling.events import record
from labeling.leasing import give_back, held_by
from labeling.models import Membership, Project

REASON_LIMIT = 200


@transaction.atomic
def pause(*, access: Access, membership_id: int, reason: str) -> Membership:
    """Give a member no more looks and take back what the member holds.

    An answer to a look that was held still counts while nobody else has taken the look.

    Raises:
        Invalid: no reason, or one that is too long.
        Missing: the person is no member.
        Conflict: the person is paused already.
    """
    reason = reason.strip()
    if not 0 < len(reason) <= REASON_LIMIT:
        raise Invalid(f"reason: write 1 to {REASON_LIMIT} characters; the person reads it.")
    member = _member(access.project, membership_id)
    if member.paused_at is not None:
        raise Conflict(f"{member.user} is paused already.")
    return stop(member, actor=access.user, reason=reason)


def stop(member: Membership, *, actor: User | None, reason: str) -> Membership:
    """Pause a locked member, inside a transaction.

    Args:
        member: one who is not paused, with project and user.
        actor: who does it; None is Tagloop itself.
        reason: why; the member reads it.
    """
    project = member.project
    member.paused_at, member.paused_by, member.pause_reason = timezone.now(), actor, reason
    member.save(update_fields=["paused_at", "paused_by", "pause_reason"])
    give_back(project, member.user, held_by(project, member.user), actor=actor)
    record(
        project=project,
        actor=actor,
        verb="paused",
        subject=member,
        after=member.user.username,
        reason=reason,
    )
    return member


@transaction.atomic
def resume(*, access: Access, membership_id: int) -> Membership:
    """Let a paused member get looks again.

    Where Tagloop itself paused the member, only gold items from now on are held against them.

    Raises:
        Missing: the person is no member.
        Conflict: the person is not paused.
    """
    member = _member(access.project, membership_id)
    if member.paused_at is None:
        raise Conflict(f"{member.user} is not paused.")
    if member.paused_by_id is None:
        member.judged_from = timezone.now()
    member.paused_at, member.paused_by, member.pause_reason = None, None, ""
    member.save(update_fields=["paused_at", "paused_by", "pause_reason", "judged_from"])
    record(
        project=access.project,
        actor=access.user,
        verb="resumed",
        subject=member,
        after=member.user.username,
    )
    return member


def pause_of(project: Project, user: User) -> str:
    """Return who paused a user and why, in a sentence; empty where nobody did."""
    found = Membership.objects.filter(project=project, user=user, paused_at__isnull=False)
    member = found.select_related("paused_by").first()
    if member is None:
        return ""
    who = f" by {member.paused_by}" if member.paused_by else ""
    return f"You are paused{who}: {member.pause_reason}"


def _member(project: Project, membership_id: int) -> Membership:
    locked = project.memberships.select_for_update(of=("self",))
    found = locked.select_related("user", "project")
    member = found.filter(pk=membership_id).first()
    if member is None:
        raise Missing("This person is no longer a member.")
    return member
