"""The blend of recipes."""

import json
from pathlib import Path

import numpy as np
import pytest

from classifier.recipes import RecipeError
from classifier.recipes.agreement import Agreement
from classifier.recipes.artifact import read_artifact, write_artifact
from classifier.recipes.blend import BlendParameters, BlendRecipe
from classifier.recipes.directions import directions, points
from classifier.recipes.embedding import EmbeddingParameters, EmbeddingRecipe
from classifier.recipes.encoders import NetworkEncoder
from classifier.recipes.linear import LinearRecipe
from tests.classifier.recipes.examples import LABELS, TEXTS, UNSEEN, Recorded

pytest.importorskip("torch", reason="the extra “encoder” is missing")
pytestmark = pytest.mark.usefixtures("tiny_encoder")


def trained(parameters: BlendParameters | None = None) -> BlendRecipe:
    model = BlendRecipe(parameters)
    model.fit(TEXTS, LABELS)
    return model


def alone(model: LinearRecipe | EmbeddingRecipe) -> np.ndarray:
    model.fit(TEXTS, LABELS)
    return model.predict_proba(UNSEEN)


@pytest.mark.parametrize(("linear", "embedding"), [(1.0, 1.0), (0.25, 0.75), (0.0, 0.3), (1, 0)])
def test_it_is_the_weighted_mean_of_its_parts(linear: float, embedding: float) -> None:
    model = trained(
        BlendParameters(
            linear_weight=linear, embedding_weight=embedding, embedding_fit_strength=2.0
        )
    )
    part = EmbeddingRecipe(EmbeddingParameters(fit_strength=2.0))
    expected = linear * alone(LinearRecipe()) + embedding * alone(part)
    expected /= linear + embedding
    np.testing.assert_allclose(model.predict_proba(UNSEEN), expected, atol=1e-12)


def test_a_part_without_weight_is_not_trained() -> None:
    model = trained(BlendParameters(embedding_weight=0))
    assert list(model.describe()["parts"]) == ["linear"]


def test_its_8_bits_are_compared_on_the_holdout(tmp_path: Path) -> None:
    model = BlendRecipe()
    model.compare_on(UNSEEN)
    model.fit(TEXTS, LABELS)
    manifest = write_artifact(tmp_path, model, temperature=1.0, snapshot_hash="")
    assert manifest.int8 == {"share": 1.0, "on": "4 holdout texts", "taken": True}
    assert read_artifact(tmp_path).recipe.agreement == Agreement(1.0, "4 holdout texts")


def test_its_vectors_are_those_of_its_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    model = trained()
    embedding = EmbeddingRecipe()
    embedding.fit(TEXTS, LABELS)
    found = points(model, UNSEEN)
    np.testing.assert_array_equal(found, embedding.vectors(UNSEEN))
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-5)

    monkeypatch.setattr(NetworkEncoder, "encode", None)
    np.testing.assert_array_equal(points(model, UNSEEN), found)


def test_without_its_encoder_it_has_no_vectors() -> None:
    model = trained(BlendParameters(embedding_weight=0))
    assert model.vectors(UNSEEN) is None
    np.testing.assert_array_equal(points(model, UNSEEN), directions(UNSEEN))


def test_one_part_must_count() -> None:
    with pytest.raises(RecipeError, match="are both 0: one must count"):
        trained(BlendParameters(linear_weight=0, embedding_weight=0))


def test_parts_have_folders_and_checkpoints_of_their_own(tmp_path: Path) -> None:
    trained().save(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"blend.json", "linear", "embedding"}
    assert (tmp_path / "embedding" / "network.onnx").exists()


def test_parts_of_another_model_are_refused(tmp_path: Path) -> None:
    trained().save(tmp_path)
    path = tmp_path / "linear" / "vocabulary.json"
    content = json.loads(path.read_text())
    path.write_text(json.dumps(content | {"labels": ["x", "y", "z"]}))
    with pytest.raises(RecipeError, match=r"The labels of the parts are not those of blend\.json"):
        BlendRecipe.load(tmp_path)


def test_progress_names_what_each_part_does() -> None:
    progress = Recorded()
    BlendRecipe().fit(TEXTS, LABELS, progress=progress)
    stages = [stage for stage, _ in progress.stages]
    assert stages.index("building the vocabulary") < stages.index("preparing the encoder")
