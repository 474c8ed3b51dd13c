"""The worker's part of a run: what it stores, and what becomes of it when something breaks."""

import json
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from accounts.models import User
from classifier import artifacts
from classifier.models import HoldoutPrediction, ModelVersion, TrainingRun
from classifier.recipes import RECIPES, RecipeError
from classifier.recipes.agreement import Agreement, texts_to_compare
from classifier.recipes.linear import LinearRecipe
from classifier.retrain import cancel_run, retrain
from classifier.tasks import recover_stalled, train
from labeling.access import Access
from labeling.models import Event, JobState, Project
from tests.classifier.training.conftest import LabelItems, Trained


class OutOfMemoryError(RuntimeError):
    """What torch raises where a GPU has no memory left, by its name."""


@pytest.fixture
def run(project: Project, manager: User, label_items: LabelItems) -> TrainingRun:
    """A run that waits for its worker."""
    label_items(10)
    return retrain(project=project, user=manager)


def again(run: TrainingRun) -> TrainingRun:
    run.refresh_from_db()
    return run


def die_in(run: TrainingRun, attempt: int = 1) -> None:
    """Leave the run as a worker does that was killed a minute ago."""
    silent = timezone.now() - timedelta(seconds=settings.JOB_STALLED_SECONDS + 30)
    TrainingRun.objects.filter(pk=run.pk).update(
        state=JobState.RUNNING, attempt=attempt, stage="linear: fitting", heartbeat_at=silent
    )


def tamper(model: ModelVersion, name: str) -> None:
    path = f"{model.artifact}/{name}"
    default_storage.delete(path)
    default_storage.save(path, ContentFile(b"{}"))


def test_each_recipe_becomes_a_candidate(run: TrainingRun) -> None:
    train(run.pk)

    models = list(again(run).model_versions.order_by("number"))
    assert (run.state, run.done, run.total, run.failure) == ("succeeded", 100, 100, "")
    assert [(m.number, m.recipe, m.stage) for m in models] == [
        (1, "keywords", "candidate"),
        (2, "linear", "candidate"),
    ]
    assert [m.artifact for m in models] == ["models/test/1-1", "models/test/2-1"]
    assert {m.snapshot for m in models} == {run.snapshot}
    assert all(m.evaluation.rows == 6 and m.train_seconds > 0 for m in models)
    assert HoldoutPrediction.objects.count() == 12


def test_the_stored_artifact_answers_as_it_was_measured(run: TrainingRun) -> None:
    train(run.pk)
    model = ModelVersion.objects.get(recipe="linear")
    answers = model.evaluation.predictions.select_related("row")

    loaded = artifacts.load(model)

    given = loaded.predict_proba([f"{a.row.title}\n{a.row.body}" for a in answers])
    assert loaded.manifest.hash == model.artifact_hash
    assert loaded.manifest.snapshot_hash == model.snapshot.hash
    assert [a.probabilities for a in answers] == given.tolist()
    assert [a.confidence for a in answers] == given.max(axis=1).tolist()


def test_the_log_tells_what_happened(run: TrainingRun) -> None:
    train(run.pk)

    lines = [line.partition(" ")[2] for line in again(run).log.splitlines()]
    assert lines[:2] == [
        "freezing the labeled items",
        "snapshot 1: 24 items to learn from, 6 held out, 0 left out as their near-copies",
    ]
    assert "linear: evaluating on the holdout" in lines
    assert "keywords: checking on fold 1 of 5" in lines
    assert lines[-1] == "done"


def test_the_same_snapshot_gives_the_same_model(run: TrainingRun, trained: Trained) -> None:
    train(run.pk)
    second = trained("keywords", "linear")

    first_hashes = set(run.model_versions.values_list("recipe", "artifact_hash"))
    assert second.snapshot == again(run).snapshot
    assert set(second.model_versions.values_list("recipe", "artifact_hash")) == first_hashes


def test_another_seed_draws_other_folds(run: TrainingRun, project: Project, manager: User) -> None:
    train(run.pk)
    second = retrain(project=project, user=manager, recipes={"linear": {}}, seed=7)
    train(second.pk)

    first = run.model_versions.get(recipe="linear")
    other = second.model_versions.get()
    assert (again(run).seed, second.seed) == (0, 7)
    assert first.snapshot == other.snapshot
    assert first.manifest["files"] == other.manifest["files"]
    assert first.manifest["temperature"] != other.manifest["temperature"]


def test_rows_weigh_in_training_as_the_snapshot_says(run: TrainingRun, project: Project) -> None:
    train(run.pk)
    calm = run.model_versions.get(recipe="linear").artifact_hash
    run.snapshot = again(run).snapshot
    assert run.snapshot is not None
    row = run.snapshot.rows.filter(split="pool").order_by("id")[0]
    run.snapshot.rows.filter(pk=row.pk).update(weight=0.25)
    second = TrainingRun.objects.create(
        project=project, number=2, recipes={"linear": {}}, snapshot=run.snapshot
    )
    train(second.pk)

    assert second.model_versions.get().artifact_hash != calm


def test_a_run_is_done_once(run: TrainingRun) -> None:
    train(run.pk)
    train(run.pk)

    assert again(run).attempt == 1
    assert ModelVersion.objects.count() == 2


def test_a_message_for_a_run_that_is_gone_is_ignored(db: None) -> None:
    train(4711)


def test_what_a_recipe_refuses_fails_the_run_with_its_words(run: TrainingRun) -> None:
    refusal = RecipeError("No term is left.")
    with patch.object(LinearRecipe, "fit", side_effect=refusal):
        train(run.pk)

    assert (again(run).state, run.failure) == ("failed", "linear: No term is left.")
    assert [m.recipe for m in run.model_versions.all()] == ["keywords"]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (MemoryError(), "The worker ran out of memory."),
        (
            RuntimeError("DefaultCPUAllocator: can't allocate memory"),
            "The worker ran out of memory.",
        ),
        (OSError(28, "No space left on device", "/secret/path"), "The worker's disk is full."),
        (OperationalError("database or disk is full"), "The worker's disk is full."),
        (OutOfMemoryError("CUDA out of memory. /secret/path"), "The GPU ran out of memory."),
        (RuntimeError("CUDA out of memory. /secret/path"), "The GPU ran out of memory."),
        (ValueError("/secret/path"), "Something broke that should not."),
    ],
)
def test_any_other_error_fails_the_run_without_a_path(
    run: TrainingRun, error: Exception, reason: str
) -> None:
    with patch.object(LinearRecipe, "fit", side_effect=error):
        train(run.pk)

    assert again(run).state == "failed"
    assert run.failure.startswith(reason)
    assert "/secret" not in run.failure + run.log
    assert "Traceback" not in run.failure + run.log


@pytest.mark.parametrize("where", ["classifier.train.write_artifact", "classifier.artifacts.store"])
def test_a_disk_that_fills_up_at_the_end_says_so(run: TrainingRun, where: str) -> None:
    calls: list[Any] = []

    def full(*args: Any, **kwargs: Any) -> Any:
        calls.append(args)
        raise OSError(28, "No space left on device")

    with patch(where, full):
        train(run.pk)

    assert again(run).failure == (
        "The worker's disk is full. Make room and retrain; finished models are kept."
    )
    assert len(calls) == 1


def test_labels_that_vanish_before_the_worker_comes(run: TrainingRun, project: Project) -> None:
    project.resolutions.all().delete()

    train(run.pk)

    assert again(run).state == "failed"
    assert run.failure.startswith("No item is labeled yet")


def test_a_failed_run_makes_room_for_the_next(run: TrainingRun, trained: Trained) -> None:
    with patch.object(LinearRecipe, "fit", side_effect=MemoryError):
        train(run.pk)

    assert trained("linear").state == "succeeded"


def test_a_killed_worker_s_run_is_taken_up_again(run: TrainingRun) -> None:
    die_in(run)
    with patch("classifier.tasks.train.apply_async") as nudge:
        recover_stalled()

    assert nudge.call_args.args[0] == (run.pk,)
    assert again(run).state == "queued"
    assert "the worker fell silent during 'linear: fitting'" in run.log

    train(run.pk)

    assert (again(run).state, run.attempt) == ("succeeded", 2)


def test_a_retry_keeps_what_was_finished(run: TrainingRun) -> None:
    with patch.object(LinearRecipe, "fit", side_effect=SystemExit), pytest.raises(SystemExit):
        train(run.pk)
    kept = ModelVersion.objects.get()
    snapshot = again(run).snapshot
    die_in(run)
    with patch("classifier.tasks.train.apply_async"):
        recover_stalled()

    train(run.pk)

    models = list(again(run).model_versions.order_by("number"))
    assert (run.state, run.snapshot) == ("succeeded", snapshot)
    assert models[0] == kept
    assert [(m.number, m.recipe) for m in models] == [(1, "keywords"), (2, "linear")]
    assert "keywords: kept from an earlier attempt" in run.log


def test_files_that_a_dead_attempt_left_are_replaced(run: TrainingRun) -> None:
    default_storage.save("models/test/1-1/left.over", ContentFile(b"half"))
    default_storage.save("models/test/1-1/keywords.json", ContentFile(b"half"))

    train(run.pk)

    model = ModelVersion.objects.get(recipe="keywords")
    assert artifacts.load(model).manifest.hash == model.artifact_hash


def test_after_three_attempts_it_fails(run: TrainingRun) -> None:
    die_in(run, attempt=3)

    recover_stalled()

    assert again(run).state == "failed"
    assert run.failure == (
        "Given up after 3 attempts: the worker fell silent during 'linear: fitting'."
    )


def test_a_lost_message_is_sent_again(run: TrainingRun) -> None:
    with patch("classifier.tasks.train.apply_async") as nudge:
        recover_stalled()

    assert nudge.call_args.args[0] == (run.pk,)


def test_a_cancel_stops_the_worker_at_its_next_report(
    run: TrainingRun, manager_access: Access
) -> None:
    fit = LinearRecipe.fit

    def cancel_first(self: LinearRecipe, *args: Any, **kwargs: Any) -> None:
        if again(run).active:
            cancel_run(access=manager_access, number=run.number)
        fit(self, *args, **kwargs)

    with patch.object(LinearRecipe, "fit", cancel_first):
        train(run.pk)

    assert (again(run).state, run.failure) == ("cancelled", "")
    assert [m.recipe for m in run.model_versions.all()] == ["keywords"]


def test_a_run_taken_over_is_left_alone(run: TrainingRun) -> None:
    fit = LinearRecipe.fit

    def take_over(self: LinearRecipe, *args: Any, **kwargs: Any) -> None:
        TrainingRun.objects.filter(pk=run.pk).update(attempt=2)
        fit(self, *args, **kwargs)

    with patch.object(LinearRecipe, "fit", take_over):
        train(run.pk)

    assert (again(run).state, run.attempt) == ("running", 2)
    assert not run.model_versions.filter(recipe="linear").exists()


@pytest.mark.parametrize("name", ["manifest.json", "head.skops", "vocabulary.json"])
def test_a_tampered_champion_fails_the_comparison(
    candidate: ModelVersion, manager_access: Access, trained: Trained, name: str
) -> None:
    ModelVersion.objects.update(stage="champion")
    tamper(candidate, name)

    run = trained("keywords")

    assert run.state == "failed"
    assert run.failure.startswith("The champion, model 1, cannot be compared with:")
    assert name in run.failure
    assert run.failure.endswith("Restore its artifact, or roll back to another model.")


def test_a_champion_without_files_fails_the_comparison(
    candidate: ModelVersion, trained: Trained
) -> None:
    ModelVersion.objects.update(stage="champion")
    artifacts.remove(candidate.artifact)

    assert "its files are missing from the storage" in trained("keywords").failure


def test_its_end_is_recorded(run: TrainingRun) -> None:
    train(run.pk)

    ends = Event.objects.filter(subject_type="trainingrun", verb="finished")
    assert list(ends.values_list("before", "after")) == [("running", "succeeded")]
    assert ends.get().actor is None
    assert Event.objects.filter(subject_type="modelversion", verb="trained").count() == 2


def test_the_manifest_is_whole(run: TrainingRun) -> None:
    train(run.pk)

    manifest = ModelVersion.objects.get(recipe="linear").manifest
    stored = default_storage.open("models/test/2-1/manifest.json").read()
    assert manifest == json.loads(stored)
    assert manifest["labels"] == ["alpha", "beta", "gamma"]
    assert manifest["code_version"] == artifacts.code_version()
    assert manifest["temperature"] > 0


def test_8_bits_are_compared_on_the_holdout_of_the_run(
    run: TrainingRun, as_manager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Small(LinearRecipe):
        def fit(self, *args: Any, **kwargs: Any) -> None:
            super().fit(*args, **kwargs)
            texts, on = texts_to_compare(self.held_out, args[0])
            self.agreement = Agreement.of(["same"] * len(texts), ["same"] * len(texts), on)

    monkeypatch.setitem(RECIPES, "linear", Small)
    train(run.pk)

    linear, keywords = (run.model_versions.get(recipe=name) for name in ("linear", "keywords"))
    assert linear.manifest["int8"] == {"share": 1.0, "on": "6 holdout texts", "taken": True}
    assert "int8" not in keywords.manifest
    words = "8 bits: the same label as with 32 for 100.0% of 6 holdout texts"
    for page in ("", "card/"):
        assert words in as_manager.get(f"/p/test/models/{linear.number}/{page}").content.decode()
        assert "<dt>Weights" not in (
            as_manager.get(f"/p/test/models/{keywords.number}/{page}").content.decode()
        )
