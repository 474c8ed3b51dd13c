"""How an annotator gets on today, and how much is left."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from accounts.models import User
from labeling.models import Annotation, Assignment, LookState, Project

HOUR = 3600
# Beyond this many nobody needs the exact number, and counting on would cost.
COUNTED = 10_000


@dataclass(frozen=True)
class Pace:
    """One annotator's last 24 hours, and what the project still has for that annotator.

    Attributes:
        done: answers given.
        timed: how many of them say how long they took.
        spent: the seconds that those took together.
        given: answers ever given in the project.
        left: items that wait for this annotator, counted up to 10,000.
    """

    done: int
    timed: int
    spent: float
    given: int
    left: int

    @property
    def seconds(self) -> float | None:
        """Seconds that an answer takes, None where nothing is known."""
        return self.spent / self.timed if self.timed else None

    @property
    def an_hour(self) -> int | None:
        """Answers an hour at this pace, None where nothing is known."""
        return round(HOUR / self.seconds) if self.seconds else None

    @property
    def is_counted(self) -> bool:
        """Whether `left` is the exact number."""
        return self.left <= COUNTED

    @property
    def percent(self) -> int:
        """Share of the annotator's items that is done."""
        total = self.given + self.left
        return round(100 * self.given / total) if total else 0


def pace_of(project: Project, user: User) -> Pace:
    """Return how a user got on in the last 24 hours, and what waits for that user."""
    day = timezone.now() - timedelta(days=1)
    mine = Assignment.objects.filter(project=project, annotator=user, state=LookState.DONE)
    # Read through the looks, whose index by person and time ends the search after this day.
    answers = Annotation.objects.current().filter(
        annotator=user, assignment__in=mine.filter(done_at__gte=day)
    )
    today = answers.aggregate(done=Count("pk"), timed=Count("seconds"), spent=Sum("seconds"))
    return Pace(
        done=today["done"],
        timed=today["timed"],
        spent=today["spent"] or 0.0,
        given=mine.count(),
        left=_waiting(project, user)[: COUNTED + 1].count(),
    )


def _waiting(project: Project, user: User) -> "QuerySet[Assignment, Any]":
    looks = Assignment.objects.filter(project=project)
    reserved = Q(audience__startswith="+") & ~Q(audience__contains=f"+{user.pk},")
    free = Q(state=LookState.FREE) & ~Q(audience__contains=f"-{user.pk},") & ~reserved
    mine = Q(state=LookState.LEASED, annotator=user)
    return looks.filter(free | mine).values("task").distinct()
