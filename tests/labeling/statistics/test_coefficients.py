"""Fleiss' kappa, Gwet's AC1 and percent agreement against published values and definitions."""

from itertools import combinations

import krippendorff
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from labeling.statistics.agreement import (
    Agreement,
    Coefficient,
    agreement,
    count_matrix,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
)
from tests.labeling.statistics.test_agreement import (
    COHEN,
    fleiss_1971,
    krippendorff_2011,
    two_raters,
    votes_of_items,
)

CORRECTED = (Coefficient.ALPHA, Coefficient.FLEISS, Coefficient.AC1)

# Fleiss' kappa of 10 subjects by 14 raters, the worked example of many textbooks.
SUBJECTS = """
0,0,0,0,14 0,2,6,4,2 0,0,3,5,6 0,3,9,2,0 2,2,8,1,1 7,7,0,0,0 3,2,6,3,0 2,5,3,2,2 6,5,2,1,0 0,2,2,3,7
"""


def ten_subjects() -> NDArray[np.int64]:
    return np.array([[int(n) for n in row.split(",")] for row in SUBJECTS.split()])


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (krippendorff_2011(), 0.76117),
        (fleiss_1971(), 0.430245),
        (ten_subjects(), 0.209931),
        (two_raters(COHEN), 0.487179),
        (two_raters(((20, 5), (10, 15))), 0.393939),
    ],
    ids=["Krippendorff 2011", "Fleiss 1971", "ten subjects", "Cohen 1960", "two by two"],
)
def test_fleiss_equals_the_published_value(counts: NDArray[np.int64], expected: float) -> None:
    assert fleiss_kappa(counts) == pytest.approx(expected, abs=5e-6)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (krippendorff_2011(), 0.77544),
        (fleiss_1971(), 0.44788),
        (two_raters(COHEN), 0.57597),
        (two_raters(((118, 5), (2, 0))), 0.94078),
    ],
    ids=["Krippendorff 2011", "Fleiss 1971", "Cohen 1960", "paradox"],
)
def test_ac1_equals_the_published_value(counts: NDArray[np.int64], expected: float) -> None:
    assert gwet_ac1(counts) == pytest.approx(expected, abs=5e-6)


def test_a_label_that_nobody_gave_leaves_ac1_as_it_is() -> None:
    counts = two_raters(((118, 5), (2, 0)))
    assert gwet_ac1(np.hstack([counts, np.zeros_like(counts)])) == gwet_ac1(counts)


@pytest.mark.parametrize("coefficient", CORRECTED)
def test_one_label_leaves_nothing_to_correct(coefficient: Coefficient) -> None:
    reason = "Undefined: all 5 votes on 2 items are for one label."
    found = agreement(np.array([[2, 0], [3, 0]]), coefficient=coefficient)
    assert found == Agreement(None, None, None, 2, reason)


def test_percent_of_one_label_is_all() -> None:
    found = agreement(np.array([[2, 0], [3, 0]]), coefficient=Coefficient.PERCENT)
    assert found == Agreement(1.0, 1.0, 1.0, 2)


@pytest.mark.parametrize("coefficient", Coefficient)
def test_without_two_votes_on_an_item_nothing_is_defined(coefficient: Coefficient) -> None:
    found = agreement(np.array([[1, 0], [0, 1], [0, 0]]), coefficient=coefficient)
    reason = "Undefined: none of the 3 labeled items has two votes."
    assert found == Agreement(None, None, None, 0, reason)


@pytest.mark.parametrize("coefficient", Coefficient)
def test_perfect_agreement_is_one(coefficient: Coefficient) -> None:
    found = agreement(np.array([[2, 0], [0, 3]] * 20), coefficient=coefficient)
    assert (found.value, found.high, found.items) == (1.0, 1.0, 40)


@pytest.mark.parametrize("coefficient", Coefficient)
def test_the_interval_is_that_of_drawing_items(coefficient: Coefficient) -> None:
    counts = fleiss_1971()
    found = agreement(counts, coefficient=coefficient, resamples=4000)
    rng = np.random.default_rng(9)
    drawn = [counts[rng.integers(30, size=30)] for _ in range(800)]
    values = [agreement(each, coefficient=coefficient, resamples=1).value for each in drawn]
    expected = np.quantile(np.array(values, dtype=float), [0.025, 0.975])
    assert (found.low, found.high) == pytest.approx(tuple(expected), abs=0.02)


def enumerated(votes: list[list[int]]) -> tuple[float, float]:
    """Return the share of agreeing pairs and of each label squared, from their definitions."""
    paired = [given for given in votes if len(given) > 1]
    same = [np.mean([a == b for a, b in combinations(given, 2)]) for given in paired]
    voted = [given for given in votes if given]
    shares = [np.mean([given.count(label) / len(given) for given in voted]) for label in range(4)]
    return float(np.mean(same)), float(np.sum(np.square(shares)))


@given(votes_of_items)
def test_fleiss_and_ac1_follow_their_definitions(items: list[list[int]]) -> None:
    votes = [(item, label) for item, given in enumerate(items) for label in given]
    used = {label for _, label in votes}
    assume(len(used) > 1 and any(len(given) > 1 for given in items))
    observed, squares = enumerated(items)
    counts, hard = count_matrix(votes, range(4)), (1 - squares) / (len(used) - 1)
    assert fleiss_kappa(counts) == pytest.approx((observed - squares) / (1 - squares), abs=1e-9)
    assert gwet_ac1(counts) == pytest.approx((observed - hard) / (1 - hard), abs=1e-9)


same_votes = st.integers(2, 5).flatmap(
    lambda raters: st.lists(
        st.lists(st.integers(0, 3), min_size=raters, max_size=raters), min_size=2, max_size=12
    )
)


@given(same_votes)
def test_fleiss_is_alpha_without_its_correction_for_few_votes(items: list[list[int]]) -> None:
    assume(len({label for given in items for label in given}) > 1)
    votes = [(item, label) for item, given in enumerate(items) for label in given]
    # Krippendorff 2011: with nothing missing, 1 - alpha = (1 - kappa) (n - 1) / n for n votes.
    table = np.array(items, dtype=float).T
    alpha = krippendorff.alpha(table, level_of_measurement="nominal", value_domain=range(4))
    expected = 1 - (1 - alpha) * len(votes) / (len(votes) - 1)
    assert fleiss_kappa(count_matrix(votes, range(4))) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("coefficient", Coefficient)
@given(items=votes_of_items, data=st.data())
def test_neither_order_nor_names_matter(
    coefficient: Coefficient, items: list[list[int]], data: st.DataObject
) -> None:
    votes = [(item, label) for item, given in enumerate(items) for label in given]
    names = data.draw(st.permutations("abcd"))
    renamed = [(item, names[label]) for item, label in data.draw(st.permutations(votes))]
    first = agreement(count_matrix(votes, range(4)), coefficient=coefficient, resamples=1)
    again = agreement(count_matrix(renamed, "abcd"), coefficient=coefficient, resamples=1)
    # The one draw differs, and with it whether there is an interval.
    if first.value is None:
        assert (again.value, again.reason) == (None, first.reason)
    else:
        assert again.value == pytest.approx(first.value, abs=1e-9)


def test_alpha_ignores_items_with_one_vote_and_fleiss_does_not() -> None:
    counts = np.array([[2, 0], [0, 2], [1, 1], [1, 0], [1, 0]])
    assert krippendorff_alpha(counts) == krippendorff_alpha(counts[:3])
    # Observed 2/3; shares .7 and .3, so .58 by chance.
    assert fleiss_kappa(counts) == pytest.approx((2 / 3 - 0.58) / 0.42)
