"""Counts of what is done, what waits and since when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Avg, Count, Min, Q
from django.utils import timezone

from accounts.models import User
from labeling.models import Annotation, Assignment, LookState, Project, Split, Task, TaskState


@dataclass(frozen=True)
class Waiting:
    """How many tasks wait, and since when the oldest has."""

    count: int
    oldest: datetime | None


@dataclass(frozen=True)
class ItemCounts:
    """A project's items by where they stand."""

    total: int
    labeled: int
    holdout: int
    added_today: int
    labeled_today: int

    @property
    def unlabeled(self) -> int:
        """Items without a label."""
        return self.total - self.labeled


@dataclass(frozen=True)
class Today:
    """One annotator's day, and what the project still has for that annotator."""

    done: int
    seconds: float | None
    left: int
    total: int


def item_counts(project: Project) -> ItemCounts:
    """Return the project's items by where they stand; today is the last 24 hours."""
    day = timezone.now() - timedelta(days=1)
    return ItemCounts(
        **project.items.aggregate(
            total=Count("pk"),
            labeled=Count("resolution"),
            holdout=Count("pk", filter=Q(split=Split.HOLDOUT)),
            added_today=Count("pk", filter=Q(created_at__gte=day)),
            labeled_today=Count("pk", filter=Q(resolution__resolved_at__gte=day)),
        )
    )


def waiting(project: Project, state: TaskState) -> Waiting:
    """Return how many tasks of a project are in a state, and the age of the oldest."""
    found = Task.objects.filter(project=project, state=state).aggregate(
        count=Count("pk"), oldest=Min("created_at")
    )
    return Waiting(**found)


def today_of(project: Project, user: User) -> Today:
    """Return what the user did in the last 24 hours and what waits for that user."""
    day = timezone.now() - timedelta(days=1)
    done = (
        Annotation.objects.live()
        .filter(project=project, annotator=user, created_at__gte=day)
        .aggregate(done=Count("pk"), seconds=Avg("seconds"))
    )
    looks = Assignment.objects.filter(project=project)
    left = looks.filter(
        Q(state=LookState.FREE) & ~Q(audience__contains=f"-{user.pk},")
        | Q(state=LookState.LEASED, annotator=user)
    )
    given = looks.filter(state=LookState.DONE, annotator=user).count()
    tasks_left = left.aggregate(tasks=Count("task", distinct=True))["tasks"]
    return Today(left=tasks_left, total=tasks_left + given, **done)


def reviewable(project: Project, user: User) -> int:
    """Return how many cases wait that this reviewer may decide."""
    cases = Task.objects.filter(project=project, state=TaskState.REVIEW)
    return cases.exclude(
        item__annotations__annotator=user, item__annotations__label__isnull=False
    ).count()
