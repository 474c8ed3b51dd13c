"""Two models on the same rows: whether one is better, or it is chance."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.metrics.classification import Estimate, positions, weighted_f1


@dataclass(frozen=True)
class Comparison:
    """Weighted F1 of a candidate minus that of a baseline, with its 95 % interval, on `rows`."""

    difference: Estimate
    candidate: float
    baseline: float
    rows: int


def compare(
    truth: Sequence[str],
    candidate: Sequence[str],
    baseline: Sequence[str],
    labels: Sequence[str],
    *,
    resamples: int = 2000,
    seed: int = 0,
) -> Comparison:
    """Return how far `candidate` predicts better than `baseline`, by a paired bootstrap.

    Rows are drawn with both predictions together, so what is hard for both cancels out. Raises
    ValueError for no rows, lists of unequal length, or a label that is not in `labels`.
    """
    if not truth:
        raise ValueError("There are no rows to compare on.")
    if not len(truth) == len(candidate) == len(baseline):
        raise ValueError("The truth and both predictions need the same number of rows.")
    rows = np.stack([positions(each, labels) for each in (truth, candidate, baseline)], axis=1)
    # As many as the rows at most, mostly far fewer: drawing counts of them is drawing rows.
    patterns, counts = np.unique(rows, axis=0, return_counts=True)
    rng = np.random.default_rng(seed)
    draws = rng.multinomial(len(rows), counts / len(rows), size=resamples)
    weights = np.vstack([counts, draws])
    better = weighted_f1(_confusions(patterns[:, 0], patterns[:, 1], weights, len(labels)))
    worse = weighted_f1(_confusions(patterns[:, 0], patterns[:, 2], weights, len(labels)))
    low, high = np.quantile((better - worse)[1:], [0.025, 0.975])
    difference = Estimate(float(better[0] - worse[0]), float(low), float(high))
    return Comparison(difference, float(better[0]), float(worse[0]), len(rows))


def majority_baseline(truth: Sequence[str]) -> list[str]:
    """Return the predictions of always answering the most frequent label of `truth`.

    Of equally frequent labels the first by name is taken; without rows there are no predictions.
    """
    counts = Counter(truth)
    most = min(counts, key=lambda label: (-counts[label], label), default="")
    return [most] * len(truth)


def _confusions(
    truth: NDArray[np.int64],
    predicted: NDArray[np.int64],
    weights: NDArray[np.int64],
    labels: int,
) -> NDArray[np.int64]:
    """Return a confusion matrix per row of `weights`, which says how often each pattern counts."""
    cells = np.zeros((len(truth), labels * labels), dtype=np.int64)
    cells[np.arange(len(truth)), truth * labels + predicted] = 1
    return (weights @ cells).reshape(len(weights), labels, labels)
