"""Evidence that a model is better: its exact values, and that it holds at every look."""

from fractions import Fraction
from math import exp, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.metrics.sequential import evidence, log_evidence

COUNTS = st.integers(0, 400)


def test_nothing_seen_is_worth_one() -> None:
    assert evidence(0, 0).log_better == pytest.approx(0)
    assert evidence(0, 0).log_worse == pytest.approx(0)


@pytest.mark.parametrize(("wins", "losses"), [(1, 0), (7, 2), (30, 12), (3, 9), (60, 60)])
def test_is_the_mean_over_the_bets(wins: int, losses: int) -> None:
    bets = [Fraction(1003 + 6 * step, 2000) for step in range(100)]
    owned = [(2 * bet) ** wins * (2 * (1 - bet)) ** losses for bet in bets]
    assert exp(evidence(wins, losses).log_better) == pytest.approx(float(sum(owned) / 100))


def test_one_win_is_worth_the_mean_of_twice_the_share() -> None:
    # The mean of 2p over p from .5 to .8 is .5 + .8.
    assert exp(evidence(1, 0).log_better) == pytest.approx(1.3)
    assert exp(evidence(0, 1).log_better) == pytest.approx(0.7)


@given(COUNTS, COUNTS)
def test_is_a_fair_bet_at_every_step(wins: int, losses: int) -> None:
    now = log_evidence(np.array([wins]), np.array([losses]))[0]
    ahead = log_evidence(np.array([wins + 1]), np.array([losses]))[0]
    behind = log_evidence(np.array([wins]), np.array([losses + 1]))[0]
    assert 0.5 * exp(ahead - now) + 0.5 * exp(behind - now) == pytest.approx(1)


@given(COUNTS, COUNTS)
def test_both_sides_mirror_each_other(wins: int, losses: int) -> None:
    one, other = evidence(wins, losses), evidence(losses, wins)
    assert (one.log_better, one.log_worse) == (other.log_worse, other.log_better)
    assert not (one.won() and one.lost())


def test_equal_models_are_told_apart_in_a_twentieth_of_all_cases_at_most() -> None:
    """Walk all paths of 200 fair coins, and add up the chance of those that ever reach 20."""
    alive, reached = {0: Fraction(1)}, Fraction(0)
    for tosses in range(1, 201):
        following: dict[int, Fraction] = {}
        for wins, chance in alive.items():
            for won in (0, 1):
                following[wins + won] = following.get(wins + won, Fraction(0)) + chance / 2
        over = {wins for wins in following if evidence(wins, tosses - wins).won()}
        reached += sum((following.pop(wins) for wins in over), Fraction(0))
        alive = following
    assert 0 < reached <= Fraction(1, 20)
    assert reached + sum(alive.values()) == 1


def test_ten_wins_in_a_row_prove_it_and_six_do_not() -> None:
    assert evidence(10, 0).won()
    assert not evidence(6, 0).won()
    assert evidence(0, 10).lost()


def test_a_sure_loser_has_no_evidence_left_but_a_number() -> None:
    # Of the hundred bets, the most timid one has lost least.
    timid = log(1 / 100) + 5000 * log(0.997)
    assert evidence(0, 5000).log_better == pytest.approx(timid, abs=0.01)
    assert evidence(0, 5000).lost()


@pytest.mark.parametrize(("wins", "losses"), [(-1, 0), (0, -1)])
def test_refuses_what_is_no_count(wins: int, losses: int) -> None:
    with pytest.raises(ValueError, match="counts"):
        evidence(wins, losses)
