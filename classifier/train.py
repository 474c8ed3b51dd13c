"""What a training worker does with a run: freeze, train each recipe, measure, store."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from django.conf import settings
from django.db import transaction

from classifier import artifacts, checkpoints, recipes
from classifier.curves import Curves
from classifier.device import sole_use
from classifier.evaluate import judge, save_evaluation
from classifier.failures import reason_of
from classifier.gate import gate_of
from classifier.interrupt import stopped_when
from classifier.measure import Holdout, Opponent, holdout_of, measure, opponent_of
from classifier.models import DatasetSnapshot, ModelVersion, Phase, RowUse, TrainingRun
from classifier.progress import WHOLE, Stretch, enter, is_lost
from classifier.recipes import RECIPES, Parameters, Recipe, RecipeError, TrainingStopped
from classifier.recipes.artifact import LoadedModel, read_artifact, write_artifact
from classifier.recipes.base import Floats
from classifier.recipes.folds import OutOfFold, out_of_fold
from classifier.recipes.temperature import temperature_of
from classifier.recipes.text import join_text
from classifier.snapshot import freeze_snapshot
from classifier.suspects import keep_out_of_fold
from classifier.tuning import chosen_for, keep, search_parameters
from labeling import jobs
from labeling.events import record
from labeling.models import JobState

SNAPSHOT_SHARE = 5
LEAST_SHARE = 0.05
SEARCH_SHARE = 0.4


@dataclass(frozen=True)
class Material:
    """What every recipe of a run works with."""

    snapshot: DatasetSnapshot
    texts: Sequence[str]
    labels: Sequence[str]
    weights: Floats
    holdout: Holdout
    opponent: Opponent | None


def run_training(run_id: int) -> None:
    """Do the work of a run if it waits for a worker; its row tells how that went.

    A run that was taken up again keeps its snapshot and the models that were finished, and its
    recipes go on from their checkpoints. Nothing is raised: a failure is written on the row, and a
    run that is no longer this worker's is left. While another run has the device, it waits on.
    """
    run = TrainingRun.objects.filter(pk=run_id).first()
    if run is None or not run.active:
        return
    with sole_use() as mine:
        if mine and jobs.claim(run):
            _work(run)
            checkpoints.sweep()


def _work(run: TrainingRun) -> None:
    with jobs.working(run, run.project, reason_of):
        try:
            _train(run)
        except TrainingStopped as stopped:
            raise jobs.JobLost(str(stopped)) from stopped
        jobs.end(run, run.project, state=JobState.SUCCEEDED)


def _train(run: TrainingRun) -> None:
    enter(run, Phase.SNAPSHOTTING)
    material = _material(run)
    finished = set(run.model_versions.values_list("recipe", flat=True))
    names = sorted(run.recipes, key=_ladder)
    ends = accumulate(_shares(run, names), initial=float(SNAPSHOT_SHARE))
    for name, (low, high) in zip(names, pairwise(ends), strict=True):
        curves = Curves(run, name)
        stretch = Stretch(run, name, low, high, checkpoints.folder_of(run, name), curves)
        if name in finished:
            stretch("kept from an earlier attempt", 1.0)
        else:
            _train_recipe(run, material, name, stretch)
            curves.finish()
    jobs.report(run, stage="done", done=WHOLE, total=WHOLE, line="done")


def _ladder(name: str) -> int:
    return list(RECIPES).index(name) if name in RECIPES else len(RECIPES)


def _shares(run: TrainingRun, names: Sequence[str]) -> list[float]:
    """Return how much of the bar each recipe gets: by how long it took when last trained."""
    known = run.project.model_versions.filter(recipe__in=names).order_by("number")
    seconds = dict(known.values_list("recipe", "train_seconds"))
    usual = max(seconds.values(), default=1.0)
    weights = [max(seconds.get(name, usual), LEAST_SHARE * usual) for name in names]
    return [(WHOLE - SNAPSHOT_SHARE) * weight / sum(weights) for weight in weights]


def _material(run: TrainingRun) -> Material:
    jobs.report(run, stage="snapshotting", done=0, total=WHOLE, line="freezing the labeled items")
    snapshot = run.snapshot or _freeze(run)
    rows = list(snapshot.rows.filter(split=RowUse.POOL).order_by("id"))
    holdout = holdout_of(snapshot)
    jobs.report(
        run,
        stage="snapshotting",
        done=SNAPSHOT_SHARE,
        total=WHOLE,
        line=f"snapshot {snapshot.number}: {len(rows)} items to learn from, "
        f"{len(holdout.rows)} held out, {snapshot.near_duplicates} left out as their near-copies",
    )
    jobs.report(run, stage="measuring the champion", done=SNAPSHOT_SHARE, total=WHOLE)
    return Material(
        snapshot=snapshot,
        texts=[join_text(row.title, row.body) for row in rows],
        labels=[row.label for row in rows],
        weights=np.array([row.weight for row in rows]),
        holdout=holdout,
        opponent=opponent_of(run.project, holdout),
    )


def _freeze(run: TrainingRun) -> DatasetSnapshot:
    snapshot = freeze_snapshot(project=run.project, user=run.created_by)
    with transaction.atomic():
        jobs.check(run)
        run.snapshot = snapshot
        run.save(update_fields=["snapshot"])
    return snapshot


def _train_recipe(run: TrainingRun, material: Material, name: str, stretch: Stretch) -> None:
    started = time.monotonic()
    enter(run, Phase.TRAINING, name)
    recipe, held_out = _fit(run, material, name, stretch)
    temperature = temperature_of(held_out)
    stretch(f"temperature {temperature:.2f}", 0.9)
    for warning in recipe.warnings:
        stretch(f"note: {warning}", 0.9)
    with TemporaryDirectory(prefix="tagloop-") as scratch:
        folder = Path(scratch) / "model"
        manifest = write_artifact(
            folder,
            recipe,
            temperature=temperature,
            snapshot_hash=material.snapshot.hash,
            code_version=artifacts.code_version(),
        )
        seconds = time.monotonic() - started
        # Read back, so that what is measured is what will be served.
        loaded = read_artifact(folder, expected_hash=manifest.hash)
        enter(run, Phase.EVALUATING, name)
        stretch("evaluating on the holdout", 0.92)
        _publish(run, material, loaded, folder, seconds, held_out=held_out)
    stretch("stored as a candidate", 1.0)


def _fit(
    run: TrainingRun, material: Material, name: str, stretch: Stretch
) -> tuple[Recipe[Any], OutOfFold | None]:
    kind = recipes.get(name)
    rows = (material.texts, material.labels)
    try:
        parameters, low = _parameters(run, material, kind, stretch)
        with stopped_when(partial(is_lost, run), every_seconds=settings.CANCEL_SECONDS):
            held_out = out_of_fold(
                kind,
                parameters,
                *rows,
                seed=run.seed,
                weights=material.weights,
                progress=stretch.part(low, 0.6, by_stage=True),
            )
            model = kind(parameters)
            model.compare_on(material.holdout.texts)
            model.fit(*rows, weights=material.weights, progress=stretch.part(0.6, 0.9))
    except TrainingStopped:
        raise
    except RecipeError as error:
        raise RecipeError(f"{name}: {error}") from error
    return model, held_out


def _parameters(
    run: TrainingRun, material: Material, kind: type[Recipe[Any]], stretch: Stretch
) -> tuple[Parameters, float]:
    """Return what to train with, and the share of the recipe's work that finding it was."""
    part = stretch.part(0.0, SEARCH_SHARE, drawn=False)
    with stopped_when(partial(is_lost, run), every_seconds=settings.CANCEL_SECONDS):
        found = search_parameters(
            run,
            kind,
            chosen_for(run, kind),
            (material.texts, material.labels),
            weights=material.weights,
            progress=part,
        )
    if found is None:
        return chosen_for(run, kind), 0.0
    keep(run, kind.name, found.best.parameters)
    part(f"tried {len(found.trials)}, F1 out of fold {found.best.f1:.3f}", 1.0)
    return found.best.parameters, SEARCH_SHARE


def _publish(
    run: TrainingRun,
    material: Material,
    loaded: LoadedModel,
    folder: Path,
    seconds: float,
    *,
    held_out: OutOfFold | None,
) -> None:
    measured = measure(loaded, material.holdout)
    limits = gate_of(run.project)
    evaluation = judge(loaded, measured, material.holdout, material.opponent, limits=limits)
    latest = run.project.model_versions.first()
    number = latest.number + 1 if latest else 1
    target = artifacts.folder_of(run.project, number, run.attempt)
    artifacts.store(folder, target)
    with transaction.atomic():
        jobs.check(run)
        model = ModelVersion.objects.create(
            project=run.project,
            number=number,
            run=run,
            snapshot=material.snapshot,
            recipe=loaded.manifest.recipe,
            artifact=target,
            artifact_hash=loaded.manifest.hash,
            manifest=loaded.manifest.to_dict(),
            train_seconds=seconds,
        )
        save_evaluation(
            evaluation=evaluation, model=model, measured=measured, holdout=material.holdout
        )
        keep_out_of_fold(model=model, held_out=held_out)
        record(
            project=run.project,
            actor=run.created_by,
            verb="trained",
            subject=model,
            after=model.stage,
            reason=f"run {run.number}",
        )
