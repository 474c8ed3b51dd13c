"""Letting items come earlier or later."""

from collections.abc import Sequence

from django.db import transaction

from accounts.models import User
from labeling.bulk.selection import chunks, live_tasks, lock
from labeling.errors import Invalid
from labeling.events import record
from labeling.models import Assignment, LookState, Project

LOWEST, HIGHEST = -1000, 1000


@transaction.atomic
def prioritise(*, project: Project, actor: User | None, items: Sequence[int], priority: int) -> int:
    """Give what waits of these items a priority; return how many tasks have it now.

    The highest comes first. An item that nothing is asked about keeps having no task.

    Raises:
        Invalid: the priority is beyond -1,000 to 1,000.
    """
    if not LOWEST <= priority <= HIGHEST:
        raise Invalid(f"priority: choose one from {LOWEST:,} to {HIGHEST:,}.")
    lock(project, items)
    changed = sum(_set(part, priority) for part in chunks(items))
    record(
        project=project,
        actor=actor,
        verb="prioritised",
        subject=project,
        after=f"priority {priority}: {changed:,} tasks of {len(items):,} items",
    )
    return changed


def _set(items: Sequence[int], priority: int) -> int:
    free = Assignment.objects.filter(task__in=live_tasks(items), state=LookState.FREE)
    free.update(priority=priority)
    return live_tasks(items).update(priority=priority)
