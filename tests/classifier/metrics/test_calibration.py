"""Calibration error and the bins behind it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.metrics.calibration import ReliabilityBin, calibrate, expected_calibration_error


def two_labels(confidence: list[float]) -> np.ndarray:
    return np.array([[each, 1 - each] for each in confidence])


def test_by_hand() -> None:
    probabilities = two_labels([0.95, 0.95, 0.95, 0.65])
    found = calibrate(probabilities, np.array([0, 0, 1, 1]))
    unsure, sure = found.bins
    assert unsure == ReliabilityBin(0.65, 0.65, 0.65, 0.0, 1)
    assert (sure.confidence, sure.accuracy, sure.rows) == pytest.approx((0.95, 2 / 3, 3))
    assert found.error == pytest.approx((0.65 + 3 * (0.95 - 2 / 3)) / 4)


def test_confidence_that_is_true_has_no_error() -> None:
    probabilities = two_labels([0.75] * 4)
    assert expected_calibration_error(probabilities, np.array([0, 0, 0, 1])) == 0.0


def test_a_confidence_on_an_edge_belongs_to_the_bin_below() -> None:
    found = calibrate(two_labels([0.6, 0.61]), np.array([0, 0]))
    assert [each.rows for each in found.bins] == [1, 1]


def test_equal_mass_bins_hold_equally_many_rows() -> None:
    confidence = np.linspace(0.51, 0.99, 25).tolist()
    found = calibrate(two_labels(confidence), np.zeros(25, dtype=int), bins=5, spacing="mass")
    assert [each.rows for each in found.bins] == [5] * 5


def test_fewer_rows_than_bins() -> None:
    found = calibrate(two_labels([0.7, 0.9]), np.array([0, 0]), spacing="mass")
    assert [each.rows for each in found.bins] == [1, 1]


def test_no_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="no rows to calibrate on"):
        calibrate(np.zeros((0, 2)), np.zeros(0, dtype=int))


rows = st.lists(st.tuples(st.sampled_from([0.5, 0.6, 0.8, 1.0]), st.booleans()), min_size=1)


@given(rows, st.data(), st.sampled_from(["width", "mass"]))
def test_the_order_of_rows_never_matters(
    pairs: list[tuple[float, bool]], data: st.DataObject, spacing: str
) -> None:
    found = []
    for order in (pairs, data.draw(st.permutations(pairs))):
        probabilities = two_labels([confidence for confidence, _ in order])
        targets = np.array([int(wrong) for _, wrong in order])
        found.append(calibrate(probabilities, targets, spacing=spacing))  # type: ignore[arg-type]
    assert found[0] == found[1]
    assert 0 <= found[0].error <= 1
    assert sum(each.rows for each in found[0].bins) == len(pairs)
