"""Step 8 of the loop: predictions that came back to people, and how right the rest is."""

from datetime import timedelta
from typing import Any

from django.db.models import Q, Subquery
from django.utils import timezone

from feedback.models import OnlineEvaluation
from labeling.counting import CountOf, read_together
from labeling.loop import Headline, StepFigure
from labeling.models import JobState, Project, Task, TaskReason, TaskState


def figures(project: Project) -> list[StepFigure]:
    """Return the figure of the step Feedback.

    What came back waits in the queues of Labels and Review, and holds the loop up there.
    """
    found = _read(project)
    return [
        StepFigure(
            step=8,
            count=found["waiting"],
            note=_note(found["waiting"], found["reported"], found["audits"]),
            oldest=found["oldest"],
            flow=f"{found['day']:,} a day",
            headlines=[_accuracy(found["online"])] if found["online"] else [],
        )
    ]


def _read(project: Project) -> dict[str, Any]:
    # What did not come as a new item came back.
    back = Task.objects.filter(~Q(reason=TaskReason.NEW), project=project).order_by()
    waiting = back.exclude(state=TaskState.CLOSED)
    day = timezone.now() - timedelta(days=1)
    online = OnlineEvaluation.objects.filter(project=project, state=JobState.SUCCEEDED)
    return read_together(
        project,
        waiting=CountOf(waiting),
        reported=CountOf(waiting.filter(reason=TaskReason.REPORT)),
        audits=CountOf(waiting.filter(reason=TaskReason.AUDIT)),
        oldest=Subquery(waiting.order_by("created_at").values("created_at")[:1]),
        day=CountOf(back.filter(state=TaskState.CLOSED, closed_at__gte=day)),
        online=Subquery(online.order_by("-id").values("headline")[:1]),
    )


def _note(waiting: int, reports: int, audits: int) -> str:
    if not waiting:
        return "nothing came back"
    parts = [f"{waiting - reports - audits:,} unsure", f"{reports:,} reported"]
    return ", ".join([*parts, f"{audits:,} to audit"] if audits else parts)


def _accuracy(found: dict[str, Any]) -> Headline:
    """Return how right the live models are, or why that is not known."""
    if found["value"] is None:
        return Headline("Live accuracy", "not known", found["reason"], route="monitor-online")
    ends = f"[{found['low']:.3f}, {found['high']:.3f}]"
    return Headline(
        name="Live accuracy",
        value=f"{found['value']:.3f}",
        note=f"{ends} by {found['looks']:,} looks, 28 days",
        route="monitor-online",
    )
