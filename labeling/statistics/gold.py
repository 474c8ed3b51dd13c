"""What a posterior is worth, by items whose label is known: calibration, and what may resolve.

Annotators who err on the same hard items are not independent, which every posterior from votes
takes them to be: it says 99 % where fewer are right.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labeling.statistics.aggregation import OPEN, Aggregate, Floats, Integers, softmax
from labeling.statistics.wording import plural

FEWEST_GOLD, FOLDS, BINS = 50, 5, 10
# Held-out error above which the calibration is not believed. Two hundred gold items alone make
# some .04 of it by chance.
MOST_ERROR = 0.10
_COLDEST, _HOTTEST, _WIDEST = 0.2, 20.0, 5.0
_FLOOR = 1e-12
_HALF = 0.5
# The price of an offset per label, squared; infinite allows none. Offsets mend errors that all
# annotators share, and cost accuracy where there are none: cross-validation decides.
_PENALTIES = (np.inf, 2.0)


@dataclass(frozen=True)
class Calibrated:
    """A temperature and an offset per label fitted on gold, and the calibration errors.

    Both errors are on gold; the one after is cross-validated.
    """

    temperature: float
    offsets: tuple[float, ...]
    gold: int
    error_before: float
    error_after: float

    def apply(self, posterior: Floats) -> Floats:
        """Return the posterior as sure as gold says it may be."""
        return _scaled(posterior, self.temperature, np.array(self.offsets))


@dataclass(frozen=True)
class Uncalibrated:
    """The posterior may order a queue, and may not resolve an item."""

    gold: int
    reason: str


def calibrate(
    aggregate: Aggregate, items: Integers, labels: Integers, *, seed: int = 0
) -> Calibrated | Uncalibrated:
    """Return the temperature (Guo et al. 2017) that makes posteriors mean what they say.

    With it goes an offset per label (bias-corrected temperature scaling, Alexandari et al. 2020)
    where cross-validation on gold says that it helps.

    Args:
        aggregate: of all votes, gold not told to it.
        items: the gold items with votes.
        labels: the true label of each.
        seed: decides which gold items are held out together.

    Raises ValueError where items and labels are not equally many.
    """
    if len(items) != len(labels):
        raise ValueError(f"{len(items)} items do not go with {len(labels)} labels.")
    posterior = aggregate.posterior[items]
    reason = _too_little(aggregate, labels)
    if reason:
        return Uncalibrated(len(labels), reason)
    before = calibration_error(posterior, labels)
    tried = [_held_out(posterior, labels, penalty, seed) for penalty in _PENALTIES]
    losses = [_log_loss(each, labels) for each in (*tried, posterior)]
    best = int(np.argmin(losses))
    as_it_is = best == len(_PENALTIES)
    error = before if as_it_is else calibration_error(tried[best], labels)
    if error > MOST_ERROR:
        return Uncalibrated(
            len(labels),
            f"Not calibrated, may not resolve: on held-out gold it is {error:.2f} off, and "
            f"{MOST_ERROR:.2f} is allowed.",
        )
    if as_it_is:
        return Calibrated(1.0, (0.0,) * posterior.shape[1], len(labels), before, before)
    temperature, offsets = _fit(posterior, labels, _PENALTIES[best])
    return Calibrated(temperature, tuple(offsets.tolist()), len(labels), before, error)


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


def _held_out(posterior: Floats, labels: Integers, penalty: float, seed: int) -> Floats:
    """Return the calibrated posteriors, each by a fit that did not see it."""
    fold = np.random.default_rng(seed).permutation(len(labels)) % FOLDS
    held_out = np.empty_like(posterior)
    for number in range(FOLDS):
        train, test = fold != number, fold == number
        held_out[test] = _scaled(posterior[test], *_fit(posterior[train], labels[train], penalty))
    return held_out


def _fit(posterior: Floats, labels: Integers, penalty: float) -> tuple[float, Floats]:
    """Return the temperature and the offsets of least log loss, with the penalty on offsets."""
    from scipy.optimize import minimize

    size = posterior.shape[1]
    logs = np.log(np.maximum(posterior, _FLOOR))
    truth = np.eye(size)[labels]
    priced = 0.0 if np.isinf(penalty) else penalty / len(labels)

    def loss(place: Floats) -> tuple[float, Floats]:
        """Return the loss and its gradient at (log temperature, offsets)."""
        cooled, offsets = logs / np.exp(place[0]), place[1:]
        found = softmax(cooled + offsets)
        excess = (found - truth) / len(labels)
        slope = np.r_[-(excess * cooled).sum(), excess.sum(axis=0) + 2 * priced * offsets]
        return _log_loss(found, labels) + float(priced * (offsets**2).sum()), slope

    free = 0.0 if np.isinf(penalty) else _WIDEST
    bounds = [(np.log(_COLDEST), np.log(_HOTTEST))] + [(-free, free)] * size
    best = minimize(loss, np.zeros(1 + size), jac=True, bounds=bounds, method="L-BFGS-B").x
    return float(np.exp(best[0])), best[1:]


def _log_loss(posterior: Floats, labels: Integers) -> float:
    right = posterior[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(right, _FLOOR)).mean())


def _scaled(posterior: Floats, temperature: float, offsets: Floats) -> Floats:
    return softmax(np.log(np.maximum(posterior, _FLOOR)) / temperature + offsets)


def _too_little(aggregate: Aggregate, labels: Integers) -> str:
    """Return what is missing for a calibration, "" if nothing is."""
    if not aggregate.weighted:
        return f"Not calibrated, may not resolve. {aggregate.reason}"
    missing = aggregate.posterior.shape[1] - len(np.unique(labels))
    if len(labels) >= FEWEST_GOLD and not missing:
        return ""
    unseen = f"; {plural(missing, 'label')} without any" if missing else ""
    return (
        f"Not calibrated, may not resolve: {plural(len(labels), 'gold item')} with votes{unseen}. "
        f"It takes {FEWEST_GOLD}, with every label among them."
    )
