"""Temperature scaling: one number that makes confidence match accuracy (Guo et al. 2017)."""

import numpy as np
from numpy.typing import NDArray

from classifier.recipes.base import Floats
from classifier.recipes.folds import OutOfFold

_COLDEST, _HOTTEST = 0.05, 20.0
_FLOOR = 1e-12


def apply_temperature(probabilities: Floats, temperature: float) -> Floats:
    """Return softmax(log p / temperature): above 1 makes a model less sure, below 1 more.

    Raises ValueError for a temperature that is not above 0.
    """
    if not temperature > 0:
        raise ValueError(f"A temperature is above 0, not {temperature}.")
    scores = np.log(np.maximum(probabilities, _FLOOR)) / temperature
    odds = np.exp(scores - scores.max(axis=1, keepdims=True, initial=-np.inf))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def fit_temperature(probabilities: Floats, targets: NDArray[np.integer]) -> float:
    """Return the temperature, .05 to 20, with the least negative log-likelihood.

    `targets` are the columns of the true labels. Without rows the answer is 1.
    """
    if not len(targets):
        return 1.0
    from scipy.optimize import minimize_scalar

    truth = (np.arange(len(targets)), targets)

    def loss(log_temperature: float) -> float:
        scaled = apply_temperature(probabilities, float(np.exp(log_temperature)))
        return float(-np.mean(np.log(np.maximum(scaled[truth], _FLOOR))))

    bounds = (np.log(_COLDEST), np.log(_HOTTEST))
    best = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-6})
    return float(np.exp(best.x))


def temperature_of(held_out: OutOfFold | None) -> float:
    """Return the temperature fitted on out-of-fold predictions, 1 where there are none."""
    if held_out is None:
        return 1.0
    rows = held_out.held_out
    return fit_temperature(held_out.probabilities[rows], held_out.targets[rows])
