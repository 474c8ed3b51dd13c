"""Agreement against published values and an independent implementation."""

import time

import krippendorff
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from labeling.statistics.agreement import (
    Agreement,
    alpha_with_interval,
    count_matrix,
    krippendorff_alpha,
    percent_agreement,
)

# Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability": 4 coders, 12 units.
CODERS = ("123321412...", "1233224125.3", ".3332342251.", "12332441251.")

# Fleiss 1971: 30 patients, 6 psychiatrists each, 5 diagnoses.
DIAGNOSES = """
00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031
00501 30012 51000 02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006
"""

# Cohen 1960: two psychologists, 200 patients, 3 diagnoses.
COHEN = ((88, 14, 18), (10, 40, 10), (2, 6, 12))


def krippendorff_2011() -> NDArray[np.int64]:
    votes = [(unit, c) for coder in CODERS for unit, c in enumerate(coder) if c != "."]
    return count_matrix(votes, "12345")


def fleiss_1971() -> NDArray[np.int64]:
    return np.array([[int(digit) for digit in row] for row in DIAGNOSES.split()])


def two_raters(table: tuple[tuple[int, ...], ...]) -> NDArray[np.int64]:
    pairs = [(i, j) for i, row in enumerate(table) for j, n in enumerate(row) for _ in range(n)]
    votes = [(item, label) for item, pair in enumerate(pairs) for label in pair]
    return count_matrix(votes, range(len(table)))


@pytest.mark.parametrize(
    ("counts", "alpha"),
    [
        (krippendorff_2011(), 0.743421),
        (fleiss_1971(), 0.433410),
        (two_raters(COHEN), 0.488462),
    ],
    ids=["Krippendorff 2011", "Fleiss 1971", "Cohen 1960"],
)
def test_alpha_equals_the_published_value(counts: NDArray[np.int64], alpha: float) -> None:
    assert krippendorff_alpha(counts) == pytest.approx(alpha, abs=5e-7)


def test_percent_agreement_counts_pairs() -> None:
    assert percent_agreement(two_raters(((118, 5), (2, 0)))) == pytest.approx(0.944)
    assert percent_agreement(np.array([[2, 1], [3, 0], [1, 0]])) == pytest.approx(2 / 3)


def test_percent_agreement_is_undefined_without_overlap() -> None:
    assert percent_agreement(np.array([[1, 0], [0, 1]])) is None


def test_count_matrix_keeps_the_order_of_items_and_labels() -> None:
    votes = [("b", "y"), ("a", "x"), ("b", "y"), ("b", "x")]
    assert count_matrix(votes, ["x", "y"]).tolist() == [[1, 2], [1, 0]]


def test_count_matrix_of_no_votes_is_empty() -> None:
    assert count_matrix([], ["x", "y"]).shape == (0, 2)


def test_count_matrix_refuses_an_unknown_label() -> None:
    with pytest.raises(KeyError, match="z"):
        count_matrix([("a", "z")], ["x", "y"])


@pytest.mark.parametrize(
    ("counts", "items", "reason"),
    [
        (np.zeros((0, 2), dtype=int), 0, "none of the 0 labeled items has two votes."),
        (np.array([[1, 0], [0, 1], [1, 0]]), 0, "none of the 3 labeled items has two votes."),
        (np.array([[1, 0]]), 0, "none of the 1 labeled item has two votes."),
        (np.array([[2, 0], [3, 0], [0, 1]]), 2, "all 5 votes on 2 items are for one label."),
    ],
)
def test_undefined_alpha_gives_the_reason_with_the_count(
    counts: NDArray[np.int64], items: int, reason: str
) -> None:
    undefined = Agreement(None, None, None, items, f"Undefined: {reason}")
    assert alpha_with_interval(counts) == undefined
    assert krippendorff_alpha(counts) is None


def test_perfect_agreement_is_one_without_spread() -> None:
    counts = np.array([[2, 0], [0, 2]] * 20)
    assert alpha_with_interval(counts) == Agreement(1.0, 1.0, 1.0, 40)


def test_interval_is_that_of_drawing_items() -> None:
    counts = fleiss_1971()
    found = alpha_with_interval(counts, resamples=4000)
    rng = np.random.default_rng(9)
    draws = [krippendorff_alpha(counts[rng.integers(30, size=30)]) for _ in range(2000)]
    expected = np.quantile(np.array(draws, dtype=float), [0.025, 0.975])
    assert found.value == pytest.approx(0.433410, abs=5e-7)
    assert (found.low, found.high) == pytest.approx(tuple(expected), abs=0.01)


def test_interval_is_the_same_every_time_and_follows_the_seed() -> None:
    counts = fleiss_1971()
    assert alpha_with_interval(counts) == alpha_with_interval(counts)
    assert alpha_with_interval(counts) != alpha_with_interval(counts, seed=1)


def test_a_lone_dissent_leaves_undefined_draws_out() -> None:
    # In about a third of the draws the one item of the other label is missing.
    found = alpha_with_interval(np.array([[2, 0]] * 200 + [[0, 2]]))
    assert found == Agreement(1.0, 1.0, 1.0, 201)


def test_no_interval_where_most_draws_are_undefined() -> None:
    counts = np.array([[3, 0], [0, 3]])
    # Half of the draws hold one label only; this seed draws a few more than half of them.
    found = [alpha_with_interval(counts, resamples=11, seed=seed) for seed in range(20)]
    reason = "No interval: 2 items with two votes or more are too few."
    assert Agreement(1.0, None, None, 2, reason) in found
    assert Agreement(1.0, 1.0, 1.0, 2) in found


def test_two_thousand_items_take_less_than_a_fifth_of_a_second() -> None:
    rng = np.random.default_rng(0)
    counts = rng.multinomial(4, [0.4, 0.3, 0.2, 0.1], size=2000)
    start = time.process_time()
    alpha_with_interval(counts)
    assert time.process_time() - start < 0.2


votes_of_items = st.lists(
    st.lists(st.integers(0, 3), min_size=0, max_size=5), min_size=1, max_size=12
)


@given(votes_of_items)
def test_alpha_equals_an_independent_implementation(items: list[list[int]]) -> None:
    votes = [(item, label) for item, given in enumerate(items) for label in given]
    shared = [label for given in items if len(given) > 1 for label in given]
    assume(len(set(shared)) > 1)
    table = np.array([given + [np.nan] * (5 - len(given)) for given in items]).T
    expected = krippendorff.alpha(table, level_of_measurement="nominal", value_domain=range(4))
    assert krippendorff_alpha(count_matrix(votes, range(4))) == pytest.approx(expected, abs=1e-9)


@given(votes_of_items, st.data())
def test_the_order_of_votes_changes_nothing(items: list[list[int]], data: st.DataObject) -> None:
    votes = [(item, label) for item, given in enumerate(items) for label in given]
    shuffled = data.draw(st.permutations(votes))
    first = alpha_with_interval(count_matrix(votes, range(4)), resamples=20)
    assert alpha_with_interval(count_matrix(shuffled, range(4)), resamples=20) == first
