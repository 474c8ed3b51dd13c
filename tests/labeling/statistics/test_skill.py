"""How good annotators are on gold items."""

import numpy as np
import pytest
from scipy.stats import beta

from labeling.statistics.intervals import Share
from labeling.statistics.skill import STATED, Prior, fit_prior, repeat_consistency, skill


def test_the_posterior_adds_results_to_the_prior() -> None:
    found = skill(40, 50, prior=Prior(9, 1))
    assert found.mean == pytest.approx(49 / 60)
    expected = beta(49, 11).ppf([0.025, 0.975])
    assert (found.low, found.high) == pytest.approx(tuple(expected))
    assert (found.right, found.answered) == (40, 50)


def test_a_newcomer_is_what_the_prior_says() -> None:
    assert skill(0, 0).mean == STATED.mean == 0.9


def test_more_results_narrow_the_interval() -> None:
    few, many = skill(9, 10), skill(900, 1000)
    assert few.low < many.low < 0.9 < many.high < few.high


def test_the_prior_follows_the_annotators() -> None:
    rng = np.random.default_rng(0)
    true = rng.beta(16, 4, 300)
    found = fit_prior([(int(right), 80) for right in rng.binomial(80, true)])
    assert found.fitted
    assert found.mean == pytest.approx(0.8, abs=0.02)
    assert found.right + found.wrong == pytest.approx(20, rel=0.3)


def test_equal_annotators_give_a_prior_worth_no_more_than_its_limit() -> None:
    found = fit_prior([(80, 100)] * 20)
    assert found.right + found.wrong == pytest.approx(100)
    assert found.mean == pytest.approx(0.8, abs=0.01)


@pytest.mark.parametrize("results", [[], [(9, 10)] * 9, [(90, 100)] * 4, [(0, 0)] * 50])
def test_too_little_gold_leaves_the_stated_prior(results: list[tuple[int, int]]) -> None:
    assert fit_prior(results) == STATED
    assert not STATED.fitted


def test_the_same_answer_twice_is_a_share_with_wilsons_interval() -> None:
    found = repeat_consistency(81, 263)
    assert found.value == pytest.approx(81 / 263)
    assert (found.low, found.high) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_without_repeats_consistency_is_undefined() -> None:
    reason = "Undefined: no item was answered twice by this annotator."
    assert repeat_consistency(0, 0) == Share(None, None, None, 0, 0, reason)


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="0 <= right <= answered"):
        skill(3, 2)
    with pytest.raises(ValueError, match="0 <= right <= answered"):
        fit_prior([(3, 2)])
    with pytest.raises(ValueError, match="hits"):
        repeat_consistency(1, 0)
