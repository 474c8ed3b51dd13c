"""Steps 1 to 3 of the loop: what came in, what waits for annotators and for reviewers."""

from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.utils import timezone

from labeling.loop import Backlog, StepFigure
from labeling.models import Adjudication, Annotation, Project, ResolutionMethod, TaskState
from labeling.progress import ItemCounts, Waiting, item_counts, waiting

WEEK = 7


def figures(project: Project) -> list[StepFigure]:
    """Return the figures of the steps Data, Labels and Review."""
    counts = item_counts(project)
    return [
        _data(counts),
        _labels(project, waiting(project, TaskState.OPEN)),
        _review(project, waiting(project, TaskState.REVIEW), counts.labeled_today),
    ]


def plural(count: int, noun: str) -> str:
    """Return a count with its noun: `1 item`, `2,000 items`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _data(counts: ItemCounts) -> StepFigure:
    empty = Backlog(1, 0.0, "The project has no items yet.", "Import some")
    return StepFigure(
        step=1,
        count=counts.total,
        note=f"{counts.labeled:,} labeled" if counts.total else "nothing imported yet",
        flow=f"{counts.added_today:,} a day",
        backlog=None if counts.total else empty,
    )


def _labels(project: Project, open_: Waiting) -> StepFigure:
    votes = Annotation.objects.live().filter(project=project)
    day, week = _since(1), _since(WEEK)
    done = votes.filter(created_at__gte=week).aggregate(
        day=Count("pk", filter=Q(created_at__gte=day)), week=Count("pk")
    )
    verb = "waits" if open_.count == 1 else "wait"
    return StepFigure(
        step=2,
        count=open_.count,
        note="" if open_.count else "nothing waits",
        oldest=open_.oldest,
        flow=f"{done['day']:,} a day",
        backlog=Backlog(
            count=open_.count,
            per_day=done["week"] / WEEK / project.overlap,
            sentence=f"{plural(open_.count, 'item')} {verb} for annotators",
            action="Label",
        ),
    )


def _review(project: Project, cases: Waiting, labeled_today: int) -> StepFigure:
    decided = Adjudication.objects.filter(
        project=project, method=ResolutionMethod.ADJUDICATION, created_at__gte=_since(WEEK)
    ).count()
    verb = "waits" if cases.count == 1 else "wait"
    return StepFigure(
        step=3,
        count=cases.count,
        note="" if cases.count else "nothing waits",
        oldest=cases.oldest,
        flow=f"{labeled_today:,} a day",
        backlog=Backlog(
            count=cases.count,
            per_day=decided / WEEK,
            sentence=f"{plural(cases.count, 'case')} {verb} for a reviewer",
            action="Review",
        ),
    )


def _since(days: int) -> datetime:
    return timezone.now() - timedelta(days=days)
