"""What a project's home shows of the work: what is left, how fast it goes, who is active."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, TypeVar

from django.db.models import Avg, Count, Max, OuterRef, Q
from django.utils import timezone

from accounts.models import User
from labeling.counting import CountOf, read_together
from labeling.models import (
    CHECK_PRIORITY,
    RARE_REASONS,
    Annotation,
    Assignment,
    ItemStatus,
    Label,
    LookState,
    Project,
    Task,
    TaskReason,
    TaskState,
)
from labeling.progress import label_counts, tasks_in
from labeling.statistics.finish import Finish, estimate_finish

Period = TypeVar("Period", date, datetime)
Starts = list[tuple[Period, datetime]]
DAYS, HOURS, WEEK = 30, 24, 7
PACE_DAYS = 14


@dataclass(frozen=True)
class Person:
    """One person's share in the work: answers since midnight and of 7 days, and their pace."""

    user: User
    today: int
    week: int
    seconds: float | None
    last: datetime
    holds: int


@dataclass(frozen=True)
class Left:
    """What waits: items by status, looks that are free or being given, open tasks by reason."""

    items: dict[ItemStatus, int]
    looks: int
    reasons: dict[TaskReason, int]

    @property
    def total(self) -> int:
        """All items."""
        return sum(self.items.values())


@dataclass(frozen=True)
class Home:
    """The figures of a project at a moment. Days and hours are those of the zone of `at`."""

    at: datetime
    left: Left
    days: list[tuple[date, int]]
    hours: list[tuple[datetime, int]]
    finish: Finish
    labels: list[tuple[Label, int]]
    people: list[Person]


def home_of(project: Project, zone: tzinfo = UTC) -> Home:
    """Count a project's figures now, in five queries.

    Args:
        project: whose figures.
        zone: where days and hours begin.
    """
    now = timezone.now().astimezone(zone)
    left = left_of(project)
    days, hours = _days(now), _hours(now)
    counts = _over_time(project, days, hours)
    by_day = [(day, count) for (day, _), count in zip(days, counts, strict=False)]
    by_hour = [(hour, count) for (hour, _), count in zip(hours, counts[DAYS:], strict=True)]
    return Home(
        at=now,
        left=left,
        days=by_day,
        hours=by_hour,
        # Today is not over: what was answered so far is not the pace of a day.
        finish=estimate_finish(left.looks, counts[DAYS - PACE_DAYS - 1 : DAYS - 1]),
        labels=label_counts(project),
        people=_people(project, now),
    )


def left_of(project: Project) -> Left:
    """Return what waits in a project, counted in the indexes by one query."""
    # A check is leased and not what waits; nothing else has its priority.
    looks = Assignment.objects.filter(project=project).order_by()
    open_ = tasks_in(project, TaskState.OPEN)
    # Said like this, the few of them are read from task_by_reason, not all open ones.
    rare = Task.objects.filter(~Q(reason=TaskReason.NEW), project=project)
    rare = rare.exclude(state__in=[TaskState.REVIEW, TaskState.CLOSED])
    leased = looks.filter(state=LookState.LEASED).exclude(priority=CHECK_PRIORITY)
    found = read_together(
        project,
        free=CountOf(looks.filter(state=LookState.FREE)),
        leased=CountOf(leased),
        open=CountOf(open_),
        **{f"status_{one}": CountOf(project.items.filter(status=one)) for one in ItemStatus},
        **{f"reason_{one}": CountOf(rare.filter(reason=one)) for one in RARE_REASONS},
    )
    reasons = {TaskReason(one): found[f"reason_{one}"] for one in RARE_REASONS}
    reasons = {TaskReason.NEW: found["open"] - sum(reasons.values())} | reasons
    return Left(
        items={one: found[f"status_{one}"] for one in ItemStatus if found[f"status_{one}"]},
        looks=found["free"] + found["leased"],
        reasons={reason: number for reason, number in reasons.items() if number},
    )


def _over_time(project: Project, days: Starts[date], hours: Starts[datetime]) -> list[int]:
    """Return the answers of each day, then of each hour: counts of parts of one index."""
    given = Annotation.objects.filter(project=project).order_by()
    parts = [(start, timedelta(days=1)) for _, start in days]
    parts += [(start, timedelta(hours=1)) for _, start in hours]
    counts = {
        f"part_{place}": CountOf(given.given_since(start).filter(created_at__lt=start + length))
        for place, (start, length) in enumerate(parts)
    }
    return list(read_together(project, **counts).values())


def _days(now: datetime) -> Starts[date]:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    starts = [midnight - timedelta(days=back) for back in reversed(range(DAYS))]
    return [(start.date(), start) for start in starts]


def _hours(now: datetime) -> Starts[datetime]:
    this_hour = now.replace(minute=0, second=0, microsecond=0).astimezone(UTC)
    past = (this_hour - timedelta(hours=back) for back in reversed(range(HOURS)))
    return [(start.astimezone(now.tzinfo), start) for start in past]


def _people(project: Project, now: datetime) -> list[Person]:
    """Return who answered in the last 7 days, by name: speed ranks nobody."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    given = Annotation.objects.given_since(now - timedelta(days=WEEK)).filter(project=project)
    # By their keys: else SQLite would read all answers in the order of their givers.
    rows = (
        Annotation.objects.filter(pk__in=given.values("pk"))
        .order_by()
        .values("annotator")
        .annotate(
            today=Count("pk", filter=Q(created_at__gte=midnight)),
            week=Count("pk"),
            seconds=Avg("seconds"),
            last=Max("created_at"),
        )
    )
    shares: list[dict[str, Any]] = [dict(row) for row in rows]
    found = {share.pop("annotator"): share for share in shares}
    held = Assignment.objects.filter(
        project=project, annotator=OuterRef("pk"), state=LookState.LEASED
    )
    users = User.objects.filter(pk__in=found).annotate(holds=CountOf(held.order_by()))
    return [Person(user, **found[user.pk], holds=user.holds) for user in users.order_by("username")]
