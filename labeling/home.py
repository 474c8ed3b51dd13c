"""What a project's home shows of the work: what is left, how fast it goes, who is active."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import (
    Avg,
    CharField,
    Count,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce, TruncHour
from django.utils import timezone

from accounts.models import User
from labeling.models import (
    CHECK_PRIORITY,
    Annotation,
    Assignment,
    ItemStatus,
    Label,
    LookState,
    Project,
    Resolution,
    Task,
    TaskReason,
    TaskState,
)
from labeling.statistics.finish import Finish, estimate_finish

DAYS, HOURS, WEEK = 30, 24, 7
PACE_DAYS = 14


@dataclass(frozen=True)
class Person:
    """One person's share in the work: answers since midnight UTC and of 7 days, and their pace."""

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
    """The figures of a project at a moment. Days and hours are those of UTC."""

    at: datetime
    left: Left
    days: list[tuple[date, int]]
    hours: list[tuple[datetime, int]]
    finish: Finish
    labels: list[tuple[Label, int]]
    people: list[Person]


@dataclass(frozen=True)
class _Hour:
    """What one person answered in one hour."""

    user: int
    hour: datetime
    count: int
    seconds: float | None
    last: datetime


def home_of(project: Project) -> Home:
    """Count a project's figures now, in four queries."""
    now = timezone.now()
    given = _given(project, now)
    left = left_of(project)
    days = _by_day(given, now)
    return Home(
        at=now,
        left=left,
        days=days,
        hours=_by_hour(given, now),
        finish=estimate_finish(left.looks, [answers for _, answers in days[-PACE_DAYS:]]),
        labels=_by_label(project),
        people=_people(project, given, now),
    )


def left_of(project: Project) -> Left:
    """Return what waits in a project, counted in the indexes by one query."""
    tasks = Task.objects.filter(project=project, state=TaskState.OPEN)
    looks = Assignment.objects.filter(
        project=project, state__in=[LookState.FREE, LookState.LEASED]
    ).exclude(priority=CHECK_PRIORITY)
    counted = _counted("item", project.items.all(), "status").union(
        _counted("task", tasks, "reason"), _counted("look", looks, "state"), all=True
    )
    found: dict[str, dict[str, int]] = {"item": {}, "task": {}, "look": {}}
    for kind, value, number in counted:
        found[kind][value] = number
    return Left(
        items={ItemStatus(status): number for status, number in found["item"].items()},
        looks=sum(found["look"].values()),
        reasons={TaskReason(reason): number for reason, number in found["task"].items()},
    )


def _counted(kind: str, rows: "QuerySet[Any]", name: str) -> "QuerySet[Any, Any]":
    named = rows.order_by().annotate(kind=Value(kind, output_field=CharField()))
    counted: QuerySet[Any, Any] = named.values_list("kind", name).annotate(count=Count("pk"))
    return counted


def _given(project: Project, now: datetime) -> list[_Hour]:
    """Return the answers of the last days by person and hour, without those that came in."""
    since = now - timedelta(days=DAYS)
    answers = Annotation.objects.live().filter(
        project=project, imported=False, created_at__gte=since
    )
    rows = (
        answers.annotate(hour=TruncHour("created_at", tzinfo=UTC))
        .order_by()
        .values_list("annotator_id", "hour")
        .annotate(count=Count("pk"), seconds=Avg("seconds"), last=Max("created_at"))
    )
    return [_Hour(*row) for row in rows]


def _by_day(given: Iterable[_Hour], now: datetime) -> list[tuple[date, int]]:
    counts: Counter[date] = Counter()
    for one in given:
        counts[one.hour.date()] += one.count
    days = [now.date() - timedelta(days=back) for back in reversed(range(DAYS))]
    return [(day, counts[day]) for day in days]


def _by_hour(given: Iterable[_Hour], now: datetime) -> list[tuple[datetime, int]]:
    counts: Counter[datetime] = Counter()
    for one in given:
        counts[one.hour] += one.count
    this_hour = now.replace(minute=0, second=0, microsecond=0)
    hours = [this_hour - timedelta(hours=back) for back in reversed(range(HOURS))]
    return [(hour, counts[hour]) for hour in hours]


def _by_label(project: Project) -> list[tuple[Label, int]]:
    labels = project.labels.annotate(
        count=Coalesce(Subquery(_resolved(project), output_field=IntegerField()), 0)
    )
    return [(label, label.count) for label in labels]


def _resolved(project: Project) -> "QuerySet[Any, Any]":
    mine = Resolution.objects.filter(project=project, label=OuterRef("pk")).order_by()
    return mine.values("label").annotate(count=Count("pk")).values("count")


def _people(project: Project, given: Iterable[_Hour], now: datetime) -> list[Person]:
    """Return who answered in the last days, by name: speed ranks nobody."""
    by_user: dict[int, list[_Hour]] = defaultdict(list)
    for one in given:
        by_user[one.user].append(one)
    held = Count("assignments", filter=Q(assignments__project=project, assignments__state="leased"))
    users = User.objects.filter(pk__in=list(by_user)).annotate(holds=held).order_by("username")
    return [_person(user, by_user[user.pk], user.holds, now) for user in users]


def _person(user: User, hours: list[_Hour], holds: int, now: datetime) -> Person:
    week = [one for one in hours if one.hour > now - timedelta(days=WEEK)]
    timed = [one for one in hours if one.seconds is not None]
    counted = sum(one.count for one in timed)
    spent = sum((one.seconds or 0.0) * one.count for one in timed)
    return Person(
        user=user,
        today=sum(one.count for one in hours if one.hour.date() == now.date()),
        week=sum(one.count for one in week),
        seconds=spent / counted if counted else None,
        last=max(one.last for one in hours),
        holds=holds,
    )
