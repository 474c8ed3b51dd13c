"""Cohen's kappa against published values and scikit-learn."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from labeling.statistics.agreement import Agreement
from labeling.statistics.cohen import cohen_kappa, pair_table, pair_tables
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


VOTES = [
    *[("one", "ben", "b"), ("one", "ana", "a"), ("two", "ana", "a"), ("two", "ben", "a")],
    *[("one", "eva", "b"), ("three", "eva", "a")],
]


def test_each_pair_has_its_table_the_most_shared_first() -> None:
    found = [(one.first, one.second, one.table.tolist()) for one in pair_tables(VOTES, "ab")]
    assert found == [
        ("ben", "ana", [[1, 0], [1, 0]]),
        ("ben", "eva", [[0, 0], [0, 1]]),
        ("ana", "eva", [[0, 1], [0, 0]]),
    ]
    assert [one.first for one in pair_tables(VOTES, "ab", most=1)] == ["ben"]


def test_of_several_votes_of_one_on_an_item_the_last_counts() -> None:
    again = [*VOTES[:2], ("one", "ana", "b")]
    assert [one.table.tolist() for one in pair_tables(again, "ab")] == [[[0, 0], [0, 1]]]


@pytest.mark.parametrize("votes", [[], VOTES[:1], [VOTES[0], VOTES[5]]])
def test_without_an_item_of_two_there_is_no_pair(votes: list[tuple[str, str, str]]) -> None:
    assert pair_tables(votes, "ab") == []


def test_a_pair_with_an_unknown_label_is_refused() -> None:
    with pytest.raises(KeyError, match="z"):
        pair_tables([("one", "ana", "z")], "ab")


some_votes = st.dictionaries(
    st.tuples(st.integers(0, 5), st.sampled_from(["ana", "ben", "eva", "kim"])),
    st.sampled_from("abc"),
)


@given(some_votes, st.data())
def test_the_tables_are_those_of_each_pair_whatever_the_order(
    votes: dict[tuple[int, str], str], data: st.DataObject
) -> None:
    rows = [(item, rater, label) for (item, rater), label in votes.items()]
    found = pair_tables(data.draw(st.permutations(rows)), "abc")
    of = {
        name: {item: label for item, rater, label in rows if rater == name}
        for name in ("ana", "ben", "eva", "kim")
    }
    for one in found:
        table = pair_table(of[str(one.first)], of[str(one.second)], "abc")
        assert one.table.tolist() == table.tolist()
    shared = {(a, b) for a in of for b in of if a < b and of[a].keys() & of[b].keys()}
    assert {tuple(sorted((str(one.first), str(one.second)))) for one in found} == shared
    sizes = [int(one.table.sum()) for one in found]
    assert sizes == sorted(sizes, reverse=True)


def test_labels_that_nobody_gave_change_nothing() -> None:
    wide = np.zeros((50, 50), dtype=np.int64)
    wide[:3, :3] = COHEN
    assert cohen_kappa(wide) == cohen_kappa(np.array(COHEN))
