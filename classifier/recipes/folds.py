"""A stratified split into folds, and predictions for rows that the model has not seen."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.recipes.base import Floats, Parameters, Piece, Progress, Recipe, check_rows
from classifier.recipes.checkpoint import fingerprint, write_whole

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

    A recipe that is slow to train has fewer of the folds checked (`Recipe.folds_checked`). Too few
    rows for that many folds: fewer folds, down to 2. Where not even two labels have two rows each,
    nothing can be held out and the answer is None. Folds that are done are kept in the checkpoint
    folder of `progress`. Raises what the recipe raises.
    """
    rows = check_rows(texts, labels, weights)
    folds = _possible_folds(rows.targets, folds)
    if folds <= 1:
        return None
    whole = progress or Progress()
    fold = stratified_folds(labels, folds=folds, seed=seed)
    checked = min(folds, recipe.folds_checked)
    settings = (parameters or recipe.parameters_type()).to_dict()
    key = fingerprint(recipe.name, settings, list(texts), list(labels), rows.weights.tolist(), seed)
    probabilities = np.full((len(texts), len(rows.labels)), np.nan)
    for number in range(checked):
        train, test = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        part = _Fold(whole, number, checked)
        answers = partial(
            _answers,
            recipe(parameters),
            take(texts, train),
            take(labels, train),
            unseen=take(texts, test),
            weights=rows.weights[train],
            progress=part,
        )
        probabilities[test] = _kept(part.checkpoint_dir, f"{key}-{folds}", answers)
    return OutOfFold(rows.labels, probabilities, rows.targets, (fold >= 0) & (fold < checked))


def _answers(
    model: Recipe[Any],
    texts: Sequence[str],
    labels: Sequence[str],
    *,
    unseen: Sequence[str],
    weights: Floats,
    progress: Progress,
) -> Floats:
    model.fit(texts, labels, weights=weights, progress=progress)
    # No label is lost from a training part, so the columns are the same in every fold.
    return model.predict_proba(unseen)


class _Fold(Piece):
    """A fold's share of the whole, under one name: its own stages would be told again each time."""

    def __init__(self, whole: Progress, number: int, folds: int) -> None:
        super().__init__(whole, number / folds, (number + 1) / folds, folder=f"fold-{number + 1}")
        self._name = f"checking on fold {number + 1} of {folds}"
        self(self._name, 0.0)

    def __call__(self, stage: str, done: float) -> None:
        super().__call__(self._name, done)


def _kept(folder: Path | None, key: str, compute: Callable[[], Floats]) -> Floats:
    """Return what `compute` answers, or has answered before a kill."""
    if folder is None:
        return compute()
    path = folder / f"{key}.npy"
    if path.exists():
        return np.asarray(np.load(path, allow_pickle=False), dtype=np.float64)
    answer = compute()
    content = io.BytesIO()
    np.save(content, answer, allow_pickle=False)
    write_whole(path, content.getvalue())
    return answer


def _possible_folds(targets: NDArray[np.int64], folds: int) -> int:
    """Return the most folds, up to `folds`, that at least two labels have rows for."""
    second_largest = int(np.sort(np.bincount(targets))[-2])
    return min(folds, second_largest)


def take(values: Sequence[str], rows: NDArray[np.int64]) -> list[str]:
    """Return the values at `rows`."""
    return [values[row] for row in rows]
