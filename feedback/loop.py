"""Step 8 of the loop: predictions that came back to people."""

from datetime import timedelta

from django.db.models import Count, Min, Q
from django.utils import timezone

from labeling.loop import StepFigure
from labeling.models import Project, Task, TaskReason, TaskState


def figures(project: Project) -> list[StepFigure]:
    """Return the figure of the step Feedback.

    What came back waits in the queues of Labels and Review, and holds the loop up there.
    """
    day = timezone.now() - timedelta(days=1)
    is_closed = Q(state=TaskState.CLOSED)
    # What did not come as a new item came back.
    found = Task.objects.filter(~Q(reason=TaskReason.NEW), project=project).aggregate(
        waiting=Count("pk", filter=~is_closed),
        reports=Count("pk", filter=~is_closed & Q(reason=TaskReason.REPORT)),
        oldest=Min("created_at", filter=~is_closed),
        day=Count("pk", filter=is_closed & Q(closed_at__gte=day)),
    )
    waiting, reports = found["waiting"], found["reports"]
    return [
        StepFigure(
            step=8,
            count=waiting,
            note=_note(waiting, reports),
            oldest=found["oldest"],
            flow=f"{found['day']:,} a day",
        )
    ]


def _note(waiting: int, reports: int) -> str:
    if not waiting:
        return "nothing came back"
    return f"{waiting - reports:,} unsure, {reports:,} reported"
