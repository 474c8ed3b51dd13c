"""A model's folder: written once, verified before it is loaded."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from classifier.recipes import RECIPES, Recipe
from classifier.recipes.artifact import (
    MANIFEST,
    ArtifactError,
    Manifest,
    read_artifact,
    read_manifest,
    write_artifact,
)
from classifier.recipes.temperature import apply_temperature
from tests.classifier.recipes.examples import LABELS, TEXTS, UNSEEN, every_recipe

pytestmark = pytest.mark.usefixtures("tiny_encoder")


def trained(recipe: type[Recipe[Any]]) -> Recipe[Any]:
    model = recipe()
    model.fit(TEXTS, LABELS)
    return model


def written(folder: Path, recipe: type[Recipe[Any]] = RECIPES["linear"]) -> Manifest:
    return write_artifact(
        folder, trained(recipe), temperature=1.5, snapshot_hash="5af3", code_version="1.0"
    )


def rewritten(folder: Path, manifest: Manifest, **changes: Any) -> None:
    (folder / MANIFEST).write_bytes(replace(manifest, **changes).content)


@every_recipe
def test_what_is_read_predicts_as_what_was_written(
    recipe: type[Recipe[Any]], tmp_path: Path
) -> None:
    manifest = written(tmp_path / "model", recipe)
    loaded = read_artifact(tmp_path / "model", expected_hash=manifest.hash)
    expected = apply_temperature(trained(recipe).predict_proba(UNSEEN), 1.5)
    assert loaded.manifest == manifest
    assert loaded.labels == ("baking", "bicycle", "garden")
    np.testing.assert_array_equal(loaded.predict_proba(UNSEEN), expected)


@every_recipe
def test_the_same_training_has_the_same_hash(recipe: type[Recipe[Any]], tmp_path: Path) -> None:
    assert written(tmp_path / "a", recipe).hash == written(tmp_path / "b", recipe).hash


def test_a_manifest_says_nothing_of_8_bits_where_there_are_none(tmp_path: Path) -> None:
    assert "int8" not in written(tmp_path).to_dict()


def test_the_manifest_says_what_the_model_is_made_of(tmp_path: Path) -> None:
    manifest = written(tmp_path)
    content = json.loads((tmp_path / MANIFEST).read_text())
    assert content == json.loads(json.dumps(manifest.to_dict()))
    assert content["recipe"] == "linear"
    assert content["temperature"] == 1.5
    assert content["snapshot_hash"] == "5af3"
    assert content["code_version"] == "1.0"
    assert content["parameters"]["minimum_items"] == 2
    assert set(content["files"]) == {"head.skops", "vocabulary.json"}
    assert {"python", "numpy", "scikit-learn", "skops"} <= set(content["libraries"])
    assert read_manifest(tmp_path).hash == manifest.hash


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    written(tmp_path)
    with pytest.raises(ArtifactError, match="is not empty"):
        written(tmp_path)


@every_recipe
def test_a_changed_file_is_refused(recipe: type[Recipe[Any]], tmp_path: Path) -> None:
    for number, name in enumerate(written(tmp_path / "model", recipe).files):
        folder = tmp_path / str(number)
        written(folder, recipe)
        content = bytearray((folder / name).read_bytes())
        content[len(content) // 2] ^= 1
        (folder / name).write_bytes(content)
        with pytest.raises(ArtifactError, match=f"{name} was changed"):
            read_artifact(folder)


def test_nothing_is_loaded_before_everything_is_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path)
    (tmp_path / "vocabulary.json").write_text("{}")
    monkeypatch.setattr(RECIPES["linear"], "load", lambda _: pytest.fail("loaded"))
    with pytest.raises(ArtifactError, match=r"vocabulary.json was changed"):
        read_artifact(tmp_path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    written(tmp_path)
    (tmp_path / "head.skops").unlink()
    with pytest.raises(ArtifactError, match=r"head.skops is missing"):
        read_artifact(tmp_path)


def test_an_additional_file_is_refused(tmp_path: Path) -> None:
    written(tmp_path)
    (tmp_path / "more.bin").write_bytes(b"more")
    with pytest.raises(ArtifactError, match=r"more.bin is not in manifest.json"):
        read_artifact(tmp_path)


def test_another_manifest_is_refused(tmp_path: Path) -> None:
    manifest = written(tmp_path)
    rewritten(tmp_path, manifest, temperature=9.0)
    read_artifact(tmp_path)
    with pytest.raises(ArtifactError, match=f"not {manifest.hash}"):
        read_artifact(tmp_path, expected_hash=manifest.hash)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"recipe": "oracle"}, "unknown recipe “oracle”"),
        ({"format": 2}, "has format 2; 1 is understood"),
        ({"labels": ("x", "y", "z")}, "labels of the model are not those"),
        ({"recipe": "keywords"}, "keywords.json holds no keyword rules"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(
    changes: dict[str, Any], message: str, tmp_path: Path
) -> None:
    rewritten(tmp_path, written(tmp_path), **changes)
    with pytest.raises(ArtifactError, match=message):
        read_artifact(tmp_path)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"labels": []}'])
def test_what_is_no_manifest_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text(content)
    with pytest.raises(ArtifactError, match=r"manifest.json cannot be read"):
        read_artifact(tmp_path)


def test_a_reformatted_manifest_is_refused(tmp_path: Path) -> None:
    manifest = written(tmp_path)
    (tmp_path / MANIFEST).write_text(json.dumps(manifest.to_dict()))
    with pytest.raises(ArtifactError, match="was not written by this program"):
        read_artifact(tmp_path)


def test_an_empty_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"manifest.json cannot be read"):
        read_artifact(tmp_path)
