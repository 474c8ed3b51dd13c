"""Why nothing waits for an annotator, and what could bring some."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Exists, QuerySet, Subquery
from django.utils import timezone

from accounts.models import User
from labeling.counting import CountDifferent, CountOf, read_together
from labeling.heads import free_groups
from labeling.looks import read_audience
from labeling.models import (
    Assignment,
    ItemStatus,
    LookState,
    Membership,
    Project,
    Role,
    TaskState,
)
from labeling.pausing import pause_of
from labeling.progress import tasks_in

# Counting further would tell nobody more, and cost more the larger the project is.
COUNTED = 1000
GROUPS = 200
UNLABELED = (ItemStatus.WAITING, ItemStatus.REVIEW, ItemStatus.OUT_OF_SCOPE, ItemStatus.IDLE)


@dataclass(frozen=True)
class NoWork:
    """The reason in a sentence, further facts that explain it, and what a manager could do."""

    title: str
    facts: list[str] = field(default_factory=list)
    no_items: bool = False
    hints: list[str] = field(default_factory=list)


@dataclass
class Counts:
    """How many items wait, by what for; none is counted beyond a limit."""

    after_mine: int = 0
    reserved: int = 0
    nobody: int = 0
    leased: int = 0
    first_back: datetime | None = None
    review: int = 0


def why_nothing_waits(project: Project, user: User, *, role: Role = Role.ANNOTATOR) -> NoWork:
    """Return why `user` has nothing to label in a project at present.

    Args:
        project: whose queue.
        user: a member for whom nothing was found.
        role: the user's role: hints are for managers.
    """
    paused = pause_of(project, user)
    if paused:
        return NoWork(paused)
    found = _read(project, user)
    if not found["any_item"]:
        return NoWork("This project has no items yet.", no_items=True)
    counts = _counts(project, user, found)
    hints = _hints(counts) if role == Role.MANAGER else []
    if not found["any_unlabeled"]:
        said = "New items, uncertain predictions and reports bring new work by themselves."
        return NoWork("Every item has its label.", [said], hints=hints)
    return NoWork("Nothing waits for you at the moment.", _facts(counts), hints=hints)


def _read(project: Project, user: User) -> dict[str, Any]:
    leased = _looks(project).filter(state=LookState.LEASED)
    elsewhere = leased.exclude(annotator=user)
    items = project.items.order_by()
    return read_together(
        project,
        any_item=Exists(items),
        any_unlabeled=Exists(items.filter(status__in=UNLABELED)),
        leased=_tasks_in(elsewhere),
        first_back=Subquery(elsewhere.order_by("lease_expires_at").values("lease_expires_at")[:1]),
        cases=CountOf(tasks_in(project, TaskState.REVIEW)[: COUNTED + 1]),
    )


def _counts(project: Project, user: User, found: Mapping[str, Any]) -> Counts:
    counts = Counts(leased=found["leased"], first_back=found["first_back"], review=found["cases"])
    active = Membership.objects.filter(project=project, paused_at=None, user__is_active=True)
    members = set(active.values_list("user_id", flat=True))
    for audience, count in _free(project).items():
        _count_group(counts, user, members, audience, count)
    return counts


def _free(project: Project) -> dict[str, int]:
    """Return how many tasks have a free look for each audience, counted up to a limit."""
    free = _looks(project).filter(state=LookState.FREE)
    groups = {f"group_{place}": one for place, one in enumerate(free_groups(project)[:GROUPS])}
    if not groups:
        return {}
    looks = {name: _tasks_in(free.filter(audience=one)) for name, one in groups.items()}
    return {groups[name]: count for name, count in read_together(project, **looks).items()}


def _count_group(counts: Counts, user: User, members: set[int], audience: str, count: int) -> None:
    """Add the items whose free looks have one audience to what they wait for."""
    only, without = read_audience(audience)
    able = (only & members if only else members) - without
    if not able:
        counts.nobody += count
    elif user.pk in without:
        counts.after_mine += count
    elif only and user.pk not in only:
        counts.reserved += count


def _looks(project: Project) -> QuerySet[Assignment]:
    # What checks somebody else is no work that could come.
    return Assignment.objects.filter(project=project, task__state=TaskState.OPEN)


def _tasks_in(looks: QuerySet[Assignment]) -> CountDifferent:
    return CountDifferent(looks.order_by().values("task")[: COUNTED + 1])


def _facts(counts: Counts) -> list[str]:
    back = _clock(counts.first_back)
    said = [
        (counts.after_mine, "for somebody else's look after yours."),
        (counts.reserved, "for the people whom a manager reserved {them} for."),
        (counts.leased, f"with other annotators right now{back}."),
        (counts.review, "for a reviewer's decision."),
        (counts.nobody, "for a look that nobody of the team is left to give."),
    ]
    return [f"{_items(count)} {rest.format(them=_them(count))}" for count, rest in said if count]


def _hints(counts: Counts) -> list[str]:
    said = [
        (counts.nobody, "Add a member, or send the items that nobody can look at to a reviewer."),
        (counts.reserved, "Let everybody have the reserved items, on the Items page."),
        (counts.review, "Decide the cases on the Review page."),
        (1, "Import items, or raise the looks at each item for those that come in from now on."),
    ]
    return [hint for count, hint in said if count]


def _clock(when: datetime | None) -> str:
    if when is None:
        return ""
    return f"; the first comes back at {timezone.localtime(when):%H:%M} if it is not answered"


def _them(count: int) -> str:
    return "it" if count == 1 else "them"


def _items(count: int) -> str:
    if count > COUNTED:
        return f"More than {COUNTED:,} items wait"
    return "1 item waits" if count == 1 else f"{count:,} items wait"
