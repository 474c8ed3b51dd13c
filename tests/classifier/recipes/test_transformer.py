"""Fine-tuning end to end, on an encoder of two small layers."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from classifier.recipes import Progress, Recipe, RecipeError, TrainingStopped
from classifier.recipes.artifact import write_artifact
from classifier.recipes.transformer import TransformerParameters, TransformerRecipe
from classifier.recipes.tuning.plan import Plan
from tests.classifier.recipes.examples import LABELS, TEXTS, UNSEEN, Recorded
from tests.classifier.recipes.test_plan import plan_of_examples
from tests.classifier.recipes.tiny import write_tiny_encoder

torch = pytest.importorskip("torch", reason="the extra “encoder” is missing")
pytestmark = pytest.mark.usefixtures("tiny_encoder")

# Two epochs of two steps: six of the texts are kept for validation.
SHORT = TransformerParameters(epochs=2, batch=6, at_once=6, validation_share=0.34, precision="fp32")


def trained(
    parameters: TransformerParameters = SHORT, progress: Progress | None = None
) -> TransformerRecipe:
    model = TransformerRecipe(parameters)
    model.fit(TEXTS, LABELS, progress=progress)
    return model


def model_hash(model: Recipe[Any], folder: Path) -> str:
    return write_artifact(folder, model, temperature=1.0, snapshot_hash="").hash


class Killed(Exception):
    """Stands for the end of the process."""


class KilledAt(Recorded):
    """Ends the training at the optimiser step of that number."""

    def __init__(self, folder: Path, step: int) -> None:
        super().__init__(folder)
        self._left = step

    def step(self, done: float, **figures: float) -> None:
        super().step(done, **figures)
        self._left -= "loss" in figures
        if self._left < 0:
            raise Killed


@pytest.fixture
def kept_always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a checkpoint after every step."""
    monkeypatch.setattr("classifier.recipes.tuning.state.SECONDS_BETWEEN", 0.0)


@pytest.mark.usefixtures("kept_always")
@pytest.mark.parametrize("step", [0, 1, 3])
def test_a_killed_training_goes_on_to_the_same_model(step: int, tmp_path: Path) -> None:
    with pytest.raises(Killed):
        trained(progress=KilledAt(tmp_path / "kept", step))
    rest = Recorded(tmp_path / "kept")
    resumed = trained(progress=rest)
    whole = Recorded()
    expected = trained(progress=whole)
    assert len(rest.points) < len(whole.points) or step == 0
    assert model_hash(resumed, tmp_path / "a") == model_hash(expected, tmp_path / "b")


KILLED_PROCESS = """
import os, pathlib, signal, sys
from classifier.recipes.encoders import source
from classifier.recipes.tuning import state
from tests.classifier.recipes.test_transformer import KilledAt, trained

class Kill9(KilledAt):
    def step(self, done, **figures):
        try:
            super().step(done, **figures)
        except Exception:
            os.kill(os.getpid(), signal.SIGKILL)

source._in_wheel = lambda: pathlib.Path(os.environ["TINY_ENCODER"])
state.SECONDS_BETWEEN = 0.0
trained(progress=Kill9(pathlib.Path(sys.argv[1]), 2))
"""


def test_after_kill_9_another_process_goes_on_to_the_same_model(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED_PROCESS, str(tmp_path / "kept")]
    ended = subprocess.run(command, cwd=Path(__file__).parents[3], check=False)
    assert ended.returncode == -9
    rest = Recorded(tmp_path / "kept")
    resumed = trained(progress=rest)
    assert sum("loss" in figures for _, figures in rest.points) == 2
    assert model_hash(resumed, tmp_path / "a") == model_hash(trained(), tmp_path / "b")


@pytest.mark.usefixtures("kept_always")
def test_a_checkpoint_of_another_training_is_left_alone(tmp_path: Path) -> None:
    with pytest.raises(Killed):
        trained(progress=KilledAt(tmp_path, 3))
    progress = Recorded(tmp_path)
    trained(replace(SHORT, seed=1), progress)
    assert sum("loss" in figures for _, figures in progress.points) == 4


@pytest.mark.usefixtures("kept_always")
def test_a_damaged_checkpoint_is_started_anew(tmp_path: Path) -> None:
    with pytest.raises(Killed):
        trained(progress=KilledAt(tmp_path / "kept", 3))
    (path,) = (tmp_path / "kept").iterdir()
    path.write_bytes(path.read_bytes()[:1000])
    resumed = trained(progress=Recorded(tmp_path / "kept"))
    assert model_hash(resumed, tmp_path / "a") == model_hash(trained(), tmp_path / "b")


def test_it_stops_when_asked_and_goes_on_later(tmp_path: Path) -> None:
    class Stop(Recorded):
        def should_stop(self) -> bool:
            return len(self.points) >= 1

    with pytest.raises(TrainingStopped):
        trained(progress=Stop(tmp_path / "kept"))
    rest = Recorded(tmp_path / "kept")
    resumed = trained(progress=rest)
    assert sum("loss" in figures for _, figures in rest.points) == 3
    assert model_hash(resumed, tmp_path / "a") == model_hash(trained(), tmp_path / "b")


def test_curves_are_told() -> None:
    progress = Recorded()
    trained(progress=progress)
    names = [sorted(figures) for _, figures in progress.points]
    epoch = [["loss"]] * 2 + [["f1", "validation_loss"]]
    assert names == epoch * (len(names) // 3)
    shares = [done for done, _ in progress.points]
    assert shares == sorted(shares)
    assert ("fine-tuning on cpu (fp32)", 0.02) in progress.stages


def test_without_a_validation_share_all_epochs_are_trained() -> None:
    progress = Recorded()
    trained(replace(SHORT, validation_share=0.0), progress)
    assert [sorted(figures) for _, figures in progress.points] == [["loss"]] * 6


def test_training_stops_early_and_keeps_the_best_epoch() -> None:
    progress = Recorded()
    # At such a rate the first epochs spoil what the head began with.
    settings = replace(SHORT, epochs=20, learning_rate=0.01, patience=2)
    model = trained(settings, progress)
    epochs = [each for _, each in progress.points if "f1" in each]
    reached = [(each["f1"], -each["validation_loss"]) for each in epochs]
    best = reached.index(max(reached))
    assert best + 1 < 20
    assert len(reached) == min(best + 3, 20)
    plan = settings_plan(settings)
    held_out = [plan.texts[row] for row in plan.validation]
    answers = model.predict_proba(held_out)
    truth = np.array(plan.targets)[plan.validation]
    loss = -np.mean(np.log(answers[np.arange(len(truth)), truth]))
    assert loss == pytest.approx(-reached[best][1], abs=1e-3)


def settings_plan(settings: TransformerParameters) -> Plan:
    """Return the plan of the examples with the validation rows of `settings`."""
    return replace(
        plan_of_examples(), validation_share=settings.validation_share, seed=settings.seed
    )


@pytest.fixture
def no_dropout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TransformerParameters:
    """Settings of a training without chance, all of whose rows are trained on."""
    write_tiny_encoder(tmp_path / "still", dropout=0.0)
    monkeypatch.setenv("TAGLOOP_ENCODERS", str(tmp_path / "still"))
    return replace(SHORT, encoder=str(tmp_path / "still"), validation_share=0.0, batch=9)


def test_a_batch_in_pieces_gives_the_same_model(no_dropout: TransformerParameters) -> None:
    whole, pieces = Recorded(), Recorded()
    expected = trained(replace(no_dropout, at_once=9), whole).predict_proba(UNSEEN)
    found = trained(replace(no_dropout, at_once=2), pieces).predict_proba(UNSEEN)
    np.testing.assert_allclose(found, expected, atol=1e-4)
    for one, other in zip(pieces.points, whole.points, strict=True):
        assert one[1]["loss"] == pytest.approx(other[1]["loss"], abs=1e-4)


def test_too_little_memory_halves_what_is_in_it_at_once(
    no_dropout: TransformerParameters, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = trained(replace(no_dropout, at_once=2)).predict_proba(UNSEEN)
    seen = short_of_memory(monkeypatch, most=3)
    found = trained(replace(no_dropout, at_once=9)).predict_proba(UNSEEN)
    assert max(seen) == 3
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_no_memory_at_all_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    short_of_memory(monkeypatch, most=0)
    with pytest.raises(RecipeError, match="cpu has too little memory for one text at a time"):
        trained()


def short_of_memory(monkeypatch: pytest.MonkeyPatch, *, most: int) -> list[int]:
    """Let no more than `most` rows be learnt from at once; return the list of what was taken."""
    from classifier.recipes.tuning.model import TextClassifier

    forward, seen = TextClassifier.forward, []

    def limited(self: Any, tokens: Any, mask: Any = None) -> Any:
        if self.training and len(tokens) > most:
            raise torch.OutOfMemoryError
        seen.append(len(tokens))
        return forward(self, tokens, mask)

    monkeypatch.setattr(TextClassifier, "forward", limited)
    return seen


def test_two_processes_give_the_same_model(
    no_dropout: TransformerParameters, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone, shared = Recorded(), Recorded()
    expected = trained(no_dropout, alone).predict_proba(UNSEEN)
    monkeypatch.setenv("TAGLOOP_TRAINING_PROCESSES", "2")
    found = trained(no_dropout, shared).predict_proba(UNSEEN)
    np.testing.assert_allclose(found, expected, atol=1e-4)
    assert len(shared.points) == len(alone.points)


def test_a_failure_of_the_processes_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAGLOOP_TRAINING_PROCESSES", "2")
    with pytest.raises(RecipeError, match="The loss left all bounds: choose a lower learning rate"):
        trained(replace(SHORT, learning_rate=1e30))


def test_a_loss_out_of_bounds_is_told() -> None:
    with pytest.raises(RecipeError, match="The loss left all bounds: choose a lower learning rate"):
        trained(replace(SHORT, learning_rate=1e30))


def test_int8_that_disagrees_stays_at_full_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classifier.recipes.agreement.LEAST_AGREEMENT", 1.01)
    model = trained(replace(SHORT, precision="int8"))
    assert model.warnings[0].startswith("With 8 bits the network gave the same label for ")
    assert model.warnings[0].endswith("of 18 training texts: it stays at full precision.")
    assert model.describe()["network_mb"] == trained().describe()["network_mb"]


def test_int8_is_compared_on_the_holdout_where_there_is_one() -> None:
    model = TransformerRecipe(replace(SHORT, precision="int8"))
    model.compare_on(UNSEEN)
    model.fit(TEXTS, LABELS)
    described = model.describe()["int8"]
    assert described["on"] == "4 holdout texts"
    assert described["taken"] is (described["share"] >= 0.99)
