"""Steps 4 to 7 of the loop: what was trained, what waits for approval, what serves and answers."""

from datetime import timedelta

from django.db.models import Count, Max
from django.utils import timezone

from classifier.models import DatasetSnapshot, ModelVersion, Prediction, Stage
from classifier.snapshot import require_enough
from labeling.errors import DomainError
from labeling.loop import Backlog, StepFigure
from labeling.models import Project, Resolution

WEEK = timedelta(days=7)


def figures(project: Project) -> list[StepFigure]:
    """Return the figures of the steps Training, Evaluation, Rollout and Inference."""
    standing = project.model_versions.filter(stage__in=[Stage.CANDIDATE, Stage.CHAMPION])
    models = list(standing.select_related("evaluation"))
    champion = next((model for model in models if model.stage == Stage.CHAMPION), None)
    return [
        _training(project),
        _evaluation(models, champion),
        _rollout(champion),
        _inference(project, champion),
    ]


def _training(project: Project) -> StepFigure:
    run = project.runs.first()
    snapshot: DatasetSnapshot | None = project.snapshots.first()
    fresh = Resolution.objects.filter(project=project)
    if snapshot is not None:
        fresh = fresh.filter(resolved_at__gt=snapshot.created_at)
    note = "new labels, never trained" if snapshot is None else "new labels since the last snapshot"
    count = fresh.count()
    return StepFigure(
        step=4,
        count=count,
        note=f"run {run.number} is {run.get_state_display()}" if run and run.active else note,
        flow=_runs(project),
        backlog=_untrained(project, count) if run is None else None,
    )


def _runs(project: Project) -> str:
    count = project.runs.filter(created_at__gte=timezone.now() - WEEK).count()
    return f"{count} a week"


def _untrained(project: Project, labeled: int) -> Backlog | None:
    try:
        require_enough(project)
    except DomainError:
        return None
    sentence = f"{labeled:,} items have labels, and no model has learned from them"
    return Backlog(labeled, 0.0, sentence, "Train the first one")


def _evaluation(models: list[ModelVersion], champion: ModelVersion | None) -> StepFigure:
    """Count the candidates that passed the gate in a run after the champion's."""
    waiting = [
        model
        for model in models
        if model.stage == Stage.CANDIDATE
        and (champion is None or model.run_id > champion.run_id)
        and model.evaluation.passed
    ]
    names = " and ".join(f"model {model.number}" for model in reversed(waiting))
    verb = "has" if len(waiting) == 1 else "have"
    waits = "waits" if len(waiting) == 1 else "wait"
    return StepFigure(
        step=5,
        count=len(waiting),
        note="" if waiting else "nothing waits for approval",
        oldest=min((model.created_at for model in waiting), default=None),
        backlog=Backlog(
            count=len(waiting),
            per_day=0.0,
            sentence=f"{names.capitalize()} {verb} passed the gate and {waits} for approval",
            action="Look and decide",
        ),
    )


def _rollout(champion: ModelVersion | None) -> StepFigure:
    if champion is None:
        return StepFigure(step=6, count="none", note="no champion yet")
    return StepFigure(
        step=6, count=f"model {champion.number}", note=f"{champion.recipe} answers all traffic"
    )


def _inference(project: Project, champion: ModelVersion | None) -> StepFigure:
    day = timezone.now() - timedelta(days=1)
    today = Prediction.objects.filter(project=project, created_at__gte=day).aggregate(
        count=Count("pk"), last=Max("created_at")
    )
    note = "tags in 24 hours" if champion else "needs a champion"
    return StepFigure(step=7, count=today["count"], note=note, flow=f"{today['count']:,} a day")
