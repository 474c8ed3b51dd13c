"""A stratified split into folds, and predictions for rows that the model has not seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.recipes.base import Floats, Parameters, Progress, Recipe, check_rows, silent

ALWAYS_TRAINED_ON = -1


@dataclass(frozen=True)
class OutOfFold:
    """Predictions on rows held out of training; rows that were never held out hold NaN."""

    labels: tuple[str, ...]
    probabilities: Floats
    targets: NDArray[np.int64]
    held_out: NDArray[np.bool_]


def stratified_folds(labels: Sequence[str], *, folds: int, seed: int) -> NDArray[np.int64]:
    """Return each row's fold, every label spread evenly over all folds.

    Rows of a label with fewer rows than folds get `ALWAYS_TRAINED_ON`: holding one out would take
    away much of what can be learnt of that label.
    """
    rng = np.random.default_rng(seed)
    fold = np.full(len(labels), ALWAYS_TRAINED_ON, dtype=np.int64)
    _, targets = np.unique(np.asarray(labels), return_inverse=True)
    start = 0
    for target in range(targets.max(initial=-1) + 1):
        rows = rng.permutation(np.flatnonzero(targets == target))
        if len(rows) >= folds:
            fold[rows] = (start + np.arange(len(rows))) % folds
            start += len(rows)
    return fold


def out_of_fold(
    recipe: type[Recipe[Any]],
    parameters: Parameters | None,
    texts: Sequence[str],
    labels: Sequence[str],
    *,
    folds: int = 5,
    seed: int = 0,
    weights: Floats | None = None,
    progress: Progress | None = None,
) -> OutOfFold | None:
    """Return predictions for every row that can be held out, each by a model that never saw it.

    Too few rows for that many folds: fewer folds, down to 2. Where not even two labels have two
    rows each, nothing can be held out and the answer is None. Raises what the recipe raises.
    """
    rows = check_rows(texts, labels, weights)
    folds = _possible_folds(rows.targets, folds)
    if folds <= 1:
        return None
    report = progress or silent
    fold = stratified_folds(labels, folds=folds, seed=seed)
    probabilities = np.full((len(texts), len(rows.labels)), np.nan)
    for number in range(folds):
        report(f"checking on fold {number + 1} of {folds}", number / folds)
        train, test = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        model = recipe(parameters)
        model.fit(take(texts, train), take(labels, train), weights=rows.weights[train])
        # No label is lost from a training part, so the columns are the same in every fold.
        probabilities[test] = model.predict_proba(take(texts, test))
    return OutOfFold(rows.labels, probabilities, rows.targets, fold != ALWAYS_TRAINED_ON)


def _possible_folds(targets: NDArray[np.int64], folds: int) -> int:
    """Return the most folds, up to `folds`, that at least two labels have rows for."""
    second_largest = int(np.sort(np.bincount(targets))[-2])
    return min(folds, second_largest)


def take(values: Sequence[str], rows: NDArray[np.int64]) -> list[str]:
    """Return the values at `rows`."""
    return [values[row] for row in rows]
