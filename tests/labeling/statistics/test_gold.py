"""What a posterior is worth by gold, and what it may resolve."""

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.crowd import Setting, simulate
from labeling.statistics.aggregation import OPEN, Aggregate, aggregate
from labeling.statistics.gold import (
    Calibrated,
    Uncalibrated,
    calibrate,
    calibration_error,
    resolvable,
)


def crowd(kind: str = "mixed") -> tuple[Aggregate, NDArray[np.int64]]:
    setting = Setting(kind, True, 1200, 4, 5, 200, 0.3)
    votes, truth = simulate(setting, np.random.default_rng(4))
    return aggregate(votes), truth


def posteriors(rows: NDArray[np.float64]) -> Aggregate:
    return Aggregate(rows, np.zeros(0), np.zeros(0), 1.0, 1)


def by_hand(*, sure: float, right: int, of: int) -> tuple[Aggregate, NDArray[np.int64]]:
    """Return posteriors that are as sure of each of two labels, and right on some of each."""
    rows = np.array([[sure, 1 - sure]] * of + [[1 - sure, sure]] * of)
    labels = np.array(([0] * right + [1] * (of - right)) + ([1] * right + [0] * (of - right)))
    return posteriors(rows), labels


def test_what_is_99_percent_sure_and_80_percent_right_comes_out_at_80() -> None:
    found, labels = by_hand(sure=0.99, right=80, of=100)
    calibration = calibrate(found, np.arange(200), labels)
    assert isinstance(calibration, Calibrated)
    assert calibration.error_before == pytest.approx(0.19)
    assert calibration.apply(found.posterior).max(axis=1) == pytest.approx(
        np.full(200, 0.8), abs=0.01
    )
    # Odds of 99 become odds of 4: the ratio of their logarithms.
    assert calibration.temperature == pytest.approx(3.315, abs=0.05)


def test_what_means_what_it_says_is_left_as_it_is() -> None:
    found, labels = by_hand(sure=0.8, right=80, of=100)
    calibration = calibrate(found, np.arange(200), labels)
    assert isinstance(calibration, Calibrated)
    assert (calibration.temperature, calibration.offsets) == (1.0, (0.0, 0.0))
    assert calibration.error_after == calibration.error_before == pytest.approx(0)


def test_a_crowd_is_too_sure_of_hard_items_until_gold_tells_it() -> None:
    found, truth = crowd()
    gold, rest = np.arange(200), np.arange(200, 1200)
    calibration = calibrate(found, gold, truth[gold])
    assert isinstance(calibration, Calibrated)
    assert calibration.temperature > 1.1
    before = calibration_error(found.posterior[rest], truth[rest])
    after = calibration_error(calibration.apply(found.posterior[rest]), truth[rest])
    assert after < before
    assert after <= 0.05


def test_errors_that_all_share_are_mended_by_offsets() -> None:
    # Everybody who says 0 is right, half of the items on which they say 1 are 0.
    rows = np.array([[0.9, 0.1]] * 200 + [[0.1, 0.9]] * 200)
    labels = np.array([0] * 200 + [0, 1] * 100)
    calibration = calibrate(posteriors(rows), np.arange(400), labels)
    assert isinstance(calibration, Calibrated)
    assert calibration.offsets[0] > 0.5 > -0.5 > calibration.offsets[1]
    assert calibration.error_after < 0.05 < calibration.error_before


def test_too_little_gold_may_not_resolve() -> None:
    found, truth = crowd()
    assert calibrate(found, np.arange(49), truth[:49]) == Uncalibrated(
        49,
        "Not calibrated, may not resolve: 49 gold items with votes. "
        "It takes 50, with every label among them.",
    )
    assert calibrate(found, np.arange(0), truth[:0]).gold == 0


def test_a_label_without_gold_may_not_resolve() -> None:
    found, truth = crowd()
    gold = np.flatnonzero(truth < 3)
    refused = calibrate(found, gold, truth[gold])
    assert isinstance(refused, Uncalibrated)
    assert "1 label without any" in refused.reason


def test_two_annotators_may_not_resolve() -> None:
    votes, truth = simulate(Setting("good", True, 200, 2, 2, 200, 0.0), np.random.default_rng(0))
    refused = calibrate(aggregate(votes), np.arange(200), truth)
    assert isinstance(refused, Uncalibrated)
    assert "counted, not weighed: 2 annotators" in refused.reason


def test_a_calibration_that_does_not_hold_on_held_out_gold_is_refused() -> None:
    # Right on half of what it is sure of, and on all of the rest: no temperature mends that.
    rows = np.array([[0.95, 0.05], [0.05, 0.95]] * 50 + [[0.6, 0.4], [0.4, 0.6]] * 50)
    labels = np.array([0, 1, 1, 0] * 25 + [0, 1] * 50)
    refused = calibrate(posteriors(rows), np.arange(200), labels)
    assert isinstance(refused, Uncalibrated)
    assert "on held-out gold it is" in refused.reason


def test_only_what_is_probable_enough_once_calibrated_resolves() -> None:
    rows = np.array([[0.99, 0.01], [0.2, 0.8], [0.5, 0.5]])
    cool = Calibrated(1.0, (0.0, 0.0), 100, 0.1, 0.02)
    assert resolvable(rows, cool, at_least=0.8).tolist() == [0, 1, OPEN]
    # At temperature 3 odds of 99 become 4.63, and odds of 4 become 1.59.
    warm = Calibrated(3.0, (0.0, 0.0), 100, 0.1, 0.02)
    assert resolvable(rows, warm, at_least=0.8).tolist() == [0, OPEN, OPEN]
    with pytest.raises(ValueError, match="at_least"):
        resolvable(rows, cool, at_least=0.5)


def test_the_calibration_error_is_the_mean_gap_over_bins() -> None:
    rows = np.array([[0.9, 0.1]] * 4 + [[0.55, 0.45]] * 6)
    labels = np.array([0, 0, 0, 1, 0, 0, 0, 0, 0, 0])
    # |.9 - .75| on four, |.55 - 1| on six.
    assert calibration_error(rows, labels) == pytest.approx(0.4 * 0.15 + 0.6 * 0.45)
    with pytest.raises(ValueError, match="no items"):
        calibration_error(rows[:0], labels[:0])


def test_items_and_labels_go_together() -> None:
    found, truth = crowd()
    with pytest.raises(ValueError, match="3 items do not go with 2 labels"):
        calibrate(found, np.arange(3), truth[:2])
