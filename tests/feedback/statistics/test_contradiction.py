"""Promises that audits refute: true ones hardly ever, however often somebody looks."""

from math import exp, log

import numpy as np
import pytest
from scipy.integrate import quad

from feedback.statistics.contradiction import log_evidence, refuted


@pytest.mark.parametrize(("wrong", "looks", "error"), [(0, 0, 0.1), (3, 20, 0.05), (1, 60, 0.05)])
def test_it_is_the_mean_likelihood_ratio_of_all_larger_shares(
    wrong: int, looks: int, error: float
) -> None:
    def ratio(share: float) -> float:
        return (share / error) ** wrong * ((1 - share) / (1 - error)) ** (looks - wrong)

    mean = quad(ratio, error, 1)[0] / (1 - error)
    assert exp(log_evidence(wrong, looks, error)) == pytest.approx(mean, rel=1e-6)


def test_without_a_look_nothing_is_known() -> None:
    assert log_evidence(0, 0, 0.05) == pytest.approx(0.0)
    assert not refuted(0, 0, error=0.05, risk=0.05)


@pytest.mark.parametrize(("wrong", "looks"), [(-1, 2), (3, 2)])
def test_what_cannot_be_is_refused(wrong: int, looks: int) -> None:
    with pytest.raises(ValueError, match="wrong ones"):
        log_evidence(wrong, looks, 0.05)


def test_much_data_does_not_overflow() -> None:
    assert not refuted(0, 1_000_000, error=0.05, risk=0.05)
    assert refuted(500_000, 1_000_000, error=0.05, risk=0.05)


def first_refuted(rng: np.random.Generator, truth: float, looks: int) -> int | None:
    """Return after how many audits a promise of 5 % is refuted, looking after each."""
    wrong = np.cumsum(rng.random(looks) < truth)
    return next(
        (
            count
            for count in range(1, looks + 1)
            if log_evidence(int(wrong[count - 1]), count, 0.05) >= log(20)
        ),
        None,
    )


def test_a_true_promise_is_refuted_less_often_than_it_may() -> None:
    rng = np.random.default_rng(1)
    refuted_ones = sum(first_refuted(rng, 0.05, 200) is not None for _ in range(200))
    assert refuted_ones / 200 <= 0.05


def test_a_broken_one_is_found_out() -> None:
    rng = np.random.default_rng(2)
    assert all(first_refuted(rng, 0.25, 200) is not None for _ in range(50))
