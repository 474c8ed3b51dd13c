"""Cohen's kappa against published values and scikit-learn."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from labeling.statistics.agreement import Agreement
from labeling.statistics.cohen import cohen_kappa, pair_table
from tests.labeling.statistics.test_agreement import COHEN


@pytest.mark.parametrize(
    ("table", "kappa"),
    [(COHEN, 0.491525), (((20, 5), (10, 15)), 0.4), (((118, 5), (2, 0)), -0.023392)],
    ids=["Cohen 1960", "two by two", "paradox"],
)
def test_kappa_equals_the_published_value(table: tuple[tuple[int, ...], ...], kappa: float) -> None:
    assert cohen_kappa(np.array(table)).value == pytest.approx(kappa, abs=5e-7)


def test_the_interval_is_near_the_published_one() -> None:
    # .3916 to .5915 comes from the normal approximation.
    found = cohen_kappa(np.array(COHEN), resamples=4000)
    assert (found.low, found.high) == pytest.approx((0.3916, 0.5915), abs=0.015)
    assert found.items == 200


@pytest.mark.parametrize(
    ("table", "items", "reason"),
    [
        ([[0, 0], [0, 0]], 0, "Undefined: the two annotators have no item in common."),
        ([[3, 0], [0, 0]], 3, "Undefined: both gave 3 items the same one label."),
    ],
)
def test_undefined_kappa_gives_the_reason(table: list[list[int]], items: int, reason: str) -> None:
    assert cohen_kappa(np.array(table)) == Agreement(None, None, None, items, reason)


def test_the_table_holds_only_items_of_both() -> None:
    first = {"one": "a", "two": "b", "three": "a"}
    second = {"two": "a", "three": "a", "four": "b"}
    assert pair_table(first, second, "ab").tolist() == [[1, 0], [1, 0]]


def test_an_unknown_label_is_refused() -> None:
    with pytest.raises(KeyError, match="z"):
        pair_table({"one": "z"}, {"one": "a"}, "ab")


pairs = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=30)


@given(pairs, st.permutations(range(4)))
def test_kappa_equals_an_independent_implementation_whatever_labels_are_called(
    votes: list[tuple[int, int]], names: list[int]
) -> None:
    assume(len({label for pair in votes for label in pair}) > 1)
    first, second = ([pair[side] for pair in votes] for side in (0, 1))
    table = pair_table(dict(enumerate(first)), dict(enumerate(second)), names)
    expected = cohen_kappa_score(first, second)
    assert cohen_kappa(table, resamples=1).value == pytest.approx(expected, abs=1e-9)
