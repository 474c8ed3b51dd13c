"""How many answers to have looked at for an interval of a wanted width, and which.

Looks are spread by Neyman's allocation (1934): as the size of a stratum times its spread, which is
taken from what is expected of it. A stratum that people look at anyway adds no doubt and wants no
looks of the plan.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from feedback.statistics.online import FEWEST, Floats, Window


@dataclass(frozen=True)
class Plan:
    """Looks by stratum, and the half width of the interval that they lead to.

    Attributes:
        looks: how many to draw in each stratum, shape (h,); those looked at anyway have all.
        half_width: of the interval, were what is expected true.
    """

    looks: NDArray[np.int_]
    half_width: float


def plan(
    window: Window,
    half_width: float,
    *,
    level: float = 0.95,
    anyway: NDArray[np.bool_] | None = None,
) -> Plan:
    """Return how many looks to draw in each stratum for an interval of ± `half_width`.

    Args:
        window: the answers by stratum, with the share right that is expected of each.
        half_width: above 0, as a share: 0.02 for two points.
        level: of the interval, between 0 and 1.
        anyway: which strata people look at without a plan, shape (h,); None: no stratum.

    Raises:
        ValueError: a half width that is not above 0, or a level that is not between 0 and 1.
    """
    _check(half_width, level)
    if not window.sizes.sum():
        return Plan(np.zeros_like(window.sizes), 0.0)
    whole = np.zeros(len(window.sizes), bool) if anyway is None else anyway & (window.sizes > 0)
    variance = (half_width / ndtri((1 + level) / 2)) ** 2
    looks = _allocate(window, variance, whole)
    return Plan(looks, reached(window, looks, level=level))


def reached(window: Window, looks: NDArray[np.int_] | Floats, *, level: float = 0.95) -> float:
    """Return the half width that so many looks by stratum lead to; infinite where some lack.

    Raises:
        ValueError: the level is not between 0 and 1.
    """
    _check(1.0, level)
    if not window.sizes.sum():
        return 0.0
    lacking = (looks <= 0) & (window.sizes > 0)
    if lacking.any():
        return float("inf")
    left = np.maximum(1 - looks / np.maximum(window.sizes, 1), 0.0)
    within = _spread(window) ** 2 * left / np.maximum(looks, 1e-9)
    return float(ndtri((1 + level) / 2) * (window.shares**2 @ within) ** 0.5)


def _check(half_width: float, level: float) -> None:
    if half_width <= 0:
        raise ValueError("The half width of an interval is above 0.")
    if not 0 < level < 1:
        raise ValueError("The level of an interval lies between 0 and 1.")


def _spread(window: Window) -> Floats:
    spread: Floats = np.sqrt(window.expected * (1 - window.expected))
    return spread


def _allocate(window: Window, variance: float, whole: NDArray[np.bool_]) -> NDArray[np.int_]:
    """Allocate until no stratum is asked for more than it has; those are looked at as a whole."""
    while True:
        looks = _neyman(window, variance, ~whole)
        full = ~whole & (looks >= window.sizes) & (window.sizes > 0)
        if not full.any():
            return np.where(whole, window.sizes, np.minimum(looks, window.sizes)).astype(int)
        whole = whole | full


def _neyman(window: Window, variance: float, open_: NDArray[np.bool_]) -> NDArray[np.int_]:
    spread = _spread(window) * open_
    parts = window.shares * spread
    # The finite sizes take away their part of the variance (Cochran 1977, equation 5.26).
    wanted = parts.sum() ** 2 / (variance + (window.shares * spread**2).sum() / window.sizes.sum())
    share = parts / parts.sum() if parts.sum() else window.shares
    looks = np.where(open_, np.maximum(np.ceil(wanted * share), FEWEST), 0)
    within: NDArray[np.int_] = np.where(window.sizes > 0, looks, 0).astype(int)
    return within
