"""Who reports, how often they were right, and how many cases of theirs a day may open."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import User
from feedback.models import Report
from feedback.statistics.reliability import lower_bound
from labeling.models import ItemStatus, Project, TaskState

KEY_LENGTH = 32


@dataclass(frozen=True)
class Record:
    """How many reports of a reporter people have decided, and how many of those were right."""

    right: int = 0
    decided: int = 0

    @property
    def reliability(self) -> float:
        """The lower bound of the share that is right."""
        return lower_bound(self.right, self.decided)


def key_of(user: User) -> str:
    """Return how reports of a user are told from those of others."""
    return f"user:{user.pk}"


def key_of_address(address: str) -> str:
    """Return the same of somebody without a name; the address itself is not kept."""
    return f"web:{salted_hmac('feedback.reporters', address).hexdigest()[:KEY_LENGTH]}"


def records_of(project: Project, reporters: Iterable[str]) -> Mapping[str, Record]:
    """Return the records of these reporters, in one query.

    A report is right if people settled on another label, or put the item out of scope. What it
    claims the label to be does not count, nor do confirmations.
    """
    same = Q(task__item__resolution__label=F("prediction__label"))
    found = (
        decided(project)
        .filter(reporter__in=set(reporters))
        .order_by()
        .values_list("reporter")
        .annotate(right=Count("pk", filter=~same), decided=Count("pk"))
    )
    known = {reporter: Record(right, count) for reporter, right, count in found}
    return {reporter: known.get(reporter, Record()) for reporter in reporters}


def decided(project: Project) -> QuerySet[Report]:
    """Return the reports of a project that people have decided."""
    settled = Q(task__item__resolution__isnull=False) | Q(
        task__item__status=ItemStatus.OUT_OF_SCOPE
    )
    return Report.objects.filter(
        settled, project=project, agrees=False, task__state=TaskState.CLOSED
    )


def opened_today(project_id: int, reporter: str) -> int:
    """Return how many cases the reports of one reporter have opened or joined today."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return Report.objects.filter(
        project=project_id, reporter=reporter, opened_at__gte=today
    ).count()
