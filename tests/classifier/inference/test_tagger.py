"""A stored model as a function over columns, by itself and spread over processes by Ray."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from classifier.recipes.artifact import ArtifactError, LoadedModel, read_artifact, write_artifact
from classifier.recipes.linear import LinearRecipe
from classifier.recipes.tagger import Tagger

TEXTS = ["grammar verb noun", "verb clause noun", "pixel lens shutter", "lens pixel blur"] * 3
TITLES = ["verb noun", "lens and pixel", None, ""]
BODIES = ["", None, "a shutter", ""]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files of a model."""
    recipe = LinearRecipe()
    recipe.fit(TEXTS, ["language", "language", "vision", "vision"] * 3)
    place = tmp_path / "model"
    place.mkdir()
    write_artifact(place, recipe, temperature=1.5, snapshot_hash="0" * 64, code_version="1")
    return place


@pytest.fixture
def model(folder: Path) -> LoadedModel:
    """The same model, opened."""
    return read_artifact(folder)


def test_it_adds_what_the_model_says(folder: Path, model: LoadedModel) -> None:
    found = Tagger(folder)({"id": [1, 2, 3, 4], "title": TITLES, "body": BODIES})
    shares = model.predict_proba(["verb noun", "lens and pixel", "a shutter", ""])
    assert found["id"].tolist() == [1, 2, 3, 4]
    assert found["label"].tolist() == [model.labels[at] for at in shares.argmax(axis=1)]
    np.testing.assert_array_equal(found["confidence"], shares.max(axis=1))
    np.testing.assert_array_equal(found["probability_vision"], shares[:, 1])


def test_one_of_title_and_body_is_enough(folder: Path, model: LoadedModel) -> None:
    found = Tagger(folder)({"body": ["verb"]})
    assert found["confidence"].tolist() == model.predict_proba(["verb"]).max(axis=1).tolist()
    assert Tagger(folder)({"title": []})["label"].tolist() == []


def test_another_model_than_was_asked_for_is_refused(folder: Path) -> None:
    with pytest.raises(ArtifactError, match="has the hash"):
        Tagger(folder, expected_hash="0" * 64)
    (folder / "linear.json").write_text("{}")
    with pytest.raises(ArtifactError):
        Tagger(folder)


@pytest.mark.processes
def test_ray_tags_parquet_files_as_the_model_does(
    folder: Path, model: LoadedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    ray = pytest.importorskip("ray", reason="the extra `ray` is not installed")
    texts = [f"{TEXTS[n % len(TEXTS)]} {n}" for n in range(2000)]
    source = tmp_path / "in"
    source.mkdir()
    for part in range(4):
        rows = range(part * 500, part * 500 + 500)
        table = pa.table({"id": list(rows), "title": [texts[n] for n in rows]})
        pq.write_table(table, source / f"{part}.parquet")
    # One place more than models: those that read files take it.
    ray.init(num_cpus=3, include_dashboard=False, logging_level="ERROR")
    try:
        data = ray.data.read_parquet(str(source))
        models = ray.data.ActorPoolStrategy(size=2)
        tagged = data.map_batches(Tagger, fn_constructor_args=[str(folder)], compute=models)
        tagged.write_parquet(str(tmp_path / "out"))
    finally:
        ray.shutdown()
    found = pq.read_table(tmp_path / "out").sort_by("id").to_pydict()
    shares = model.predict_proba(texts)
    assert found["id"] == list(range(2000))
    assert found["label"] == [model.labels[at] for at in shares.argmax(axis=1)]
    assert found["confidence"] == shares.max(axis=1).tolist()
