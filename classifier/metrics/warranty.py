"""From which confidence on a model's answers may stand by themselves, under a promise.

The promise is: of what is accepted, at most a share `error` is wrong, and this is broken with
probability `risk` at most. The usual way, to take the lowest threshold that looks right on the data
at hand, breaks it about every second time, since the luckiest of many thresholds is taken. Here
the thresholds stand in an order before any label is looked at, and are tested one after the other
until one fails (fixed-sequence testing; Angelopoulos et al. 2021, "Learn then Test", section 4.2).
Each is tested by the exact upper bound of Clopper and Pearson (1934).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

# The first threshold accepts so many that the promise would allow this many errors among them:
# one error by chance must not end the search at once.
ALLOWED_AT_FIRST = 5
# Each further threshold accepts so many times as many as the one before it.
STEP = 1.05


@dataclass(frozen=True)
class Promise:
    """At most `error` of the accepted is wrong, except with probability `risk`.

    Raises:
        ValueError: one of them is not between 0 and 1.
    """

    error: float
    risk: float

    def __post_init__(self) -> None:
        """Refuse what is no share."""
        if not (0 < self.error < 1 and 0 < self.risk < 1):
            raise ValueError("Error and risk of a promise lie between 0 and 1.")

    @property
    def fewest(self) -> int:
        """How many labels can prove it at the very least: without an error among them."""
        return ceil(log(self.risk) / log(1 - self.error))

    def each(self, count: int) -> "Promise":
        """Return the promise of each of so many that are to hold all at once.

        That any of them is broken is no likelier than the sum over all, however much they depend
        on one another (Bonferroni): so each gets an equal part of the risk.
        """
        return Promise(self.error, self.risk / count)


@dataclass(frozen=True)
class Warranty:
    """What may be accepted under a promise.

    Attributes:
        threshold: confidence from which on answers are accepted; None where none are.
        labels: how many labels it was derived from.
        accepted: how many of them lie at or above the threshold.
        wrong: how many of those are wrong.
        upper: upper bound of the share wrong among the accepted; None without a threshold.
        missing: how many labels more it takes at the least before anything may be accepted; 0
            where something is, or where there are enough and the model is not right often enough.
    """

    threshold: float | None
    labels: int
    accepted: int
    wrong: int
    upper: float | None
    missing: int

    @property
    def coverage(self) -> float:
        """Share of the labels at or above the threshold: what it would accept."""
        return self.accepted / self.labels if self.labels else 0.0


def warrant(
    confidence: NDArray[np.float64], right: NDArray[np.bool_], promise: Promise
) -> Warranty:
    """Return the lowest threshold that a promise can be kept with.

    Args:
        confidence: of the model's answers, shape (n,), on items that were drawn at random.
        right: whether people agree with each, shape (n,).
        promise: what is to hold of the accepted.

    Raises:
        ValueError: the shapes differ.
    """
    if confidence.shape != right.shape or confidence.ndim != 1:
        raise ValueError("There is one confidence for each label.")
    order = np.argsort(-confidence, kind="stable")
    ordered = confidence[order]
    wrong = np.cumsum(~right[order], dtype=int)
    counts = _counts(ordered, promise)
    bounds = _upper(wrong[counts - 1], counts, promise.risk)
    failed = np.flatnonzero(bounds > promise.error)
    passed = int(failed[0]) if len(failed) else len(counts)
    if not passed:
        missing = 0 if len(counts) else promise.fewest - len(ordered)
        return Warranty(None, len(ordered), 0, 0, None, max(missing, 0))
    last = int(counts[passed - 1])
    return Warranty(
        threshold=float(ordered[last - 1]),
        labels=len(ordered),
        accepted=last,
        wrong=int(wrong[last - 1]),
        upper=float(bounds[passed - 1]),
        missing=0,
    )


def warrant_each(
    confidence: NDArray[np.float64],
    right: NDArray[np.bool_],
    predicted: NDArray[np.str_],
    promise: Promise,
    labels: Sequence[str],
) -> dict[str, Warranty]:
    """Return for each label the lowest threshold that a promise can be kept with, for all at once.

    Of what is accepted as a label, at most `error` is wrong, for every label, except with
    probability `risk` that any of them breaks it. A label is tested on the answers that name it.

    Args:
        confidence: of the model's answers, shape (n,), on items that were drawn at random.
        right: whether people agree with each, shape (n,).
        predicted: the label that each answer names, shape (n,).
        promise: what is to hold of what is accepted as each label.
        labels: all that there are, also those that no answer names.

    Raises:
        ValueError: the shapes differ.
    """
    if predicted.shape != confidence.shape:
        raise ValueError("There is one label for each confidence.")
    own = promise.each(len(labels)) if labels else promise
    rows = {label: predicted == label for label in labels}
    return {label: warrant(confidence[row], right[row], own) for label, row in rows.items()}


def threshold_by_cost(error_cost: float, look_cost: float) -> float:
    """Return the confidence from which on a look costs more than the errors that it saves.

    An answer is looked at while the chance that it is wrong, times what an error costs, exceeds
    what a look costs (Chow 1970, "On optimum recognition error and reject tradeoff").

    Raises:
        ValueError: a cost is not above 0.
    """
    if error_cost <= 0 or look_cost <= 0:
        raise ValueError("An error and a look cost something.")
    return max(0.0, 1 - look_cost / error_cost)


def _counts(ordered: NDArray[np.float64], promise: Promise) -> NDArray[np.int_]:
    """Return how many each threshold of the sequence accepts: chosen without a look at labels."""
    total = len(ordered)
    if total < promise.fewest:
        return np.array([], dtype=int)
    first = min(max(promise.fewest, floor(ALLOWED_AT_FIRST / promise.error)), total)
    counts = [first]
    while counts[-1] < total:
        counts.append(min(total, max(counts[-1] + 1, floor(counts[-1] * STEP))))
    # What has the same confidence is accepted together.
    whole = np.searchsorted(-ordered, -ordered[np.array(counts) - 1], side="right")
    return np.unique(whole)


def _upper(wrong: NDArray[np.int_], counts: NDArray[np.int_], risk: float) -> NDArray[np.float64]:
    bounds: NDArray[np.float64] = betaincinv(wrong + 1, counts - wrong, 1 - risk)
    return np.where(wrong == counts, 1.0, bounds)
