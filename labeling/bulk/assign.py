"""Keeping items for members, or letting everybody have them again."""

from collections.abc import Sequence

from django.db import transaction

from accounts.models import User
from labeling.access import Access
from labeling.bulk.selection import lock
from labeling.errors import Invalid
from labeling.models import Project, Role
from labeling.reserving import reserve


@transaction.atomic
def assign(*, project: Project, actor: User, items: Sequence[int], members: Sequence[int]) -> str:
    """Let only these members have what waits of these items; with none of them, everybody again.

    Returns:
        What was done, in words.

    Raises:
        Invalid: somebody is no member of the project.
    """
    lock(project, items)
    access = Access(project, actor, Role.MANAGER)
    done = reserve(access=access, item_ids=items, user_ids=members)
    waiting = f"{done.items:,} waiting item{'' if done.items == 1 else 's'}"
    if not members:
        return f"{waiting} may be had by everybody again."
    names = project.memberships.filter(user__in=members).order_by("user__username")
    kept = f"{waiting} kept for {', '.join(names.values_list('user__username', flat=True))}."
    return f"{kept} {_stuck(done.stuck)}" if done.stuck else kept


def _stuck(count: int) -> str:
    if count == 1:
        return "Nobody can take 1 of them: everybody named has looked at it. Name somebody else."
    return f"Nobody can take {count:,} of them: everybody named has looked. Name somebody else."


def members_named(project: Project, names: Sequence[str]) -> list[int]:
    """Return the ids of a project's members with these user names.

    Raises:
        Invalid: one is no member.
    """
    found = dict(
        project.memberships.filter(user__username__in=names).values_list(
            "user__username", "user_id"
        )
    )
    unknown = next((name for name in names if name not in found), None)
    if unknown is not None:
        raise Invalid(f"members: '{unknown[:150]}' is no member of this project.")
    return list(found.values())
