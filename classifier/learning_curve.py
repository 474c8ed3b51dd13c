"""Is more labeling worth it? Asked of a model, answered by a worker in a bounded time."""

import time
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
from celery import signature
from django.db import transaction
from django.shortcuts import get_object_or_404

from classifier import recipes
from classifier.failures import reason_of
from classifier.metrics.classification import predicted_labels
from classifier.metrics.learning_curve import (
    FOLDS,
    SHARES,
    Predict,
    Rows,
    learning_curve,
    outlook,
)
from classifier.models import LearningCurve, ModelVersion, SnapshotRow
from classifier.recipes import RecipeError
from classifier.recipes.folds import take
from classifier.recipes.text import join_text
from labeling import jobs
from labeling.access import Access
from labeling.errors import Conflict
from labeling.events import record
from labeling.models import JobState, Project, Split

BUDGET_SECONDS = 300.0
TRAININGS = len(SHARES) * FOLDS


@transaction.atomic
def ask_learning_curve(*, access: Access, number: int) -> LearningCurve:
    """Queue the learning curve of a model; one that was measured before is measured anew.

    Raises:
        Http404: the project has no such model.
        Conflict: it is being measured.
    """
    Project.objects.select_for_update(no_key=True).get(pk=access.project.pk)
    models = access.project.model_versions.select_related("learning_curve")
    model: ModelVersion = get_object_or_404(models, number=number)
    before: LearningCurve | None = getattr(model, "learning_curve", None)
    if before is not None and before.active:
        raise Conflict(f"The learning curve of model {number} is being measured: wait for it.")
    if before is not None:
        before.delete()
    curve = LearningCurve.objects.create(
        model_version=model, created_by=access.user, total=TRAININGS
    )
    record(
        project=access.project,
        actor=access.user,
        verb="asked for the learning curve of",
        subject=model,
    )
    transaction.on_commit(lambda: nudge(curve), robust=True)
    return curve


def run_learning_curve(curve_id: int) -> None:
    """Measure a curve if it waits for a worker; its row tells how that went."""
    curve = LearningCurve.objects.filter(pk=curve_id).first()
    if curve is None or not jobs.claim(curve):
        return
    project = curve.model_version.project
    with jobs.working(curve, project, reason_of):
        _measure(curve)
        jobs.end(curve, project, state=JobState.SUCCEEDED)


def nudge_waiting_curves() -> None:
    """Requeue or fail the curves whose worker died, and tell workers of all that wait."""
    for curve in jobs.recover(LearningCurve):
        nudge(curve)


def nudge(curve: LearningCurve) -> None:
    """Tell a training worker that a curve waits."""
    signature("classifier.tasks.learning_curve", args=(curve.pk,)).apply_async()


def _measure(curve: LearningCurve) -> None:
    model = curve.model_version
    rows = list(model.snapshot.rows.filter(split=Split.POOL).order_by("id"))
    deadline = time.monotonic() + BUDGET_SECONDS

    def begin(share: float, fold: int) -> bool:
        done = SHARES.index(share) * FOLDS + fold
        stage = f"{share:.0%} of the labels, part {fold + 1} of {FOLDS}"
        jobs.report(curve, stage=stage, done=done, total=TRAININGS)
        return time.monotonic() < deadline

    labels = [row.label for row in rows]
    predict = _pupils(model, rows)
    points = learning_curve(predict, labels, seed=model.run.seed, begin=begin)
    ahead = outlook(points)
    with transaction.atomic():
        jobs.check(curve)
        curve.points = [asdict(point) for point in points]
        curve.outlook = asdict(ahead) | {"worthwhile": ahead.worthwhile} if ahead else None
        curve.save(update_fields=["points", "outlook"])
    jobs.report(curve, stage="done", done=TRAININGS, total=TRAININGS)


def _pupils(model: ModelVersion, rows: Sequence[SnapshotRow]) -> Predict:
    """Return what trains as the model was trained, on a part of its rows."""
    kind = recipes.get(model.recipe)
    settings = kind.parameters_type.from_dict(model.manifest["parameters"])
    texts = [join_text(row.title, row.body) for row in rows]
    labels = [row.label for row in rows]
    weights = np.array([row.weight for row in rows])

    def predict(train: Rows, test: Rows) -> list[str] | None:
        pupil = kind(settings)
        try:
            pupil.fit(take(texts, train), take(labels, train), weights=weights[train])
        except RecipeError:
            return None
        return predicted_labels(pupil.predict_proba(take(texts, test)), pupil.labels)

    return predict
