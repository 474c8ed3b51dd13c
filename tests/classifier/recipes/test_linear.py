"""The linear recipe."""

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.recipes import RecipeError
from classifier.recipes.linear import LinearParameters, LinearRecipe
from classifier.recipes.skops_file import read_skops, write_skops
from classifier.recipes.terms import runs_of_characters
from labeling.statistics.text import normalise
from tests.classifier.recipes.examples import LABELS, TEXTS


def trained(parameters: LinearParameters | None = None) -> LinearRecipe:
    model = LinearRecipe(parameters)
    model.fit(TEXTS, LABELS)
    return model


def of_two_labels() -> LinearRecipe:
    model = LinearRecipe(LinearParameters(character_share=0.5))
    model.fit(TEXTS[:12], LABELS[:12])
    return model


MODEL, OF_TWO = trained(), of_two_labels()


def test_the_strongest_words_are_those_of_their_label() -> None:
    strongest = trained().describe()["strongest_words"]
    assert "bread" in list(strongest["baking"])[:5]
    assert "bicycle" in list(strongest["bicycle"])[:5]
    assert "garden" in list(strongest["garden"])[:5]


def test_the_strongest_words_of_two_labels_mirror_each_other() -> None:
    model = LinearRecipe()
    model.fit(TEXTS[:12], LABELS[:12])
    strongest = model.describe()["strongest_words"]
    assert "bread" in list(strongest["baking"])[:5]
    assert "garden" in list(strongest["garden"])[:5]


@given(st.text())
def test_runs_of_characters_are_those_of_scikit_learn(text: str) -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    reference = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), preprocessor=normalise)
    assert sorted(runs_of_characters(text)) == sorted(reference.build_analyzer()(text))


@given(st.lists(st.one_of(st.text(), st.sampled_from(TEXTS)), min_size=1, max_size=4))
def test_what_it_says_is_what_scikit_learn_says(texts: list[str]) -> None:
    for model in (MODEL, OF_TWO):
        said = model._head.predict_proba(model._matrix(texts))
        np.testing.assert_allclose(model.predict_proba(texts), said, rtol=0, atol=1e-12)


def test_the_vocabulary_is_limited() -> None:
    described = trained(LinearParameters(maximum_terms=100)).describe()
    assert described["terms"]["characters"] == 100


def test_a_script_without_spaces_is_learnt_by_characters() -> None:
    model = LinearRecipe()
    texts = ["画像認識の入門", "画像認識の基礎", "自然言語処理の入門", "自然言語処理の基礎"]
    model.fit(texts, ["vision", "vision", "language", "language"])
    described = model.describe()
    assert list(described["terms"]) == ["characters"]
    assert described["strongest_words"] == {"language": {}, "vision": {}}
    assert model.predict_proba(["画像認識とは"]).argmax(axis=1).tolist() == [1]


def test_balance_helps_a_rare_label() -> None:
    rows = [*range(6), *range(6, 9)]
    texts, labels = [TEXTS[n] for n in rows], [LABELS[n] for n in rows]
    rare = {}
    for balanced in (True, False):
        model = LinearRecipe(LinearParameters(balanced=balanced))
        model.fit(texts, labels)
        rare[balanced] = model.predict_proba(["unheard of"])[0, 1]
    assert rare[True] > rare[False]


def test_a_type_that_is_never_written_is_refused(tmp_path: Path) -> None:
    trained().save(tmp_path)
    from sklearn.linear_model import SGDClassifier

    write_skops(tmp_path / "head.skops", {"head": SGDClassifier(), "rarity": {}})
    with pytest.raises(RecipeError, match=r"holds .*SGDClassifier.*: refused"):
        LinearRecipe.load(tmp_path)


def test_a_function_in_the_schema_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "head.skops"
    call = {"__class__": "system", "__module__": "os", "__loader__": "FunctionNode", "content": {}}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("schema.json", json.dumps(call))
    with pytest.raises(RecipeError, match=r"head.skops holds os.system: refused"):
        read_skops(path, allowed=frozenset({"builtins.dict"}))


@pytest.mark.parametrize("content", [b"", b"\x80\x04K\x01.", b"PK\x03\x04"])
def test_what_is_no_archive_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "head.skops").write_bytes(content)
    with pytest.raises(RecipeError, match=r"head.skops cannot be read"):
        read_skops(tmp_path / "head.skops", allowed=frozenset())


def test_a_vocabulary_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    trained().save(tmp_path)
    path = tmp_path / "vocabulary.json"
    content = json.loads(path.read_text())
    content["terms"]["words"].pop()
    path.write_text(json.dumps(content))
    with pytest.raises(RecipeError, match="holds no linear model"):
        LinearRecipe.load(tmp_path)


def test_an_archive_keeps_what_it_is_given(tmp_path: Path) -> None:
    content = {"a": np.arange(3), "b": {"c": np.ones((2, 2)), "d": np.arange(3)}}
    types = frozenset({"builtins.dict", "builtins.list", "builtins.str", "numpy.ndarray"})
    write_skops(tmp_path / "first.skops", content)
    write_skops(tmp_path / "second.skops", {"a": np.arange(3), "b": dict(content["b"])})  # type: ignore[call-overload]
    assert (tmp_path / "first.skops").read_bytes() == (tmp_path / "second.skops").read_bytes()
    found = read_skops(tmp_path / "first.skops", allowed=types)
    np.testing.assert_array_equal(found["b"]["c"], np.ones((2, 2)))
    np.testing.assert_array_equal(found["b"]["d"], [0, 1, 2])
