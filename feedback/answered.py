"""Whom a reviewer's decision answers."""

from feedback.models import Report
from labeling.models import Adjudication


def told_by(decision: Adjudication) -> str:
    """Return how many callers find their report of the item answered; nothing where none did."""
    reports = Report.objects.filter(task=decision.task_id, task__isnull=False)
    count = reports.values("reported_by").distinct().count()
    return f"Reported back to {count} caller{'s'[: count != 1]}." if count else ""
