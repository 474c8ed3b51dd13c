"""The threshold that keeps a promise: exact values, and that the promise is kept."""

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binom, binomtest

from classifier.metrics.warranty import (
    Promise,
    threshold_by_cost,
    warrant,
    warrant_each,
)

FIVE = Promise(error=0.05, risk=0.05)
ROWS = st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=400)
NAMES = ["alpha", "beta", "gamma"]
NAMED_ROWS = st.lists(
    st.tuples(st.floats(0, 1), st.booleans(), st.sampled_from(NAMES)), max_size=400
)


def falling(count: int) -> NDArray[np.float64]:
    """Return confidences that differ, the highest first."""
    return np.linspace(0.99, 0.5, count)


@pytest.mark.parametrize(
    ("error", "risk", "fewest"), [(0.05, 0.05, 59), (0.02, 0.10, 114), (0.01, 0.05, 299)]
)
def test_so_many_labels_without_an_error_are_the_least(
    error: float, risk: float, fewest: int
) -> None:
    promise = Promise(error, risk)
    assert promise.fewest == fewest
    assert (1 - error) ** fewest <= risk < (1 - error) ** (fewest - 1)


def test_says_how_many_labels_are_missing() -> None:
    found = warrant(falling(40), np.ones(40, dtype=bool), FIVE)
    assert (found.threshold, found.missing, found.coverage) == (None, 19, 0.0)


def test_accepts_everything_where_nothing_is_wrong() -> None:
    found = warrant(falling(150), np.ones(150, dtype=bool), FIVE)
    assert (found.threshold, found.accepted, found.wrong) == (0.5, 150, 0)
    assert found.upper == pytest.approx(1 - 0.05 ** (1 / 150))
    assert found.coverage == 1.0


def test_stops_where_errors_begin() -> None:
    right = np.array([True] * 200 + [False] * 100)
    found = warrant(falling(300), right, FIVE)
    # It goes 100, 105, 110, 115, 120, 126, 132, 138, 144, 151, 158, 165, 173, 181, 190, 199, 208.
    assert (found.accepted, found.wrong, found.missing) == (199, 0, 0)
    assert found.upper == pytest.approx(1 - 0.05 ** (1 / 199))
    assert binomtest(8, 208).proportion_ci(0.90, method="exact").high > 0.05


def test_a_poor_model_gets_nothing_though_labels_are_plenty() -> None:
    right = np.arange(1000) % 5 > 0
    found = warrant(falling(1000), right, FIVE)
    assert (found.threshold, found.accepted, found.missing) == (None, 0, 0)


def test_what_is_equally_sure_is_accepted_together() -> None:
    confidence = np.concatenate([np.full(120, 0.9), np.full(60, 0.6)])
    found = warrant(confidence, np.arange(180) < 120, FIVE)
    assert (found.threshold, found.accepted) == (0.9, 120)


@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_the_labels_never_matters(
    rows: list[tuple[float, bool]], chance: Random
) -> None:
    shuffled = list(rows)
    chance.shuffle(shuffled)
    ways = [
        warrant(
            np.array([sure for sure, _ in each], dtype=float),
            np.array([right for _, right in each], dtype=bool),
            Promise(0.1, 0.1),
        )
        for each in (rows, shuffled)
    ]
    assert ways[0] == ways[1]


@given(ROWS)
def test_the_bound_always_keeps_the_promise(rows: list[tuple[float, bool]]) -> None:
    sure = np.array([sure for sure, _ in rows], dtype=float)
    right = np.array([right for _, right in rows], dtype=bool)
    found = warrant(sure, right, Promise(0.1, 0.1))
    if found.threshold is None:
        assert found.accepted == 0
    else:
        assert found.upper is not None
        assert found.upper <= 0.1
        assert found.accepted == int((sure >= found.threshold).sum())
        assert found.wrong == int((~right[sure >= found.threshold]).sum())


def test_a_model_that_is_wrong_too_often_everywhere_is_rarely_let_through() -> None:
    """Where every threshold breaks the promise, that at least the first passes is the risk."""
    promise, first = Promise(0.05, 0.10), 100
    allowed = max(
        wrong
        for wrong in range(first)
        if binomtest(wrong, first).proportion_ci(0.80, method="exact").high <= 0.05
    )
    right = np.array([True] * (first - allowed) + [False] * allowed)
    assert warrant(falling(first), right, promise).accepted == first
    right[0] = False
    assert warrant(falling(first), right, promise).accepted == 0
    assert binom.cdf(allowed, first, 0.0501) <= 0.10


@given(ROWS)
def test_with_one_label_its_promise_is_that_of_all(rows: list[tuple[float, bool]]) -> None:
    sure = np.array([sure for sure, _ in rows], dtype=float)
    right = np.array([right for _, right in rows], dtype=bool)
    every, own = np.full(len(rows), "alpha"), Promise(0.1, 0.1)
    assert warrant_each(sure, right, every, own, ["alpha"]) == {"alpha": warrant(sure, right, own)}


@given(NAMED_ROWS)
def test_no_label_accepts_where_its_bound_exceeds_the_promise(
    rows: list[tuple[float, bool, str]],
) -> None:
    sure = np.array([sure for sure, _, _ in rows], dtype=float)
    right = np.array([right for _, right, _ in rows], dtype=bool)
    named = np.array([name for _, _, name in rows], dtype=str)
    found = warrant_each(sure, right, named, Promise(0.1, 0.3), NAMES)
    assert list(found) == NAMES
    for name, own in found.items():
        assert own.labels == int((named == name).sum())
        if own.threshold is None:
            assert (own.accepted, own.upper) == (0, None)
            continue
        accepted = (named == name) & (sure >= own.threshold)
        wrong = int((accepted & ~right).sum())
        assert (own.accepted, own.wrong) == (int(accepted.sum()), wrong)
        # Each label's bound holds but for a third of the risk.
        interval = binomtest(wrong, own.accepted).proportion_ci(0.8, method="exact")
        assert own.upper == pytest.approx(interval.high)
        assert interval.high <= 0.1


def test_a_label_with_too_few_answers_says_how_many_are_missing() -> None:
    sure, named = falling(150), np.array(["alpha"] * 120 + ["beta"] * 30)
    found = warrant_each(sure, np.ones(150, dtype=bool), named, FIVE, NAMES)
    # .05 / 3 takes ln(.01667) / ln(.95) = 79.8 answers.
    assert [(own.threshold, own.missing) for own in found.values()] == [
        (sure[119], 0),
        (None, 50),
        (None, 80),
    ]


def test_an_error_that_costs_ten_looks_is_worth_a_look_below_nine_in_ten() -> None:
    assert threshold_by_cost(10, 1) == pytest.approx(0.9)
    assert threshold_by_cost(1, 2) == 0.0


def test_refuses_what_makes_no_sense() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        Promise(0, 0.1)
    with pytest.raises(ValueError, match="one confidence"):
        warrant(np.zeros(2), np.ones(3, dtype=bool), FIVE)
    with pytest.raises(ValueError, match="one label"):
        warrant_each(np.zeros(2), np.ones(2, dtype=bool), np.array(["alpha"]), FIVE, NAMES)
    with pytest.raises(ValueError, match="cost something"):
        threshold_by_cost(0, 1)
