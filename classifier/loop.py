"""Steps 4 to 7 of the loop: what was trained, what waits for approval, what serves and answers."""

from datetime import timedelta
from typing import Any

from django.db.models import Exists, QuerySet, Subquery
from django.utils import timezone

from classifier.models import CHALLENGING, Deployment, ModelVersion, Prediction, Route, Stage, Trial
from classifier.snapshot import has_enough
from labeling.counting import CountOf, read_together
from labeling.loop import Backlog, Headline, StepFigure
from labeling.models import JobState, Project, Resolution
from labeling.models.job import ACTIVE

DAY, WEEK = timedelta(days=1), timedelta(days=7)


def figures(project: Project) -> list[StepFigure]:
    """Return the figures of the steps Training, Evaluation, Rollout and Inference."""
    found = _read(project)
    # Without a run there is no model.
    models = list(_standing(project)) if found["run"] else []
    champion = next((model for model in models if model.stage == Stage.CHAMPION), None)
    return [
        _training(project, found),
        _evaluation(models, champion),
        _rollout(
            champion, next((each for each in models if each.stage in CHALLENGING), None), found
        ),
        _inference(found, champion),
    ]


def _standing(project: Project) -> QuerySet[ModelVersion]:
    standing = project.model_versions.filter(
        stage__in=[Stage.CANDIDATE, Stage.CHAMPION, *CHALLENGING]
    )
    return standing.select_related("evaluation").defer("manifest")


def _read(project: Project) -> dict[str, Any]:
    now = timezone.now()
    run = project.runs.order_by("-number")
    snapshot = Subquery(project.snapshots.order_by("-number").values("created_at")[:1])
    labeled = Resolution.objects.filter(project=project).order_by()
    trial = Trial.objects.filter(project=project, ended_at=None).order_by()
    tags = Prediction.objects.filter(project=project, created_at__gte=now - DAY).order_by()
    return read_together(
        project,
        run=Subquery(run.values("number")[:1]),
        run_state=Subquery(run.values("state")[:1]),
        snapshot=snapshot,
        labeled=CountOf(labeled),
        fresh=CountOf(labeled.filter(resolved_at__gt=snapshot)),
        recent_runs=CountOf(project.runs.filter(created_at__gte=now - WEEK).order_by()),
        tags=CountOf(tags),
        accepted=CountOf(tags.filter(route=Route.ACCEPT)),
        threshold=Subquery(
            Deployment.objects.filter(project=project).values("accept_threshold")[:1]
        ),
        by_label=Exists(Deployment.objects.filter(project=project, label_thresholds__isnull=False)),
        share=Subquery(trial.values("share")[:1]),
        tried_since=Subquery(trial.values("started_at")[:1]),
        proposed=Subquery(trial.values("proposed_at")[:1]),
    )


def _training(project: Project, found: dict[str, Any]) -> StepFigure:
    fresh, note = found["fresh"], "new labels since the last snapshot"
    if found["snapshot"] is None:
        fresh, note = found["labeled"], "new labels, never trained"
    if found["run_state"] in ACTIVE:
        note = f"run {found['run']} is {JobState(found['run_state']).label}"
    return StepFigure(
        step=4,
        count=fresh,
        note=note,
        flow=f"{found['recent_runs']} a week",
        route="" if found["run"] else "runs",
        backlog=None if found["run"] else _untrained(project, fresh),
    )


def _untrained(project: Project, labeled: int) -> Backlog | None:
    if not has_enough(project):
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


def _rollout(
    champion: ModelVersion | None, challenger: ModelVersion | None, found: dict[str, Any]
) -> StepFigure:
    if champion is None:
        return StepFigure(step=6, count="none", note="no champion yet")
    note = f"{champion.recipe} answers all traffic"
    if challenger is not None:
        share = f"answers {100 * (found['share'] or 0.0):.3g} %"
        part = share if challenger.stage == Stage.CANARY else "is in shadow"
        note = f"model {challenger.number} {part}"
    return StepFigure(
        step=6,
        count=f"model {champion.number}",
        note=note,
        oldest=found["tried_since"] if challenger else None,
        backlog=_proposed(champion, challenger) if found["proposed"] else None,
        headlines=[
            Headline("Answers", f"model {champion.number}", note, route="rollout"),
        ],
    )


def _proposed(champion: ModelVersion, challenger: ModelVersion | None) -> Backlog | None:
    if challenger is None:
        return None
    sentence = f"Model {challenger.number} has proved better than model {champion.number}"
    return Backlog(1, 0.0, f"{sentence} and waits for promotion", "Look and decide")


def _inference(found: dict[str, Any], champion: ModelVersion | None) -> StepFigure:
    tags = found["tags"]
    note = "tags in 24 hours" if champion else "needs a champion"
    return StepFigure(
        step=7,
        count=tags,
        note=note,
        flow=f"{tags:,} a day",
        headlines=[_accepted(found)] if tags else [],
    )


def _accepted(found: dict[str, Any]) -> Headline:
    """Return how much of a day's tags needed no person, and under which rule."""
    threshold = Deployment().accept_threshold if found["threshold"] is None else found["threshold"]
    rule = f"from {threshold:.3g} on" if threshold <= 1 else "nothing is proven"
    rule = "each label from its own on" if found["by_label"] else rule
    return Headline(
        name="Accepted by itself",
        value=f"{found['accepted'] / found['tags']:.0%}",
        note=f"of {found['tags']:,} tags in 24 h, {rule}",
        route="promise",
    )
