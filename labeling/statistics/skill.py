"""How often an annotator is right on gold items, and how often they answer the same twice."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labeling.statistics.intervals import Share, wilson

Floats = NDArray[np.float64]

# Fewer people or results than this can't tell how much annotators differ.
FEWEST_PEOPLE, FEWEST_RESULTS = 5, 100
# Between "says nothing about a person" and "worth 100 gold results of their own".
_STRENGTH = (2.0, 100.0)


@dataclass(frozen=True)
class Prior:
    """What is known of an annotator before their first gold result: a Beta distribution.

    `fitted` says whether it comes from this project's annotators.
    """

    right: float
    wrong: float
    fitted: bool = False

    @property
    def mean(self) -> float:
        """The share right that it expects."""
        return self.right / (self.right + self.wrong)


# Worth ten gold results, nine of them right: trained people do about as well, and fifty results of
# one's own outweigh it.
STATED = Prior(9.0, 1.0)


@dataclass(frozen=True)
class Skill:
    """The posterior mean share right, its two-sided interval, and the results behind it."""

    mean: float
    low: float
    high: float
    right: int
    answered: int


def fit_prior(results: Sequence[tuple[int, int]]) -> Prior:
    """Return the Beta-Binomial prior of greatest likelihood, STATED where there is too little.

    Each result is one annotator's (right, answered) on gold items.

    Raises ValueError for more right than answered.
    """
    for right, answered in results:
        _check(right, answered)
    given = np.array([result for result in results if result[1]], dtype=np.float64)
    if len(given) < FEWEST_PEOPLE or given[:, 1].sum() < FEWEST_RESULTS:
        return STATED
    from scipy.optimize import minimize
    from scipy.special import betaln, expit

    hits, misses = given[:, 0], given[:, 1] - given[:, 0]

    def shape(place: Floats) -> tuple[float, float]:
        mean, strength = expit(place[0]), np.exp(place[1])
        return float(mean * strength), float((1 - mean) * strength)

    def loss(place: Floats) -> float:
        a, b = shape(place)
        return float(-np.sum(betaln(a + hits, b + misses) - betaln(a, b)))

    bounds = [(-5.0, 5.0), tuple(np.log(_STRENGTH))]
    best = minimize(loss, np.array([1.0, 2.0]), bounds=bounds, method="L-BFGS-B")
    return Prior(*shape(best.x), fitted=True)


def skill(right: int, answered: int, *, prior: Prior = STATED, level: float = 0.95) -> Skill:
    """Return the Beta posterior of an annotator's share right; it never looks at their speed.

    Raises ValueError for more right than answered.
    """
    _check(right, answered)
    from scipy.special import betaincinv

    a, b = prior.right + right, prior.wrong + answered - right
    low, high = (float(betaincinv(a, b, (1 + side * level) / 2)) for side in (-1, 1))
    return Skill(a / (a + b), low, high, right, answered)


def repeat_consistency(same: int, repeated: int, *, level: float = 0.95) -> Share:
    """Return how often an annotator gave an item the same label the second time, with Wilson's
    interval.

    Raises ValueError for more same than repeated.
    """
    if not repeated and not same:
        reason = "Undefined: no item was answered twice by this annotator."
        return Share(None, None, None, 0, 0, reason)
    low, high = wilson(same, repeated, level=level)
    return Share(same / repeated, low, high, same, repeated)


def _check(right: int, answered: int) -> None:
    if not 0 <= right <= answered:
        raise ValueError(f"0 <= right <= answered expected, not {right} of {answered}.")
