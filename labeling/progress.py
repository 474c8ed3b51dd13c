"""Counts of what is done, what waits and since when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from labeling.models import Annotation, Project, Split, Task, TaskState

# A count on every page must not cost more where more waits.
COUNTED_UP_TO = 1_000


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


def cases_for(user: User | AnonymousUser) -> QuerySet[Task]:
    """Return the cases that wait for a reviewer and hold no answer of this user."""
    answers = Annotation.objects.filter(
        item=OuterRef("item"), annotator=user.pk, label__isnull=False
    )
    return Task.objects.filter(~Exists(answers), state=TaskState.REVIEW)
