"""A small real model, trained on thirty rows and stored like any other."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import transaction

from classifier import artifacts
from classifier.models import DatasetSnapshot, Evaluation, ModelVersion, Stage, TrainingRun
from classifier.recipes.artifact import Manifest, write_artifact
from classifier.recipes.keywords import KeywordsRecipe
from labeling.models import JobState, Project

WORDS = {"alpha": "apple apricot avocado", "beta": "banana berry", "gamma": "grape guava"}
SURE = {label: f"{words} {words}" for label, words in WORDS.items()}
UNSURE = "something else entirely"


@cache
def _recipe(turned: bool) -> KeywordsRecipe:
    names = list(WORDS)
    recipe = KeywordsRecipe()
    texts = [f"{WORDS[name]} number {row}" for name in names for row in range(10)]
    told = names[1:] + names[:1] if turned else names
    recipe.fit(texts, [name for name in told for _ in range(10)])
    return recipe


def store_artifact(project: Project, number: int, *, turned: bool = False) -> Manifest:
    """Store the files of a model; a turned one says beta where the other says alpha."""
    with TemporaryDirectory() as scratch:
        folder = Path(scratch) / "model"
        manifest = write_artifact(
            folder, _recipe(turned), temperature=1.0, snapshot_hash=f"snapshot {number}"
        )
        artifacts.store(folder, artifacts.folder_of(project, number))
    return manifest


def make_model(
    project: Project, *, stage: Stage = Stage.CHAMPION, turned: bool = False
) -> ModelVersion:
    """Make the next model of a project, with its run, snapshot, evaluation and files."""
    number = project.model_versions.count() + 1
    manifest = store_artifact(project, number, turned=turned)
    snapshot = DatasetSnapshot.objects.create(
        project=project,
        number=number,
        hash=f"snapshot {number}",
        labels=list(WORDS),
        training_rows=30,
        holdout_rows=10,
    )
    run = TrainingRun.objects.create(
        project=project,
        number=number,
        recipes={"keywords": {}},
        snapshot=snapshot,
        state=JobState.SUCCEEDED,
    )
    model = ModelVersion.objects.create(
        project=project,
        number=number,
        run=run,
        snapshot=snapshot,
        recipe="keywords",
        stage=stage,
        artifact=artifacts.folder_of(project, number),
        artifact_hash=manifest.hash,
        manifest=manifest.to_dict(),
        train_seconds=0.1,
    )
    _evaluate(model)
    return model


@transaction.atomic
def promote(model: ModelVersion) -> None:
    """Make a model the champion, as an approval does."""
    others = ModelVersion.objects.filter(project=model.project, stage=Stage.CHAMPION)
    others.update(stage=Stage.RETIRED)
    ModelVersion.objects.filter(pk=model.pk).update(stage=Stage.CHAMPION)


def _evaluate(model: ModelVersion) -> None:
    Evaluation.objects.create(
        model_version=model,
        rows=10,
        weighted_f1=0.9,
        overall={"weighted_f1": {"value": 0.9, "low": 0.8, "high": 1.0}},
        per_class=[],
        confusion=[],
        slices=[],
        calibration={},
        comparison={},
        checks=[],
        passed=True,
    )
