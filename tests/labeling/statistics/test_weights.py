"""What votes say under fixed weights."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.statistics.aggregation import Votes, aggregate
from labeling.statistics.consensus import (
    Outcome,
    Verdict,
    decide_unanimous,
    decide_weighted,
)
from labeling.statistics.gold import Calibrated
from labeling.statistics.weights import Weights, as_asked

# Annotator 1 is right in 9 of 10, annotator 2 in 6 of 10, others in 7 of 10.
WEIGHTS = Weights(
    labels=(10, 20),
    prior=(0.5, 0.5),
    said={1: [[0.9, 0.1], [0.1, 0.9]], 2: [[0.6, 0.4], [0.4, 0.6]]},
    anybody=[[0.7, 0.3], [0.3, 0.7]],
)


@pytest.mark.parametrize(
    ("votes", "share"),
    [
        ([], 0.5),
        ([(1, 10)], 0.9),
        ([(1, 10), (2, 20)], 0.36 / 0.42),  # .9 x .4 against .1 x .6
        ([(2, 10), (3, 10)], 0.42 / 0.54),  # .6 x .7 against .4 x .3
        ([(1, 20), (2, 10), (3, 10)], 0.042 / 0.15),  # .1 x .6 x .7 against .9 x .4 x .3
    ],
)
def test_bayes_by_hand(votes: list[tuple[int, int]], share: float) -> None:
    found = WEIGHTS.probabilities(votes)
    assert found is not None
    assert list(found.values()) == pytest.approx([share, 1 - share], abs=1e-6)


def test_a_prior_counts_like_a_vote() -> None:
    rare = replace(WEIGHTS, prior=(0.1, 0.9))
    found = rare.probabilities([(1, 10)])
    assert found is not None
    assert found[10] == pytest.approx(0.5)  # .1 x .9 against .9 x .1


def test_calibration_is_that_of_the_matrix_form() -> None:
    calibration = Calibrated(2.0, (0.3, -0.1), 60, 0.1, 0.05)
    expected = calibration.apply(np.array([[0.9, 0.1]]))[0]
    cooled = replace(WEIGHTS, temperature=2.0, offsets=(0.3, -0.1))
    found = cooled.probabilities([(1, 10)])
    assert found is not None
    assert list(found.values()) == pytest.approx(expected.tolist(), abs=1e-6)


def test_a_label_that_the_weights_do_not_know_says_nothing() -> None:
    assert WEIGHTS.probabilities([(1, 10), (2, 30)]) is None


def test_it_is_what_the_estimate_says() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 200)
    item, annotator = np.repeat(np.arange(200), 4), np.tile(np.arange(4), 200)
    right = rng.random(800) < np.array([0.95, 0.9, 0.8, 0.6])[annotator]
    label = np.where(right, truth[item], 1 - truth[item])
    found = aggregate(Votes(item, annotator, label, 200, 5, 2), tolerance=1e-12, rounds=500)
    weights = Weights(
        labels=(0, 1),
        prior=tuple(found.prior.tolist()),
        said=dict(enumerate(found.confusion.tolist())),
        anybody=found.confusion[4].tolist(),
    )
    for number in range(0, 200, 17):
        cast = [(who, int(label[4 * number + who])) for who in range(4)]
        likely = weights.probabilities(cast)
        assert likely is not None
        assert likely[1] == pytest.approx(found.posterior[number, 1], abs=1e-5)
    # Annotator 4 gave no vote, and is taken to be as good as all together.
    assert 0.6 < found.confusion[4, 0, 0] < 0.95


cast = st.lists(st.tuples(st.integers(1, 5), st.sampled_from([10, 20])), max_size=8)


@given(cast, st.data())
def test_the_order_of_votes_never_matters(
    votes: list[tuple[int, int]], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(votes))
    assert WEIGHTS.probabilities(shuffled) == WEIGHTS.probabilities(votes)
    asked = [as_asked(7, each, wanted=2, limit=3) for each in (votes, shuffled)]
    assert asked[0] == asked[1]


class TestAsAsked:
    def test_asking_ends_once_enough_agree(self) -> None:
        votes = [(who, 10) for who in range(6)]
        assert len(as_asked(1, votes, wanted=2, limit=4)) == 2

    def test_asking_ends_at_the_limit(self) -> None:
        votes = [(who, who) for who in range(6)]
        assert len(as_asked(1, votes, wanted=2, limit=4)) == 4

    def test_fewer_votes_stay(self) -> None:
        assert as_asked(1, [(1, 10)], wanted=2, limit=4) == [(1, 10)]


@pytest.mark.parametrize(
    ("votes", "outcome", "label"),
    [
        ("", Outcome.WAITING, None),
        ("a", Outcome.WAITING, None),
        ("aa", Outcome.AGREED, "a"),
        ("ab", Outcome.REVIEW, None),
        ("aab", Outcome.REVIEW, None),
        ("aaa", Outcome.AGREED, "a"),
    ],
)
def test_unanimous(votes: str, outcome: Outcome, label: str | None) -> None:
    assert decide_unanimous(votes, wanted=2, limit=4) == Verdict(outcome, label)


@pytest.mark.parametrize(
    ("votes", "share", "verdict"),
    [
        ("a", 0.99, Verdict(Outcome.WAITING)),
        ("aa", 0.95, Verdict(Outcome.AGREED, "a", 0.95)),
        ("ab", 0.97, Verdict(Outcome.AGREED, "a", 0.97)),
        ("aa", 0.94, Verdict(Outcome.ANOTHER_LOOK)),
        ("aab", 0.94, Verdict(Outcome.REVIEW)),
        # A label that nobody voted for never stands.
        ("bb", 0.99, Verdict(Outcome.ANOTHER_LOOK)),
    ],
)
def test_weighted(votes: str, share: float, verdict: Verdict[str]) -> None:
    likely = {"a": share, "b": 1 - share}
    assert decide_weighted(votes, likely, wanted=2, limit=3, sure_enough=0.95) == verdict


def test_an_impossible_policy_is_refused() -> None:
    with pytest.raises(ValueError, match="sure_enough"):
        decide_weighted("aa", {}, wanted=2, limit=3, sure_enough=0.5)
    with pytest.raises(ValueError, match="1 <= wanted <= limit"):
        decide_unanimous("aa", wanted=3, limit=2)


def test_logs_of_certain_weights_stay_finite() -> None:
    sure = replace(WEIGHTS, said={1: [[1 - 1e-12, 1e-12], [1e-12, 1 - 1e-12]]})
    found = sure.probabilities([(1, 10)] * 5)
    assert found is not None
    assert found[10] == 1.0
