"""Accuracy, precision, recall and F1, overall and per label, with bootstrap intervals.

The figures equal scikit-learn's with `zero_division=0`; macro averages are over the labels that
occur in the truth or among the predictions.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.metrics.calibration import Calibration, calibrate

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Scores:
    """Precision, recall and F1 of one label or averaged; `support` is the number of true rows."""

    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class ScoreIntervals:
    """The two ends of the 95 % interval of each score."""

    precision: tuple[float, float]
    recall: tuple[float, float]
    f1: tuple[float, float]


@dataclass(frozen=True)
class LabelScores:
    """The scores of one label."""

    label: str
    scores: Scores
    intervals: ScoreIntervals


@dataclass(frozen=True)
class Overall:
    """An evaluation. `confusion[i][j]` counts rows of label i that were predicted as label j."""

    rows: int
    labels: tuple[str, ...]
    accuracy: Estimate
    weighted_f1: Estimate
    macro_f1: Estimate
    weighted: Scores
    macro: Scores
    weighted_intervals: ScoreIntervals
    macro_intervals: ScoreIntervals
    per_label: tuple[LabelScores, ...]
    confusion: tuple[tuple[int, ...], ...]
    calibration: Calibration | None

    def to_dict(self) -> dict[str, Any]:
        """Return the evaluation ready for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class _Rates:
    """Scores of one or many confusion matrices: the last axis is the label."""

    precision: Floats
    recall: Floats
    f1: Floats
    support: Floats
    occurs: NDArray[np.bool_]


def evaluate(
    truth: Sequence[str],
    predicted: Sequence[str],
    probabilities: Floats | None,
    labels: Sequence[str],
    *,
    resamples: int = 1000,
    seed: int = 0,
) -> Overall:
    """Return how well `predicted` meets `truth`, over the order of `labels`.

    `probabilities` has a column per label; with it comes the calibration. The intervals are
    percentiles of a bootstrap over rows. Raises ValueError for no rows, lists of unequal length, or
    a label that is not in `labels`.
    """
    confusion = confusion_matrix(truth, predicted, labels)
    if not confusion.sum():
        raise ValueError("There are no rows to evaluate.")
    draws = _bootstrap(confusion, resamples=resamples, seed=seed)
    rates, drawn = _rates(confusion), _rates(draws)
    return Overall(
        rows=int(confusion.sum()),
        labels=tuple(labels),
        accuracy=_estimate(_accuracy(confusion), _accuracy(draws)),
        weighted_f1=_estimate(_weighted(rates, rates.f1), _weighted(drawn, drawn.f1)),
        macro_f1=_estimate(_macro(rates, rates.f1), _macro(drawn, drawn.f1)),
        weighted=_averaged(rates, _weighted),
        macro=_averaged(rates, _macro),
        weighted_intervals=_intervals(drawn, lambda part: _weighted(drawn, part)),
        macro_intervals=_intervals(drawn, lambda part: _macro(drawn, part)),
        per_label=_per_label(labels, rates, drawn),
        confusion=tuple(tuple(int(cell) for cell in row) for row in confusion),
        calibration=_calibration(truth, probabilities, labels),
    )


def confusion_matrix(
    truth: Sequence[str], predicted: Sequence[str], labels: Sequence[str]
) -> Integers:
    """Return how often each true label (row) was predicted as each label (column).

    Raises ValueError for lists of unequal length or a label that is not in `labels`.
    """
    if len(truth) != len(predicted):
        raise ValueError(f"There are {len(predicted)} predictions for {len(truth)} rows.")
    cells = positions(truth, labels) * len(labels) + positions(predicted, labels)
    counts = np.bincount(cells, minlength=len(labels) ** 2)
    return counts.reshape(len(labels), len(labels)).astype(np.int64)


def positions(values: Sequence[str], labels: Sequence[str]) -> Integers:
    """Return the place of each value among `labels`; raise ValueError for one that has none."""
    places = {label: place for place, label in enumerate(labels)}
    if unknown := sorted(set(values) - places.keys()):
        raise ValueError(f"Not among the labels: {', '.join(unknown)}.")
    return np.array([places[value] for value in values], dtype=np.int64)


def align_probabilities(
    probabilities: Floats, model_labels: Sequence[str], labels: Sequence[str]
) -> Floats:
    """Return the columns in the order of `labels`; a label that the model does not know gets 0.

    Raises ValueError if the model knows a label that is not in `labels`.
    """
    aligned = np.zeros((len(probabilities), len(labels)))
    aligned[:, positions(model_labels, labels)] = probabilities
    return aligned


def predicted_labels(probabilities: Floats, labels: Sequence[str]) -> list[str]:
    """Return the most probable label of each row, the first of equals."""
    return [labels[place] for place in probabilities.argmax(axis=1)]


def weighted_f1(confusion: NDArray[Any]) -> Floats:
    """Return the weighted F1 of one confusion matrix, or of each in a stack of them."""
    rates = _rates(confusion)
    return _weighted(rates, rates.f1)


def weighted_f1_interval(
    confusion: Integers, *, resamples: int = 1000, seed: int = 0
) -> tuple[float, float]:
    """Return the 95 % interval of the weighted F1 of one confusion matrix with rows in it."""
    return _ends(weighted_f1(_bootstrap(confusion, resamples=resamples, seed=seed)))


def _bootstrap(confusion: Integers, *, resamples: int, seed: int) -> Integers:
    # Rows in the same cell are interchangeable: drawing how many fall into each cell is the
    # same bootstrap as drawing rows, at a cost that does not grow with the rows.
    rows = int(confusion.sum())
    rng = np.random.default_rng(seed)
    draws = rng.multinomial(rows, confusion.ravel() / rows, size=resamples)
    return draws.reshape(resamples, *confusion.shape)


def _rates(confusion: NDArray[Any]) -> _Rates:
    hits = np.diagonal(confusion, axis1=-2, axis2=-1).astype(np.float64)
    support, answers = confusion.sum(axis=-1), confusion.sum(axis=-2)
    return _Rates(
        precision=_ratio(hits, answers),
        recall=_ratio(hits, support),
        f1=_ratio(2 * hits, support + answers),
        support=support.astype(np.float64),
        occurs=(support + answers) > 0,
    )


def _ratio(part: Floats, whole: NDArray[Any]) -> Floats:
    return np.asarray(np.divide(part, whole, out=np.zeros_like(part), where=whole > 0))


def _accuracy(confusion: NDArray[Any]) -> Floats:
    hits = np.trace(confusion, axis1=-2, axis2=-1)
    return np.asarray(hits / confusion.sum(axis=(-2, -1)))


def _weighted(rates: _Rates, values: Floats) -> Floats:
    return np.asarray((values * rates.support).sum(axis=-1) / rates.support.sum(axis=-1))


def _macro(rates: _Rates, values: Floats) -> Floats:
    return np.asarray((values * rates.occurs).sum(axis=-1) / rates.occurs.sum(axis=-1))


def _averaged(rates: _Rates, average: Any) -> Scores:
    parts = (rates.precision, rates.recall, rates.f1)
    precision, recall, f1 = (float(average(rates, part)) for part in parts)
    return Scores(precision, recall, f1, int(rates.support.sum()))


def _per_label(labels: Sequence[str], rates: _Rates, drawn: _Rates) -> tuple[LabelScores, ...]:
    parts = (rates.precision, rates.recall, rates.f1)
    rows = zip(labels, *(part.tolist() for part in parts), rates.support, strict=True)
    return tuple(
        LabelScores(
            name,
            Scores(p, r, f1, int(n)),
            _intervals(drawn, lambda part, place=place: part[:, place]),  # type: ignore[misc]
        )
        for place, (name, p, r, f1, n) in enumerate(rows)
    )


def _intervals(drawn: _Rates, of: Callable[[Floats], Floats]) -> ScoreIntervals:
    """Return the intervals of what `of` makes of the drawn precisions, recalls and F1s."""
    return ScoreIntervals(*(_ends(of(part)) for part in (drawn.precision, drawn.recall, drawn.f1)))


def _ends(draws: Floats) -> tuple[float, float]:
    low, high = np.quantile(draws, [0.025, 0.975])
    return float(low), float(high)


def _estimate(value: Floats, draws: Floats) -> Estimate:
    return Estimate(float(value), *_ends(draws))


def _calibration(
    truth: Sequence[str], probabilities: Floats | None, labels: Sequence[str]
) -> Calibration | None:
    if probabilities is None:
        return None
    return calibrate(probabilities, positions(truth, labels))
