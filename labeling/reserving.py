"""Keeping items for named members."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction

from labeling.access import Access
from labeling.errors import Invalid
from labeling.events import record
from labeling.looks import audience_of, barred_from, release
from labeling.models import Assignment, LookState, Project, Task, TaskState
from labeling.resolve import settle

AT_ONCE = 500


@dataclass(frozen=True)
class Reserved:
    """How many items are kept for some members, and how many of them none of these may have."""

    items: int
    stuck: int


@transaction.atomic
def reserve(*, access: Access, item_ids: Iterable[int], user_ids: Iterable[int]) -> Reserved:
    """Let only these members have looks at these items; with no member, everybody again.

    What others hold of them goes back at once. Items that wait for nobody are left alone.

    Returns:
        How many items are reserved now, and at how many everybody named has had a look already.

    Raises:
        Invalid: somebody is no member of the project.
    """
    project, users = access.project, sorted(set(user_ids))
    names = _names(project, users)
    tasks = Task.objects.filter(project=project).exclude(state=TaskState.CLOSED)
    ids = sorted(set(item_ids))
    done = stuck = 0
    for start in range(0, len(ids), AT_ONCE):
        wanted = tasks.filter(item__in=ids[start : start + AT_ONCE])
        locked = list(wanted.select_for_update(of=("self",)).order_by("pk"))
        stuck += _reserve(project, access, locked, users)
        done += len(locked)
    record(
        project=project,
        actor=access.user,
        verb="reserved",
        subject=project,
        after=f"{done} item{'' if done == 1 else 's'}",
        reason=f"for {', '.join(names)}" if names else "for everybody",
    )
    return Reserved(done, stuck)


def _names(project: Project, users: Sequence[int]) -> list[str]:
    members = project.memberships.filter(user__in=users).order_by("user__username")
    names = list(members.values_list("user__username", flat=True))
    if len(names) < len(users):
        raise Invalid("members: choose people who are members of this project.")
    return names


def _reserve(project: Project, access: Access, tasks: Sequence[Task], users: list[int]) -> int:
    """Reserve locked tasks; return how many wait for nobody then."""
    Task.objects.filter(pk__in=[task.pk for task in tasks]).update(reserved=users)
    looks: dict[int, list[Assignment]] = defaultdict(list)
    of_items = Assignment.objects.filter(task__item__in=[task.item_id for task in tasks])
    for look in of_items.select_related("task"):
        looks[look.task.item_id].append(look)
    for task in tasks:
        task.reserved, task.project = users, project
        _take_back(task, looks[task.item_id], access)
    _write_audiences(tasks, looks)
    waiting = [task for task in tasks if users and task.state == TaskState.OPEN]
    return sum(set(users) <= barred_from(task, looks[task.item_id]) for task in waiting)


def _take_back(task: Task, looks: Sequence[Assignment], access: Access) -> None:
    leased = [look for look in looks if look.task_id == task.pk and look.state == LookState.LEASED]
    others = [look for look in leased if task.reserved and look.annotator_id not in task.reserved]
    released = [look for look in others if release(look)]
    if released:
        settle(task, actor=access.user)


def _write_audiences(tasks: Sequence[Task], looks: dict[int, list[Assignment]]) -> None:
    """Write who may have the free looks, one statement for each audience."""
    groups: dict[str, list[int]] = defaultdict(list)
    for task in tasks:
        of_item = looks[task.item_id]
        free = [x for x in of_item if x.task_id == task.pk and x.state == LookState.FREE]
        groups[audience_of(task.reserved, barred_from(task, of_item))] += [look.pk for look in free]
    for audience, free_looks in groups.items():
        rows = Assignment.objects.filter(pk__in=free_looks, state=LookState.FREE)
        rows.update(audience=audience)
