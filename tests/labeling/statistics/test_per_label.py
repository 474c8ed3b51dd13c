"""Agreement on each label against published values, an independent library and the definition."""

import krippendorff
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from labeling.statistics.agreement import Agreement, count_matrix, krippendorff_alpha
from labeling.statistics.per_label import LabelAgreement, agreement_per_label
from tests.labeling.statistics.test_agreement import (
    COHEN,
    fleiss_1971,
    krippendorff_2011,
    two_raters,
    votes_of_items,
)

# Fleiss 1971: kappa of depression, personality disorder, schizophrenia, neurosis and other.
BY_CATEGORY = (0.245, 0.245, 0.520, 0.471, 0.566)


def test_alpha_by_category_follows_the_published_kappas() -> None:
    """With nothing missing, 1 - alpha = (1 - kappa) (n - 1) / n, for n = 180 votes."""
    found = [one.alpha.value for one in agreement_per_label(fleiss_1971(), resamples=1)]
    assert found == pytest.approx(
        [1 - (1 - kappa) * 179 / 180 for kappa in BY_CATEGORY], abs=0.0006
    )


def test_specific_agreement_of_two_raters_is_that_of_the_textbook() -> None:
    """Cicchetti & Feinstein 1990: twice the agreeing items over all that either gave the label."""
    found = [one.specific.value for one in agreement_per_label(two_raters(COHEN), resamples=1)]
    assert found == pytest.approx([2 * 88 / (100 + 120), 2 * 40 / (60 + 60), 2 * 12 / (40 + 20)])


def test_votes_and_items_are_counted_where_there_are_two_votes() -> None:
    counts = np.array([[2, 0], [1, 1], [3, 0], [1, 0], [0, 1]])
    first, second = agreement_per_label(counts, resamples=10)
    assert (first.votes, first.alpha.items, first.specific.items) == (6, 3, 3)
    assert (second.votes, second.alpha.items, second.specific.items) == (1, 3, 1)
    # Votes for the first label: on their items, 1 of 1, 1 of 1, 0 of 1, and three times 2 of 2.
    assert first.specific.value == pytest.approx(5 / 6)
    assert second.specific.value == 0


def test_without_two_votes_nothing_is_defined() -> None:
    reason = "Undefined: none of the 2 labeled items has two votes."
    nothing = Agreement(None, None, None, 0, reason)
    expected = LabelAgreement(0, nothing, nothing)
    assert agreement_per_label(np.array([[1, 0], [0, 1]])) == [expected, expected]


def test_one_label_only_leaves_alpha_undefined_and_specific_agreement_one() -> None:
    used, unused = agreement_per_label(np.array([[2, 0], [3, 0]]))
    everything = "Undefined: all 5 votes are for this label."
    assert used.alpha == Agreement(None, None, None, 2, everything)
    assert used.specific == Agreement(1.0, 1.0, 1.0, 2)
    nothing = "Undefined: none of the 5 votes is for this label."
    assert unused.alpha == Agreement(None, None, None, 2, nothing)
    assert unused.specific == Agreement(None, None, None, 0, nothing)


def test_perfect_agreement_is_one_for_each_label() -> None:
    found = agreement_per_label(np.array([[2, 0, 0], [0, 3, 0], [0, 0, 2]] * 20))
    assert {(one.alpha.value, one.specific.value) for one in found} == {(1.0, 1.0)}


def test_two_labels_have_the_alpha_of_both() -> None:
    counts = two_raters(((20, 5), (10, 15)))
    found = agreement_per_label(counts, resamples=1)
    assert [one.alpha.value for one in found] == pytest.approx([krippendorff_alpha(counts)] * 2)


def test_the_intervals_are_those_of_drawing_items() -> None:
    counts = fleiss_1971()
    found = agreement_per_label(counts, resamples=4000)[2]
    rng = np.random.default_rng(9)
    drawn = [
        agreement_per_label(counts[rng.integers(30, size=30)], resamples=1)[2] for _ in range(800)
    ]
    for name in ("alpha", "specific"):
        values = [getattr(one, name).value for one in drawn]
        expected = np.quantile(np.array(values, dtype=float), [0.025, 0.975])
        interval = (getattr(found, name).low, getattr(found, name).high)
        assert interval == pytest.approx(tuple(expected), abs=0.03)


def specific(items: list[list[int]], label: int) -> float | None:
    """Return specific agreement from its definition."""
    shares = [
        (votes.count(label) - 1) / (len(votes) - 1)
        for votes in items
        if len(votes) > 1
        for vote in votes
        if vote == label
    ]
    return float(np.mean(shares)) if shares else None


@given(votes_of_items)
def test_each_figure_is_that_of_its_definition(items: list[list[int]]) -> None:
    votes = [(item, label) for item, given in enumerate(items) for label in given]
    found = agreement_per_label(count_matrix(votes, range(4)), resamples=1)
    for label, one in enumerate(found):
        assert one.specific.value == pytest.approx(specific(items, label), abs=1e-9)
        shared = [vote == label for given in items if len(given) > 1 for vote in given]
        if len(set(shared)) < 2:
            assert one.alpha.value is None
            continue
        table = np.full((5, len(items)), np.nan)
        for item, row in enumerate(items):
            table[: len(row), item] = [vote == label for vote in row]
        expected = krippendorff.alpha(table, level_of_measurement="nominal", value_domain=[0, 1])
        assert one.alpha.value == pytest.approx(expected, abs=1e-9)


@given(votes_of_items, st.data())
def test_the_order_of_votes_changes_nothing(items: list[list[int]], data: st.DataObject) -> None:
    votes = [(item, label) for item, given in enumerate(items) for label in given]
    assume(votes)
    shuffled = data.draw(st.permutations(votes))
    first = agreement_per_label(count_matrix(votes, range(4)), resamples=20)
    assert agreement_per_label(count_matrix(shuffled, range(4)), resamples=20) == first


def test_a_missing_vote_is_not_counted() -> None:
    def told(counts: NDArray[np.int64]) -> list[float | None]:
        return [one.alpha.value for one in agreement_per_label(counts, resamples=1)]

    counts = krippendorff_2011()
    alone = counts.sum(axis=1) == 1
    assert alone.any()
    assert told(counts) == told(counts[~alone])
