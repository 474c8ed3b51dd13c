"""Intervals for shares and for the difference of two shares."""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist


@dataclass(frozen=True)
class Share:
    """`hits` of `total` with an interval; without any, no value and the reason."""

    value: float | None
    low: float | None
    high: float | None
    hits: int
    total: int
    reason: str = ""


@dataclass(frozen=True)
class Difference:
    """One share minus another, with an interval."""

    value: float
    low: float
    high: float


def wilson(hits: int, total: int, *, level: float = 0.95) -> tuple[float, float]:
    """Return the score interval of a share (Wilson 1927), which stays within 0 and 1.

    Raises ValueError unless 0 <= hits <= total and total is above 0.
    """
    if not 0 <= hits <= total or not total:
        raise ValueError(f"0 <= hits <= total and total > 0 expected, not {hits} of {total}.")
    z = NormalDist().inv_cdf((1 + level) / 2)
    share = hits / total
    middle = (share + z**2 / (2 * total)) / (1 + z**2 / total)
    half = z * sqrt(share * (1 - share) / total + z**2 / (4 * total**2)) / (1 + z**2 / total)
    # At the ends the exact bound is 0 or 1, which rounding would miss by a digit.
    low = 0.0 if hits == 0 else middle - half
    return low, 1.0 if hits == total else middle + half


def share_of(hits: int, total: int, *, nothing: str) -> Share:
    """Return a share with Wilson's 95 % interval; `nothing` is the reason where `total` is 0."""
    if not total:
        return Share(None, None, None, 0, 0, nothing)
    return Share(hits / total, *wilson(hits, total), hits, total)


def newcombe(first: tuple[int, int], second: tuple[int, int], *, level: float = 0.95) -> Difference:
    """Return the first share minus the second (Newcombe 1998, method 10), both (hits, total).

    Raises ValueError as `wilson` does.
    """
    low_1, high_1 = wilson(*first, level=level)
    low_2, high_2 = wilson(*second, level=level)
    share_1, share_2 = first[0] / first[1], second[0] / second[1]
    value = share_1 - share_2
    return Difference(
        value,
        value - sqrt((share_1 - low_1) ** 2 + (high_2 - share_2) ** 2),
        value + sqrt((high_1 - share_1) ** 2 + (share_2 - low_2) ** 2),
    )
