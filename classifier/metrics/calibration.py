"""Whether confidence means what it says: of what is called 80 % sure, 80 % should be right."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ReliabilityBin:
    """Predictions of similar confidence: their range, mean confidence, share right, and count."""

    low: float
    high: float
    confidence: float
    accuracy: float
    rows: int


@dataclass(frozen=True)
class Calibration:
    """The expected calibration error, and the bins of the reliability diagram behind it."""

    error: float
    bins: tuple[ReliabilityBin, ...]


def calibrate(
    probabilities: Floats,
    targets: NDArray[np.integer[Any]],
    *,
    bins: int = 10,
    spacing: Literal["width", "mass"] = "width",
) -> Calibration:
    """Return the expected calibration error of the most probable label (Naeini et al. 2015).

    `targets` are the columns of the true labels. Bins have equal width, or with "mass" an equal
    number of rows; empty ones are left out. The error is the mean of |confidence - accuracy|
    over bins, weighted by rows. Raises ValueError for no rows.
    """
    if not len(targets):
        raise ValueError("There are no rows to calibrate on.")
    confidence = probabilities.max(axis=1)
    correct = (probabilities.argmax(axis=1) == targets).astype(np.float64)
    # Sorted by both, so that neither bins nor sums depend on the order of the rows.
    order = np.lexsort((correct, confidence))
    confidence, correct = confidence[order], correct[order]
    edges = _cuts(confidence, bins, spacing)
    pieces = zip(np.split(confidence, edges), np.split(correct, edges), strict=True)
    found = tuple(_bin(sure, right) for sure, right in pieces if len(sure))
    gaps = (each.rows * abs(each.confidence - each.accuracy) for each in found)
    return Calibration(sum(gaps) / len(confidence), found)


def expected_calibration_error(
    probabilities: Floats,
    targets: NDArray[np.integer[Any]],
    *,
    bins: int = 10,
    spacing: Literal["width", "mass"] = "width",
) -> float:
    """Return the error of `calibrate` alone."""
    return calibrate(probabilities, targets, bins=bins, spacing=spacing).error


def _cuts(confidence: Floats, bins: int, spacing: str) -> NDArray[np.intp]:
    """Return where the sorted `confidence` is cut into `bins` pieces."""
    if spacing == "mass":
        return np.arange(1, bins) * len(confidence) // bins
    # A confidence on an edge belongs to the bin below it, as in the usual definition.
    return np.searchsorted(confidence, np.arange(1, bins) / bins, side="right")


def _bin(confidence: Floats, correct: Floats) -> ReliabilityBin:
    return ReliabilityBin(
        low=float(confidence[0]),
        high=float(confidence[-1]),
        confidence=float(confidence.mean()),
        accuracy=float(correct.mean()),
        rows=len(confidence),
    )
