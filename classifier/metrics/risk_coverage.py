"""How right a model is on what it is surest of, and what share that leaves to people.

The curve is El-Yaniv and Wiener's (2010) risk over coverage, drawn as accuracy. It describes these
rows and promises nothing of new ones: a threshold picked from it is right on the rows it was picked
on.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labeling.statistics.intervals import wilson

TARGETS = (0.95, 0.98, 0.99)
MOST_POINTS = 60
# Keeps a target that is met exactly from being missed by the last digit.
_SLACK = 1e-12


@dataclass(frozen=True)
class Point:
    """The `rows` of at least this confidence: their share of all, and the share of them right."""

    coverage: float
    accuracy: float
    threshold: float
    rows: int


@dataclass(frozen=True)
class Target:
    """The most rows that can be left to the model with this accuracy among them.

    `to_people` is the share of the others: 1 where no threshold reaches the target, and then there
    is none. `low` and `high` are Wilson's 95 % interval of the accuracy.
    """

    accuracy: float
    to_people: float
    threshold: float | None
    rows: int
    reached: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class RiskCoverage:
    """The curve from the surest rows to all of them, and the targets on it."""

    rows: int
    points: tuple[Point, ...]
    targets: tuple[Target, ...]


def risk_coverage(
    confidence: NDArray[np.float64],
    correct: NDArray[np.bool_],
    *,
    targets: tuple[float, ...] = TARGETS,
) -> RiskCoverage:
    """Return the curve of rows with a `confidence` each and whether they are `correct`.

    Rows of equal confidence stay together, as no threshold can part them. Raises ValueError for no
    rows or lists of unequal length.
    """
    if not len(confidence) or len(confidence) != len(correct):
        raise ValueError("Every row needs a confidence and whether it is right; there are none.")
    order = np.argsort(-confidence, kind="stable")
    sure, hits = confidence[order], np.cumsum(correct[order])
    last = np.append(np.flatnonzero(np.diff(sure)), len(sure) - 1)
    rows = last + 1
    accuracy = hits[last] / rows
    shown = np.unique(
        np.linspace(0, len(rows) - 1, min(MOST_POINTS, len(rows))).round().astype(int)
    )
    points = tuple(
        Point(
            coverage=float(rows[place] / len(sure)),
            accuracy=float(accuracy[place]),
            threshold=float(sure[last[place]]),
            rows=int(rows[place]),
        )
        for place in shown
    )
    found = tuple(_target(each, rows, accuracy, sure) for each in targets)
    return RiskCoverage(len(sure), points, found)


def _target(
    wanted: float,
    rows: NDArray[np.intp],
    accuracy: NDArray[np.float64],
    sure: NDArray[np.float64],
) -> Target:
    reaching = np.flatnonzero(accuracy >= wanted - _SLACK)
    if not len(reaching):
        return Target(wanted, 1.0, None, 0, None, None, None)
    kept, reached = int(rows[reaching[-1]]), float(accuracy[reaching[-1]])
    low, high = wilson(round(reached * kept), kept)
    return Target(
        accuracy=wanted,
        to_people=1 - kept / len(sure),
        threshold=float(sure[kept - 1]),
        rows=kept,
        reached=reached,
        low=low,
        high=high,
    )
