"""The embedding recipe, and what it needs where."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from classifier.recipes import Progress, RecipeError
from classifier.recipes.artifact import write_artifact
from classifier.recipes.embedding import EmbeddingParameters, EmbeddingRecipe
from classifier.recipes.encoders import NetworkEncoder, prepared
from classifier.recipes.skops_file import write_skops
from tests.classifier.recipes.examples import LABELS, TEXTS, UNSEEN, Recorded

pytest.importorskip("torch", reason="the extra “encoder” is missing")
pytestmark = pytest.mark.usefixtures("tiny_encoder")
ROOT = Path(__file__).parents[3]


def trained(
    parameters: EmbeddingParameters | None = None, progress: Progress | None = None
) -> EmbeddingRecipe:
    model = EmbeddingRecipe(parameters)
    model.fit(TEXTS, LABELS, progress=progress)
    return model


def test_it_is_a_logistic_regression_on_the_vectors() -> None:
    from sklearn.linear_model import LogisticRegression

    network = prepared.full_precision("minilm")
    head = LogisticRegression(C=2.0, class_weight="balanced", max_iter=2000)
    head.fit(network.run(TEXTS).astype(np.float64), LABELS)
    expected = head.predict_proba(network.run(UNSEEN).astype(np.float64))
    model = trained(EmbeddingParameters(precision="fp32", fit_strength=2.0))
    np.testing.assert_allclose(model.predict_proba(UNSEEN), expected, atol=1e-6)


def test_a_second_training_encodes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAGLOOP_CACHE_DIR", str(tmp_path))
    first, second = Recorded(), Recorded()
    trained(progress=first)
    trained(EmbeddingParameters(fit_strength=1.0), second)
    assert ("encoding 18 new texts", 0.1) in first.stages
    assert [stage for stage, _ in second.stages] == ["preparing the encoder", "trained"]


def test_int8_that_disagrees_gives_way_to_fp32(monkeypatch: pytest.MonkeyPatch) -> None:
    assert trained().warnings == ()
    monkeypatch.setattr("classifier.recipes.agreement.LEAST_AGREEMENT", 1.01)
    model = trained()
    assert model.warnings[0].startswith("With 8 bits the encoder gave the same label for ")
    assert model.warnings[0].endswith("of 18 training texts: it stays at full precision.")
    full = trained(EmbeddingParameters(precision="fp32"))
    np.testing.assert_array_equal(model.predict_proba(UNSEEN), full.predict_proba(UNSEEN))


def test_it_tells_what_it_is() -> None:
    described = trained().describe()
    assert described["encoder"] == "minilm"
    assert described["dimensions"] == 64
    assert described["int8"] == {"share": 1.0, "on": "18 training texts", "taken": True}
    assert trained(EmbeddingParameters(precision="fp32")).describe()["int8"] is None


def other_on(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the encoder of 8 bits take one text for the opposite of what it is."""
    small = prepared.eight_bit("minilm").hash
    encode = NetworkEncoder.encode

    def otherwise(self: NetworkEncoder, texts: Sequence[str]) -> np.ndarray:
        signs = [-1 if each == text and self.network.hash == small else 1 for each in texts]
        return encode(self, texts) * np.array(signs, dtype=np.float32)[:, None]

    monkeypatch.setattr(NetworkEncoder, "encode", otherwise)


def test_int8_that_disagrees_on_the_holdout_alone_gives_way_to_fp32(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TAGLOOP_CACHE_DIR", str(tmp_path))
    other_on("the loaf of bread", monkeypatch)
    assert trained().describe()["int8"]["taken"] is True
    model = EmbeddingRecipe()
    model.compare_on(["the loaf of bread", "apple trees in the garden"])
    model.fit(TEXTS, LABELS)
    (warning,) = model.warnings
    assert warning == (
        "With 8 bits the encoder gave the same label for 50.0% only of 2 holdout texts: "
        "it stays at full precision."
    )
    assert model.describe()["int8"] == {"share": 0.5, "on": "2 holdout texts", "taken": False}
    full = trained(EmbeddingParameters(precision="fp32"))
    np.testing.assert_array_equal(model.predict_proba(UNSEEN), full.predict_proba(UNSEEN))


def test_a_model_of_before_the_holdout_was_compared_on_is_read(tmp_path: Path) -> None:
    trained().save(tmp_path)
    content = json.loads((tmp_path / "embedding.json").read_text())
    (tmp_path / "embedding.json").write_text(json.dumps(content | {"agreement": 0.995}))
    described = EmbeddingRecipe.load(tmp_path).describe()
    assert described["int8"] == {"share": 0.995, "on": "training texts", "taken": True}


def test_an_encoder_that_is_nowhere_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAGLOOP_ENCODERS", "no/such")
    with pytest.raises(RecipeError, match="“no/such” is no folder here"):
        trained(EmbeddingParameters(encoder="no/such"))


def test_a_model_that_was_not_trained_says_so() -> None:
    with pytest.raises(RecipeError, match="has not been trained"):
        EmbeddingRecipe().predict_proba(["bread"])


def test_types_that_are_never_written_are_refused(tmp_path: Path) -> None:
    from sklearn.linear_model import SGDClassifier

    trained().save(tmp_path)
    write_skops(tmp_path / "head.skops", {"head": SGDClassifier()})
    with pytest.raises(RecipeError, match=r"holds .*SGDClassifier.*: refused"):
        EmbeddingRecipe.load(tmp_path)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"parameters": {"encoder": ""}}'])
def test_a_file_that_does_not_fit_is_refused(content: str, tmp_path: Path) -> None:
    trained().save(tmp_path)
    (tmp_path / "embedding.json").write_text(content)
    with pytest.raises(RecipeError):
        EmbeddingRecipe.load(tmp_path)


BLOCKED = """
import json, os, pathlib, sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in sys.argv[2].split():
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
"""
SERVED = f"""{BLOCKED}
from classifier.recipes.artifact import read_artifact
print(json.dumps(read_artifact(pathlib.Path(sys.argv[1])).predict_proba(["bread"]).tolist()))
"""


@pytest.mark.parametrize("name", ["embedding", "blend", "transformer"])
def test_a_model_serves_without_torch(name: str, tmp_path: Path) -> None:
    from classifier.recipes import get

    kind = get(name)
    few = {"epochs": 1} if name == "transformer" else {}
    model = kind(kind.parameters_type.from_dict(few))
    model.fit(TEXTS, LABELS)
    write_artifact(tmp_path, model, temperature=1.0, snapshot_hash="")
    missing = "torch transformers onnx safetensors"
    command = [sys.executable, "-c", SERVED, str(tmp_path), missing]
    printed = subprocess.check_output(command, text=True, cwd=ROOT)
    np.testing.assert_allclose(json.loads(printed), model.predict_proba(["bread"]), atol=1e-12)


TRAINED = f"""
from tests.classifier.recipes.examples import LABELS, TEXTS
{BLOCKED}
from classifier.recipes import RECIPES, RecipeError, get
from classifier.recipes.encoders import source
source._in_wheel = lambda: pathlib.Path(os.environ["TINY_ENCODER"])
os.environ["TAGLOOP_CACHE_DIR"] = sys.argv[1]
for name in RECIPES:
    try:
        get(name)().fit(TEXTS, LABELS)
        print("trained")
    except RecipeError as error:
        print(error)
"""


def test_without_the_extra_the_core_trains_and_the_rest_says_what_it_needs(tmp_path: Path) -> None:
    missing = "torch transformers onnx onnxruntime safetensors tokenizers"
    command = [sys.executable, "-c", TRAINED, str(tmp_path), missing]
    lines = subprocess.check_output(command, text=True, cwd=ROOT).splitlines()
    needs = (
        "Training with an encoder needs onnx. Install Tagloop with its extra “encoder”: "
        "pip install '.[encoder]'."
    )
    assert lines == ["trained", "trained", needs, needs, needs]


def test_with_another_encoder_of_larger_vectors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.classifier.recipes.tiny import write_tiny_encoder

    write_tiny_encoder(tmp_path / "wider", width=96)
    monkeypatch.setenv("TAGLOOP_ENCODERS", str(tmp_path / "wider"))
    parameters = replace(EmbeddingParameters(), encoder=str(tmp_path / "wider"))
    assert trained(parameters).describe()["dimensions"] == 96
