"""Confident learning on rows small enough to count by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.metrics.label_errors import confident_labels, self_confidence, suspects, thresholds

# Mean self-confidence: label 0 (.9 + .6 + .2 + .1) / 4 = .45; label 1 (.8 + .7 + .3) / 3 = .6.
PROBABILITIES = np.array(
    [[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.1, 0.9], [0.2, 0.8], [0.3, 0.7], [0.7, 0.3]]
)
TARGETS = np.array([0, 0, 0, 0, 1, 1, 1])


def test_the_thresholds_are_the_mean_self_confidence() -> None:
    assert thresholds(PROBABILITIES, TARGETS) == pytest.approx([0.45, 0.6])
    assert self_confidence(PROBABILITIES, TARGETS) == pytest.approx(
        [0.9, 0.6, 0.2, 0.1, 0.8, 0.7, 0.3]
    )


def test_the_suspects_by_hand() -> None:
    assert confident_labels(PROBABILITIES, TARGETS).tolist() == [0, 0, 1, 1, 1, 1, 0]
    assert suspects(PROBABILITIES, TARGETS).tolist() == [3, 2, 6]


def test_a_label_that_is_not_confidently_present_accuses_nobody() -> None:
    # Row 2 leans to label 1, yet less than the rows of label 1 do on average.
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.45, 0.55], [0.1, 0.9], [0.1, 0.9]])

    assert confident_labels(probabilities, np.array([0, 0, 0, 1, 1])).tolist() == [0, 0, -1, 1, 1]
    assert suspects(probabilities, np.array([0, 0, 0, 1, 1])).tolist() == []


def test_a_label_without_rows_is_never_present() -> None:
    probabilities = np.array([[0.1, 0.1, 0.8], [0.2, 0.7, 0.1]])

    assert thresholds(probabilities, np.array([0, 1]))[2] > 1
    assert 2 not in confident_labels(probabilities, np.array([0, 1]))


def test_no_rows_no_suspects() -> None:
    assert suspects(np.zeros((0, 2)), np.zeros(0, dtype=np.int64)).tolist() == []


@given(st.integers(2, 4), st.integers(1, 30), st.integers(0, 10_000), st.permutations(range(4)))
def test_the_names_of_labels_do_not_matter(
    width: int, rows: int, seed: int, order: list[int]
) -> None:
    rng = np.random.default_rng(seed)
    probabilities = rng.dirichlet(np.ones(width), size=rows)
    targets = rng.integers(0, width, size=rows)
    turn = np.array([place for place in order if place < width])
    found = suspects(probabilities, targets)

    renamed = suspects(probabilities[:, turn], np.argsort(turn)[targets])
    assert sorted(found.tolist()) == sorted(renamed.tolist())
    sure = self_confidence(probabilities, targets)[found]
    assert np.all(np.diff(sure) >= 0)
