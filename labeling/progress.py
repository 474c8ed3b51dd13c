"""Counts of what is done, what waits and since when."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from accounts.models import User
from labeling.counting import CountOf, read_together
from labeling.decided_before import decided_before
from labeling.models import (
    Annotation,
    Item,
    ItemStatus,
    Label,
    Project,
    Resolution,
    Split,
    Task,
    TaskState,
)

# A count on every page must not cost more where more waits.
COUNTED_UP_TO = 1_000


@dataclass(frozen=True)
class Standing:
    """A project's items by where they stand, and since when the oldest case has waited."""

    total: int
    labeled: int
    holdout: int
    waiting: int
    in_review: int
    oldest_case: datetime | None

    @property
    def unlabeled(self) -> int:
        """Items without a label."""
        return self.total - self.labeled


def standing_of(project: Project) -> Standing:
    """Return the project's items by where they stand, in one query."""
    return Standing(
        **read_together(
            project,
            total=CountOf(items_of(project)),
            labeled=CountOf(Resolution.objects.filter(project=project).order_by()),
            holdout=CountOf(project.items.filter(split=Split.HOLDOUT)),
            waiting=CountOf(tasks_in(project, TaskState.OPEN)),
            in_review=CountOf(tasks_in(project, TaskState.REVIEW)),
            oldest_case=oldest_case(project),
        )
    )


def items_of(project: Project) -> QuerySet[Item]:
    """Return the project's items, in whatever status, so that the index by status counts them."""
    return project.items.filter(status__in=ItemStatus.values).order_by()


def label_counts(project: Project) -> list[tuple[Label, int]]:
    """Return the project's labels in their order, each with how many items have it."""
    mine = Resolution.objects.filter(project=project, label=OuterRef("pk")).order_by()
    return [(label, label.count) for label in project.labels.annotate(count=CountOf(mine))]


def tasks_in(project: Project, state: TaskState) -> QuerySet[Task]:
    """Return the project's tasks in a state, in no order."""
    return Task.objects.filter(project=project, state=state).order_by()


def oldest_case(project: Project) -> Subquery:
    """Return since when the oldest case has waited for a reviewer."""
    cases = tasks_in(project, TaskState.REVIEW).order_by("created_at")
    return Subquery(cases.values("created_at")[:1])


def oldest_open(project: Project) -> Subquery:
    """Return since when the oldest task has waited for annotators.

    Tasks get their ids in the order of their times, and the index of the open ones is by id.
    """
    tasks = tasks_in(project, TaskState.OPEN).order_by("id")
    return Subquery(tasks.values("created_at")[:1])


def cases_for(user: User | AnonymousUser) -> QuerySet[Task]:
    """Return the cases that wait for a reviewer and hold no answer of this user."""
    answers = Annotation.objects.filter(
        item=OuterRef("item"), annotator=user.pk, label__isnull=False
    )
    return Task.objects.filter(~Exists(answers), ~decided_before(user), state=TaskState.REVIEW)
