"""Slices of the rows, and a model's scores on them."""

import numpy as np
import pytest

from classifier.metrics.slices import SliceScores, has_term, long_text, score_slices, short_text


def test_short_text_counts_words() -> None:
    assert short_text(["", "one", "one two\nthree", "one two"], 2).tolist() == [1, 1, 0, 1]


@pytest.mark.parametrize(
    ("text", "terms", "found"),
    [
        ("A survey of GANs", ["gan"], False),
        ("A survey of GAN models", ["gan"], True),
        ("learning C++ now", ["c++"], True),
        ("learning C++11 now", ["c"], True),
        ("reinforcement\n learning", ["Reinforcement Learning"], True),
        ("über STRASSE", ["straße"], True),
        ("anything", [], False),
        ("anything", [" "], False),
        ("b", ["a", "b"], True),
        ("a.b", ["a.b"], True),
        ("axb", ["a.b"], False),
    ],
)
def test_has_term(text: str, terms: list[str], found: bool) -> None:
    assert has_term([text], terms).tolist() == [found]


def test_long_text_counts_words() -> None:
    assert long_text(["", "one", "one two\nthree", "one two"], 2).tolist() == [0, 0, 1, 1]


def test_no_texts_give_empty_masks() -> None:
    assert has_term([], ["a"]).shape == short_text([], 3).shape == (0,)


def test_each_slice_has_its_own_scores() -> None:
    truth, predicted = "aabb" * 10, "aabb" * 5 + "abab" * 5
    first = np.arange(40) < 20
    found = score_slices({"first": first, "rest": ~first}, truth, predicted, "ab")
    first_scores, rest = found
    assert first_scores == SliceScores("first", 20, 1.0, 1.0, 1.0, 1.0)
    assert (rest.name, rest.rows, rest.accuracy, rest.weighted_f1) == ("rest", 20, 0.5, 0.5)
    # Ten of twenty are right: the normal interval of the share is .5 ± .22.
    assert (rest.low, rest.high) == pytest.approx((0.28, 0.72), abs=0.06)
    assert found[0].enough_data


def test_too_few_rows_have_no_scores() -> None:
    found = score_slices({"few": np.arange(40) < 19}, "ab" * 20, "ab" * 20, "ab")
    assert found == (SliceScores("few", 19, None, None),)
    assert not found[0].enough_data


def test_an_empty_slice_has_no_scores_whatever_the_minimum() -> None:
    found = score_slices({"none": np.zeros(2, dtype=bool)}, "ab", "ab", "ab", minimum_rows=0)
    assert found == (SliceScores("none", 0, None, None),)


def test_a_mask_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="argument"):
        score_slices({"odd": np.ones(3, dtype=bool)}, "ab", "ab", "ab")
