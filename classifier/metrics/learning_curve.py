"""Whether more labels would help: how good a model is that learned from a part of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.metrics.classification import Estimate, evaluate
from classifier.recipes.folds import stratified_folds, take

SHARES = (0.1, 0.2, 0.4, 0.7, 1.0)
FOLDS = 3
RESAMPLES = 500
POINTS_NEEDED = 3
WORTHWHILE = 0.01
_POWERS = np.arange(0.05, 2.01, 0.05)

Rows = NDArray[np.int64]
Predict = Callable[[Rows, Rows], list[str] | None]
"""From rows to learn from to the labels that a model then gives to other rows.

None says that nothing can be learnt from so few.
"""


@dataclass(frozen=True)
class CurvePoint:
    """What models reach that learned from `rows` rows on average: weighted F1 on all others."""

    share: float
    rows: int
    weighted_f1: Estimate


@dataclass(frozen=True)
class Outlook:
    """What twice the rows would bring, by the curve that fits the points best."""

    rows: int
    weighted_f1: float
    gain: float

    @property
    def worthwhile(self) -> bool:
        """Whether that is a point of F1 or more."""
        return self.gain >= WORTHWHILE


def learning_curve(
    predict: Predict,
    labels: Sequence[str],
    *,
    shares: Sequence[float] = SHARES,
    folds: int = FOLDS,
    seed: int = 0,
    begin: Callable[[float, int], bool] | None = None,
) -> tuple[CurvePoint, ...]:
    """Return the points of growing `shares` of the rows outside each fold.

    Each share holds the smaller ones, and a row of every label. Every fold is predicted by a model
    that saw none of it; a share's point is over the rows of all folds. `begin(share, fold)` is
    asked before each training; with its first no the curve ends at the last whole point. A share
    from which nothing can be learnt has no point, and there is none at all where no label has a row
    for each fold.
    """
    order = sorted(set(labels))
    fold = stratified_folds(labels, folds=folds, seed=seed)
    rng = np.random.default_rng(seed)
    training = [_spread(labels, np.flatnonzero(fold != place), rng) for place in range(folds)]
    points: list[CurvePoint] = []
    for share in shares if (fold >= 0).any() else ():
        truth, said, sizes = list[str](), list[str](), list[int]()
        for place in range(folds):
            if begin is not None and not begin(share, place):
                return tuple(points)
            train = training[place][: _size(share, training[place], order)]
            test = np.flatnonzero(fold == place)
            answer = predict(train, test)
            if answer is None:
                break
            said += answer
            truth += take(labels, test)
            sizes.append(len(train))
        if len(sizes) == folds:
            figure = evaluate(truth, said, None, order, resamples=RESAMPLES, seed=seed).weighted_f1
            points.append(CurvePoint(share, round(float(np.mean(sizes))), figure))
    return tuple(points)


def outlook(points: Sequence[CurvePoint]) -> Outlook | None:
    """Return what twice the rows of the last point would bring; None below three points.

    The curve is the power law a - b n^-c (Cortes et al. 1994) with b not below 0: c is searched,
    a and b are the least squares for it.
    """
    if len(points) < POINTS_NEEDED:
        return None
    rows = np.array([float(point.rows) for point in points])
    reached = np.array([point.weighted_f1.value for point in points])
    fits = (_fit(rows, reached, power) for power in _POWERS)
    _, slope, power = min(fits, key=lambda each: each[0])
    most = rows[-1]
    gain = slope * (most**-power - (2 * most) ** -power)
    ends = min(float(reached[-1] + gain), 1.0)
    return Outlook(round(2 * most), ends, ends - float(reached[-1]))


def _fit(
    rows: NDArray[np.float64], reached: NDArray[np.float64], power: float
) -> tuple[float, float, float]:
    """Return the squared error, b and c of the best curve with this power."""
    falling = rows**-power
    spread = falling - falling.mean()
    slope = max(-float(spread @ reached) / float(spread @ spread), 0.0)
    errors = reached - reached.mean() + slope * spread
    return float(errors @ errors), slope, float(power)


def _spread(labels: Sequence[str], rows: NDArray[np.intp], rng: np.random.Generator) -> Rows:
    """Return the rows in a random order that begins with one of each label."""
    mixed = rng.permutation(rows)
    _, firsts = np.unique([labels[row] for row in mixed], return_index=True)
    return np.concatenate([mixed[np.sort(firsts)], np.delete(mixed, firsts)])


def _size(share: float, rows: Rows, labels: Sequence[str]) -> int:
    return min(len(rows), max(len(labels), round(share * len(rows))))
