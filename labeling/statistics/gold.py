"""What a posterior is worth, by items whose label is known: calibration, and what may resolve.

Annotators who err on the same hard items are not independent, which every posterior from votes
takes them to be: it says 99 % where fewer are right.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labeling.statistics.aggregation import OPEN, Floats, Integers

FEWEST_GOLD, FOLDS, BINS = 50, 5, 10
_COLDEST, _HOTTEST = 0.2, 20.0
_FLOOR = 1e-12
_HALF = 0.5


@dataclass(frozen=True)
class Calibrated:
    """A temperature fitted on gold, with the calibration error before and after it.

    Both errors are on gold; the one after is cross-validated.
    """

    temperature: float
    gold: int
    error_before: float
    error_after: float

    def apply(self, posterior: Floats) -> Floats:
        """Return the posterior as sure as gold says it may be."""
        return _scaled(posterior, self.temperature)


@dataclass(frozen=True)
class Uncalibrated:
    """There is too little gold: the posterior may order a queue, and may not resolve an item."""

    gold: int
    reason: str


def calibrate(posterior: Floats, labels: Integers, *, seed: int = 0) -> Calibrated | Uncalibrated:
    """Return the temperature (Guo et al. 2017) that makes posteriors mean what they say.

    Args:
        posterior: of gold items with votes, from `aggregate` over all items, gold not told to it.
        labels: the true label of each.
        seed: decides which gold items are held out together.

    Raises ValueError where these are not equally many.
    """
    if len(posterior) != len(labels):
        raise ValueError(f"{len(posterior)} posteriors do not go with {len(labels)} labels.")
    missing = posterior.shape[1] - len(np.unique(labels))
    if len(labels) < FEWEST_GOLD or missing:
        return Uncalibrated(len(labels), _too_little(len(labels), missing))
    fold = np.random.default_rng(seed).permutation(len(labels)) % FOLDS
    held_out = np.empty_like(posterior)
    for number in range(FOLDS):
        train, test = fold != number, fold == number
        held_out[test] = _scaled(posterior[test], _temperature(posterior[train], labels[train]))
    return Calibrated(
        temperature=_temperature(posterior, labels),
        gold=len(labels),
        error_before=calibration_error(posterior, labels),
        error_after=calibration_error(held_out, labels),
    )


def resolvable(posterior: Floats, calibration: Calibrated, *, at_least: float) -> NDArray[np.int64]:
    """Return the label of each item that is probable enough once calibrated, OPEN for the others.

    It takes a Calibrated: without gold no posterior resolves an item. Raises ValueError unless
    .5 < at_least <= 1.
    """
    if not _HALF < at_least <= 1:
        raise ValueError(f".5 < at_least <= 1 expected, not {at_least}.")
    probability = calibration.apply(posterior)
    return np.where(probability.max(axis=1) >= at_least, probability.argmax(axis=1), OPEN)


def calibration_error(posterior: Floats, labels: Integers) -> float:
    """Return the expected calibration error of the most probable label (Naeini et al. 2015).

    Ten bins of equal width, weighted by their items. Raises ValueError without any.
    """
    if not len(labels):
        raise ValueError("There are no items to measure calibration on.")
    sure = posterior.max(axis=1)
    right = (posterior.argmax(axis=1) == labels).astype(np.float64)
    place = np.clip(np.ceil(sure * BINS).astype(np.int64) - 1, 0, BINS - 1)
    gaps = np.bincount(place, weights=sure - right, minlength=BINS)
    return float(np.abs(gaps).sum() / len(labels))


def _temperature(posterior: Floats, labels: NDArray[Any]) -> float:
    """Return the temperature of least negative log-likelihood."""
    from scipy.optimize import minimize_scalar

    truth = (np.arange(len(labels)), labels)

    def loss(log_temperature: float) -> float:
        scaled = _scaled(posterior, float(np.exp(log_temperature)))
        return float(-np.log(np.maximum(scaled[truth], _FLOOR)).mean())

    bounds = (np.log(_COLDEST), np.log(_HOTTEST))
    return float(np.exp(minimize_scalar(loss, bounds=bounds, method="bounded").x))


def _scaled(posterior: Floats, temperature: float) -> Floats:
    scores = np.log(np.maximum(posterior, _FLOOR)) / temperature
    odds = np.exp(scores - scores.max(axis=1, keepdims=True, initial=-np.inf))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def _too_little(gold: int, missing: int) -> str:
    seen = f"; {missing} labels have no gold item" if missing else ""
    return (
        f"Not calibrated, may not resolve: {gold} gold items with votes{seen}. "
        f"It takes {FEWEST_GOLD}, with every label among them."
    )
