"""The keyword rules."""

import json
from pathlib import Path

import numpy as np
import pytest

from classifier.recipes import RecipeError
from classifier.recipes.keywords import KeywordsParameters, KeywordsRecipe, log_odds, words
from tests.classifier.recipes.examples import LABELS, TEXTS


def trained(parameters: KeywordsParameters | None = None) -> KeywordsRecipe:
    model = KeywordsRecipe(parameters)
    model.fit(TEXTS, LABELS)
    return model


def test_words_are_whole_and_normalised() -> None:
    found = words(
        "Don't use C++ or C#, use Scikit-Learn. (\N{FULLWIDTH LATIN CAPITAL LETTER T}he end…)"
    )
    assert found == {"don't", "use", "c++", "or", "c#", "scikit-learn", "the", "end"}


def test_log_odds_by_hand() -> None:
    odds, certainty = log_odds(np.array([3.0, 1.0]), np.array([1.0, 3.0]), share=0.5)
    # The prior of either word is 2, so the groups hold 5 and 3, and 3 and 5.
    expected = np.log(5 / 3) - np.log(3 / 5)
    np.testing.assert_allclose(odds, [expected, -expected])
    np.testing.assert_allclose(certainty, odds / np.sqrt(1 / 5 + 1 / 3))


def test_keywords_are_the_words_of_their_label() -> None:
    keywords = trained().describe()["keywords"]
    assert {"bread", "loaf", "dough"} <= keywords["baking"].keys()
    assert {"apple", "trees", "garden"} <= keywords["garden"].keys()
    assert {"bicycle", "gears", "wheel"} <= keywords["bicycle"].keys()


def test_a_label_has_no_more_words_than_asked_for() -> None:
    described = trained(KeywordsParameters(words_per_label=2)).describe()
    assert [len(chosen) for chosen in described["keywords"].values()] == [2, 2, 2]
    assert described["keyword_count"] == 6


def test_a_text_without_keywords_gets_the_shares_of_the_labels() -> None:
    model = KeywordsRecipe()
    model.fit(TEXTS[:9], LABELS[:9])
    np.testing.assert_allclose(model.predict_proba(["unheard"]), [[6 / 9, 3 / 9]])


def test_a_vocabulary_of_one_word_is_enough() -> None:
    model = KeywordsRecipe()
    model.fit(["same", "same"], ["x", "y"])
    np.testing.assert_allclose(model.predict_proba(["same"]), [[0.5, 0.5]])


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"parameters": {"words_per_label": -1}}'])
def test_a_file_that_holds_no_rules_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / "keywords.json").write_text(content)
    with pytest.raises(RecipeError):
        KeywordsRecipe.load(tmp_path)


def test_the_file_is_readable(tmp_path: Path) -> None:
    model = trained()
    model.save(tmp_path)
    content = json.loads((tmp_path / "keywords.json").read_text())
    assert content["labels"] == ["baking", "bicycle", "garden"]
    assert content["parameters"] == {
        "words_per_label": 100,
        "minimum_items": 2,
        "prior_share": 0.1,
    }
