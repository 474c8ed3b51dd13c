"""Dating the demo's past work, so that its pages show days and not one instant."""

from datetime import timedelta

from django.utils import timezone

from labeling.models import (
    Adjudication,
    Annotation,
    Assignment,
    Event,
    ImportJob,
    Item,
    Project,
    Resolution,
    Task,
)

DAYS = 12


def spread_over_days(project: Project) -> None:
    """Spread the votes evenly over the last days, up to an hour ago; the rest follows them."""
    end = timezone.now() - timedelta(hours=1)
    start = end - timedelta(days=DAYS)
    for kind in (Item, Task, ImportJob, Event):
        kind.objects.filter(project=project).update(created_at=start)
    Project.objects.filter(pk=project.pk).update(created_at=start)
    Resolution.objects.filter(project=project).update(resolved_at=start)
    Adjudication.objects.filter(project=project).update(created_at=start)
    votes = list(Annotation.objects.filter(project=project).select_related("assignment"))
    step = (end - start) / max(len(votes), 1)
    for place, vote in enumerate(votes):
        vote.created_at = vote.assignment.done_at = start + step * place
    Annotation.objects.bulk_update(votes, ["created_at"], batch_size=200)
    Assignment.objects.bulk_update([v.assignment for v in votes], ["done_at"], batch_size=200)
    _date_outcomes(project, votes)


def _date_outcomes(project: Project, votes: list[Annotation]) -> None:
    latest = {vote.item_id: vote.created_at for vote in votes}
    decisions = list(Adjudication.objects.filter(project=project, item__in=latest))
    for decision in decisions:
        decision.created_at = latest[decision.item_id] + timedelta(hours=1)
    Adjudication.objects.bulk_update(decisions, ["created_at"], batch_size=200)
    decided = {decision.item_id: decision.created_at for decision in decisions}
    resolutions = list(Resolution.objects.filter(project=project, item__in=latest))
    for resolution in resolutions:
        resolution.resolved_at = decided.get(resolution.item_id, latest[resolution.item_id])
    Resolution.objects.bulk_update(resolutions, ["resolved_at"], batch_size=200)
    closed = list(Task.objects.filter(project=project, item__in=latest, closed_at__isnull=False))
    for task in closed:
        task.closed_at = decided.get(task.item_id, latest[task.item_id])
    Task.objects.bulk_update(closed, ["closed_at"], batch_size=200)
