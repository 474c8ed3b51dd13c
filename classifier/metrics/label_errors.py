"""Labels that a model which never saw them finds hard to believe.

Confident learning (Northcutt, Jiang and Chuang 2021): a row is suspect where another label is
confidently present, which is where its probability reaches the mean self-confidence of the rows
that carry that label. Suspects are ranked by self-confidence, the probability of the given label.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def self_confidence(probabilities: Floats, targets: NDArray[np.int64]) -> Floats:
    """Return the probability of each row's given label, `targets` being its column."""
    return np.asarray(probabilities[np.arange(len(targets)), targets])


def thresholds(probabilities: Floats, targets: NDArray[np.int64]) -> Floats:
    """Return each label's mean self-confidence; above 1, out of reach, for one without rows."""
    sure = self_confidence(probabilities, targets)
    width = probabilities.shape[1]
    counts = np.bincount(targets, minlength=width)
    sums = np.bincount(targets, weights=sure, minlength=width)
    return np.asarray(np.divide(sums, counts, out=np.full(width, 2.0), where=counts > 0))


def confident_labels(probabilities: Floats, targets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the most probable of the labels that are confidently present, -1 where none is."""
    present = probabilities >= thresholds(probabilities, targets)
    best = np.where(present, probabilities, -1.0).argmax(axis=1)
    return np.asarray(np.where(present.any(axis=1), best, -1), dtype=np.int64)


def suspects(probabilities: Floats, targets: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return the rows whose given label is not the one that is confidently present.

    The least credible come first. `probabilities` has a row for each of `targets`, from models
    that never saw the row.
    """
    if not len(targets):
        return np.zeros(0, dtype=np.intp)
    confident = confident_labels(probabilities, targets)
    off = np.flatnonzero((confident >= 0) & (confident != targets))
    return off[np.argsort(self_confidence(probabilities, targets)[off], kind="stable")]
