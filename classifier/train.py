"""What a training worker does with a run: freeze, train each recipe, measure, store."""

import errno
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import structlog
from django.db import transaction

from classifier import artifacts, recipes
from classifier.evaluate import judge, save_evaluation
from classifier.measure import Holdout, Opponent, holdout_of, measure, opponent_of
from classifier.models import DatasetSnapshot, ModelVersion, TrainingRun
from classifier.progress import WHOLE, Stretch
from classifier.recipes import RECIPES, Recipe, RecipeError
from classifier.recipes.artifact import ArtifactError, LoadedModel, read_artifact, write_artifact
from classifier.recipes.folds import out_of_fold
from classifier.recipes.temperature import temperature_of
from classifier.recipes.text import join_text
from classifier.snapshot import freeze_snapshot
from labeling import jobs
from labeling.errors import DomainError
from labeling.events import record
from labeling.models import JobState, Split

SNAPSHOT_SHARE = 5
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Material:
    """What every recipe of a run works with."""

    snapshot: DatasetSnapshot
    texts: Sequence[str]
    labels: Sequence[str]
    holdout: Holdout
    opponent: Opponent | None


def run_training(run_id: int) -> None:
    """Do the work of a run if it waits for a worker; its row tells how that went.

    A run that was taken up again keeps its snapshot and the models that were finished. Nothing is
    raised: a failure is written on the row, and a run that is no longer this worker's is left.
    """
    run = TrainingRun.objects.filter(pk=run_id).first()
    if run is None or not jobs.claim(run):
        return
    with jobs.heartbeat(run), suppress(jobs.JobLost):
        try:
            _train(run)
        except jobs.JobLost:
            log.info("training run stopped", run=run.pk, attempt=run.attempt)
            raise
        except Exception as error:
            log.exception("training run failed", run=run.pk)
            jobs.end(run, run.project, state=JobState.FAILED, failure=reason_of(error))
        else:
            jobs.end(run, run.project, state=JobState.SUCCEEDED)


def reason_of(error: Exception) -> str:
    """Return why a run failed, for the person who started it: never a path or a traceback."""
    if isinstance(error, DomainError | RecipeError | ArtifactError):
        return str(error)
    if isinstance(error, MemoryError):
        return "The worker ran out of memory. Give it more, or choose a smaller vocabulary."
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return "The worker's disk is full. Make room and retrain; finished models are kept."
    return "Something broke that should not. An operator finds the details in the worker's log."


def _train(run: TrainingRun) -> None:
    material = _material(run)
    finished = set(run.model_versions.values_list("recipe", flat=True))
    names = sorted(run.recipes, key=_ladder)
    width = (WHOLE - SNAPSHOT_SHARE) / len(names)
    for place, name in enumerate(names):
        low = SNAPSHOT_SHARE + place * width
        stretch = Stretch(run, name, low, low + width)
        if name in finished:
            stretch("kept from an earlier attempt", 1.0)
        else:
            _train_recipe(run, material, name, stretch)
    jobs.report(run, stage="done", done=WHOLE, total=WHOLE, line="done")


def _ladder(name: str) -> int:
    return list(RECIPES).index(name) if name in RECIPES else len(RECIPES)


def _material(run: TrainingRun) -> Material:
    jobs.report(run, stage="snapshotting", done=0, total=WHOLE, line="freezing the labeled items")
    snapshot = run.snapshot or _freeze(run)
    rows = list(snapshot.rows.filter(split=Split.POOL).order_by("id"))
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
    recipe, temperature = _fit(run, material, name, stretch)
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
        stretch("evaluating on the holdout", 0.92)
        _publish(run, material, loaded, folder, seconds)
    stretch("stored as a candidate", 1.0)


def _fit(
    run: TrainingRun, material: Material, name: str, stretch: Stretch
) -> tuple[Recipe[Any], float]:
    kind = recipes.get(name)
    parameters = kind.parameters_type.from_dict(run.recipes[name])
    try:
        held_out = out_of_fold(
            kind, parameters, material.texts, material.labels, progress=stretch.part(0.0, 0.6)
        )
        model = kind(parameters)
        model.fit(material.texts, material.labels, progress=stretch.part(0.6, 0.9))
    except RecipeError as error:
        raise RecipeError(f"{name}: {error}") from error
    temperature = temperature_of(held_out)
    stretch(f"temperature {temperature:.2f}", 0.9)
    return model, temperature


def _publish(
    run: TrainingRun, material: Material, loaded: LoadedModel, folder: Path, seconds: float
) -> None:
    measured = measure(loaded, material.holdout)
    evaluation = judge(loaded, measured, material.holdout, material.opponent)
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
        record(
            project=run.project,
            actor=run.created_by,
            verb="trained",
            subject=model,
            after=model.stage,
            reason=f"run {run.number}",
        )
