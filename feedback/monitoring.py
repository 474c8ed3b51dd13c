"""What the models have done of late, and what waits for people because of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Min, Q
from django.db.models.functions import TruncDate
from django.utils import timezone

from classifier.models import Prediction, Route
from feedback.models import Report
from labeling.models import Project, Task, TaskReason, TaskState

DAYS = 14
REPORTS_SHOWN = 20


@dataclass(frozen=True)
class Day:
    """How many predictions of a day were accepted, and how many went to people."""

    day: date
    accepted: int
    review: int

    @property
    def total(self) -> int:
        """All predictions of the day."""
        return self.accepted + self.review


@dataclass(frozen=True)
class LowConfidence:
    """Looks at uncertain predictions that people still owe, and since when the oldest waits."""

    count: int
    oldest: datetime | None


def by_day(project: Project, *, days: int = DAYS) -> list[Day]:
    """Return the predictions of the last days, today included, the oldest day first."""
    today = timezone.localdate()
    first = today - timedelta(days=days - 1)
    counts = (
        Prediction.objects.filter(
            project=project, created_at__gte=timezone.now() - timedelta(days=days)
        )
        .order_by()
        .values_list(TruncDate("created_at"))
        .annotate(
            accepted=Count("pk", filter=Q(route=Route.ACCEPT)),
            review=Count("pk", filter=Q(route=Route.REVIEW)),
        )
    )
    found = {day: Day(day, accepted, review) for day, accepted, review in counts}
    dates = (first + timedelta(days=offset) for offset in range(days))
    return [found.get(day, Day(day, 0, 0)) for day in dates]


def low_confidence(project: Project) -> LowConfidence:
    """Return what waits in the low-confidence queue of a project."""
    # The last condition is that of the index task_by_reason.
    tasks = Task.objects.filter(
        ~Q(reason=TaskReason.NEW), project=project, reason=TaskReason.LOW_CONFIDENCE
    )
    waiting = tasks.exclude(state=TaskState.CLOSED)
    return LowConfidence(**waiting.aggregate(count=Count("pk"), oldest=Min("created_at")))


def latest_reports(project: Project) -> Sequence[Report]:
    """Return the newest reports with their prediction and where their case stands."""
    reports = Report.objects.filter(project=project, agrees=False).select_related(
        "prediction__label",
        "prediction__model_version",
        "claimed_label",
        "reported_by",
        "task__item__resolution__label",
    )
    return list(reports.defer("prediction__model_version__manifest")[:REPORTS_SHOWN])
