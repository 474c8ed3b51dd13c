"""Steps 1 to 3 of the loop: what came in, what waits for annotators and for reviewers."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from labeling.counting import CountOf, read_together
from labeling.loop import Backlog, Headline, StepFigure
from labeling.models import (
    Adjudication,
    Annotation,
    Item,
    Project,
    Resolution,
    ResolutionMethod,
    TaskState,
)
from labeling.progress import items_of, oldest_case, oldest_open, tasks_in
from labeling.statistics.wording import plural

WEEK = 7


def figures(project: Project) -> list[StepFigure]:
    """Return the figures of the steps Data, Labels and Review, from one query."""
    found = _read(project)
    return [_data(found), _labels(project, found), _review(found)]


def _read(project: Project) -> dict[str, Any]:
    day, week = _since(1), _since(WEEK)
    given = Annotation.objects.filter(project=project).order_by()
    labeled = Resolution.objects.filter(project=project).order_by()
    decided = Adjudication.objects.filter(project=project, created_at__gte=week).order_by()
    return read_together(
        project,
        total=CountOf(items_of(project)),
        labeled=CountOf(labeled),
        added_today=CountOf(Item.with_deleted.filter(project=project, created_at__gte=day)),
        labeled_today=CountOf(labeled.filter(resolved_at__gte=day)),
        open=CountOf(tasks_in(project, TaskState.OPEN)),
        open_since=oldest_open(project),
        cases=CountOf(tasks_in(project, TaskState.REVIEW)),
        cases_since=oldest_case(project),
        given_today=CountOf(given.given_since(day)),
        given_in_week=CountOf(given.given_since(week)),
        decided=CountOf(decided.filter(method=ResolutionMethod.ADJUDICATION)),
    )


def _data(found: dict[str, Any]) -> StepFigure:
    empty = Backlog(1, 0.0, "The project has no items yet.", "Import some")
    return StepFigure(
        step=1,
        count=found["total"],
        note=f"{found['labeled']:,} labeled" if found["total"] else "nothing imported yet",
        flow=f"{found['added_today']:,} a day",
        headlines=[_labeled(found)] if found["total"] else [],
        backlog=None if found["total"] else empty,
    )


def _labeled(found: dict[str, Any]) -> Headline:
    return Headline(
        name="Labeled",
        value=f"{found['labeled'] / found['total']:.0%}",
        note=f"{found['labeled']:,} of {found['total']:,} items",
        route="items",
        query="status=labeled",
    )


def _labels(project: Project, found: dict[str, Any]) -> StepFigure:
    count = found["open"]
    verb = "waits" if count == 1 else "wait"
    return StepFigure(
        step=2,
        count=count,
        note="" if count else "nothing waits",
        oldest=found["open_since"],
        flow=f"{found['given_today']:,} a day",
        backlog=Backlog(
            count=count,
            per_day=found["given_in_week"] / WEEK / project.overlap,
            sentence=f"{plural(count, 'item')} {verb} for annotators",
            action="Label",
        ),
    )


def _review(found: dict[str, Any]) -> StepFigure:
    count = found["cases"]
    verb = "waits" if count == 1 else "wait"
    return StepFigure(
        step=3,
        count=count,
        note="" if count else "nothing waits",
        oldest=found["cases_since"],
        flow=f"{found['labeled_today']:,} a day",
        backlog=Backlog(
            count=count,
            per_day=found["decided"] / WEEK,
            sentence=f"{plural(count, 'case')} {verb} for a reviewer",
            action="Review",
        ),
    )


def _since(days: int) -> datetime:
    return timezone.now() - timedelta(days=days)
