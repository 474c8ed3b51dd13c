"""Votes weighed by annotators' confusion, against the truth and the majority."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from benchmarks.consensus import accuracy, counted
from benchmarks.crowd import CROWDS, Setting, simulate
from labeling.statistics.aggregation import OPEN, Votes, aggregate, best_label, majority


def votes_of(rows: list[tuple[int, int, int]], labels: int = 2) -> Votes:
    """Return votes from (item, annotator, label)."""
    item, annotator, label = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    items, annotators = (int(each.max(initial=0)) + 1 for each in (item, annotator))
    return Votes(item, annotator, label, items, annotators, labels)


def mixed(seed: int = 0, crowd: str = "guessing") -> tuple[Votes, NDArray[np.int64]]:
    setting = Setting(crowd, True, 600, 3, 4, 100, 0.0)
    return simulate(setting, np.random.default_rng(seed))


def test_the_majority_keeps_ties_and_items_without_votes_open() -> None:
    rows = [(0, 0, 1), (0, 1, 1), (0, 2, 0), (1, 0, 0), (1, 1, 1), (3, 0, 0)]
    found = majority(votes_of(rows))
    assert found.label.tolist() == [1, OPEN, OPEN, 0]
    assert found.share.tolist() == [pytest.approx(2 / 3), 0.5, 0.0, 1.0]


def test_unanimous_annotators_are_believed() -> None:
    rows = [(item, who, item % 3) for item in range(30) for who in range(4)]
    found = aggregate(votes_of(rows, labels=3))
    assert best_label(found.posterior).tolist() == [item % 3 for item in range(30)]
    assert found.posterior.max(axis=1).min() > 0.95
    assert (np.diagonal(found.confusion, axis1=1, axis2=2) > 0.8).all()


def test_two_who_guess_do_not_outvote_one_who_knows() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 4, 400)
    # Five who are right, and two who guess, on the first 300 items; then one against the two.
    rows = [(item, who, truth[item]) for item in range(300) for who in range(5)]
    rows += [(item, who, rng.integers(0, 4)) for item in range(300) for who in (5, 6)]
    rows += [(item, 0, truth[item]) for item in range(300, 400)]
    rows += [(item, who, (truth[item] + 1) % 4) for item in range(300, 400) for who in (5, 6)]
    votes = votes_of(rows, labels=4)
    assert (majority(votes).label[300:] == (truth[300:] + 1) % 4).all()
    assert (best_label(aggregate(votes).posterior)[300:] == truth[300:]).all()


def test_a_confusion_matrix_comes_near_the_true_one() -> None:
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 2, 2000)
    sure = [(item, who, truth[item]) for item in range(2000) for who in range(3)]
    # The fourth says 1 for every fourth 0, and is always right on 1.
    swaps = (truth == 0) & (rng.random(2000) < 0.25)
    rows = sure + [(item, 3, int(truth[item] or swaps[item])) for item in range(2000)]
    confusion = aggregate(votes_of(rows)).confusion[3]
    assert confusion[0] == pytest.approx([0.75, 0.25], abs=0.03)
    assert confusion[1] == pytest.approx([0.0, 1.0], abs=0.03)


def test_posteriors_and_confusion_are_probabilities() -> None:
    found = aggregate(mixed()[0])
    assert found.posterior.sum(axis=1) == pytest.approx(np.ones(600))
    assert found.confusion.sum(axis=2) == pytest.approx(np.ones((24, 3)))
    assert found.prior.sum() == pytest.approx(1)
    assert found.weighted
    assert found.reason == ""


def test_two_annotators_cannot_be_told_apart() -> None:
    found = aggregate(votes_of([(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 1)]))
    assert found.posterior.tolist() == [[0.5, 0.5], [0.0, 1.0]]
    assert best_label(found.posterior).tolist() == [OPEN, 1]
    assert not found.weighted
    assert found.reason.startswith("Votes are counted, not weighed: 2 annotators voted")


def test_an_item_without_votes_is_what_labels_are_on_the_whole() -> None:
    votes = votes_of([(item, who, 0) for item in (0, 2) for who in range(3)])
    found = aggregate(votes)
    assert found.posterior[1] == pytest.approx(found.prior)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6))
def test_the_order_of_votes_never_matters(seed: int) -> None:
    votes, _ = mixed()
    order = np.random.default_rng(seed).permutation(len(votes.item))
    shuffled = Votes(
        votes.item[order], votes.annotator[order], votes.label[order], 600, votes.annotators, 3
    )
    assert aggregate(shuffled).posterior == pytest.approx(aggregate(votes).posterior, abs=1e-9)


@pytest.mark.parametrize("names", [(1, 2, 0), (2, 1, 0)])
def test_what_labels_are_called_never_matters(names: tuple[int, ...]) -> None:
    votes, _ = mixed()
    called = np.array(names)[votes.label]
    renamed = Votes(votes.item, votes.annotator, called, 600, votes.annotators, 3)
    found = aggregate(renamed).posterior[:, list(names)]
    assert found == pytest.approx(aggregate(votes).posterior, abs=1e-6)


@pytest.mark.parametrize("crowd", CROWDS)
@pytest.mark.parametrize("size", [(600, 2, 3, 20), (600, 4, 2, 30), (300, 10, 10, 100)])
def test_weighing_never_loses_a_point_to_the_majority(
    crowd: str, size: tuple[int, int, int, int]
) -> None:
    losses = []
    for seed in range(10):
        votes, truth = simulate(Setting(crowd, True, *size, 0.3), np.random.default_rng(seed))
        ours = accuracy(aggregate(votes).posterior, truth)
        losses.append(accuracy(counted(votes), truth) - ours)
    assert np.mean(losses) <= 0.01


def test_weighing_gains_where_a_third_of_the_crowd_guesses() -> None:
    votes, truth = mixed()
    gain = accuracy(aggregate(votes).posterior, truth) - accuracy(counted(votes), truth)
    assert gain > 0.03


@pytest.mark.parametrize(
    ("item", "label", "labels", "message"),
    [
        ([0, 1], [0], 2, "equally many"),
        ([0], [2], 2, "Each label must be 0 to 1"),
        ([-1], [0], 2, "Each item must be 0 to 4"),
        ([5], [0], 2, "Each item must be 0 to 4"),
        ([0], [0], 1, "at least 2 labels"),
    ],
)
def test_votes_that_cannot_be_counted_are_refused(
    item: list[int], label: list[int], labels: int, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Votes(np.array(item), np.array([0] * len(item)), np.array(label), 5, 1, labels)
