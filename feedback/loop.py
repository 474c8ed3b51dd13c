"""Step 8 of the loop: predictions that came back to people."""

from datetime import timedelta

from django.db.models import Count, Min, Q
from django.utils import timezone

from labeling.loop import Backlog, StepFigure
from labeling.models import Project, Task, TaskReason, TaskState

WEEK = 7
RETURNED = (TaskReason.LOW_CONFIDENCE, TaskReason.REPORT, TaskReason.AUDIT)


def figures(project: Project) -> list[StepFigure]:
    """Return the figure of the step Feedback."""
    now = timezone.now()
    is_closed = Q(state=TaskState.CLOSED)
    found = Task.objects.filter(project=project, reason__in=RETURNED).aggregate(
        waiting=Count("pk", filter=~is_closed),
        reports=Count("pk", filter=~is_closed & Q(reason=TaskReason.REPORT)),
        oldest=Min("created_at", filter=~is_closed),
        day=Count("pk", filter=is_closed & Q(closed_at__gte=now - timedelta(days=1))),
        week=Count("pk", filter=is_closed & Q(closed_at__gte=now - timedelta(days=WEEK))),
    )
    waiting, reports = found["waiting"], found["reports"]
    subject = "1 answer" if waiting == 1 else f"{waiting:,} answers"
    of_reports = f", {reports:,} of them reported as wrong," if reports else ""
    return [
        StepFigure(
            step=8,
            count=waiting,
            note=_note(waiting, reports),
            oldest=found["oldest"],
            flow=f"{found['day']:,} a day",
            backlog=Backlog(
                count=waiting,
                per_day=found["week"] / WEEK,
                sentence=f"{subject} of the model{of_reports} came back to people",
                action="See them",
            ),
        )
    ]


def _note(waiting: int, reports: int) -> str:
    if not waiting:
        return "nothing came back"
    return f"{waiting - reports:,} unsure, {reports:,} reported"
