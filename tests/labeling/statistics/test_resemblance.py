"""How far texts resemble one another."""

from itertools import repeat
from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from labeling.statistics.resemblance import rank, telling_words

WORDS = st.lists(st.sampled_from(["lung", "nodule", "scan", "model", "queue"]), max_size=6)


def test_the_longest_words_of_the_title_come_first() -> None:
    title = ["detecting", "tumours", "in", "ct", "scans"]
    body = ["convolutional", "networks", "and", "voxels"]
    assert telling_words(title, body, most=4) == ["detecting", "tumours", "scans", "convolutional"]


def test_a_word_counts_once_and_short_ones_not_at_all() -> None:
    assert telling_words(["scan", "scan", "of", "a"], ["scan", "is"], most=6) == ["scan"]


def test_two_texts_by_hand() -> None:
    """Of two texts with one word in common: df 2 gives weight 1, df 1 gives ln(3/2) + 1."""
    rare = (log(3 / 2) + 1) ** 2
    [(index, alike)] = rank(["scan", "lung"], [["scan", "queue"]])
    assert index == 0
    assert alike == pytest.approx(1 / (1 + rare))


@given(text=WORDS.filter(bool), others=st.lists(WORDS.filter(bool), min_size=1, max_size=8))
def test_equals_scikit_learn(text: list[str], others: list[list[str]]) -> None:
    vectorizer = TfidfVectorizer(analyzer=lambda words: words, binary=True)
    matrix = vectorizer.fit_transform([text, *others]).toarray()
    expected = matrix[1:] @ matrix[0]
    found = np.zeros(len(others))
    for index, alike in rank(text, others):
        found[index] = alike
    assert found == pytest.approx(expected)


@given(text=WORDS, others=st.lists(WORDS, max_size=8))
def test_the_closest_first_and_none_without_a_shared_word(
    text: list[str], others: list[list[str]]
) -> None:
    ranked = rank(text, others)
    values = [alike for _, alike in ranked]
    assert values == sorted(values, reverse=True)
    assert {index for index, _ in ranked} == {
        index for index, other in enumerate(others) if set(other) & set(text)
    }


@given(text=WORDS.filter(bool), times=st.integers(1, 4))
def test_a_text_resembles_itself_wholly(text: list[str], times: int) -> None:
    ranked = rank(text, list(repeat(text, times)))
    assert [index for index, _ in ranked] == list(range(times))
    assert [alike for _, alike in ranked] == pytest.approx([1.0] * times)
