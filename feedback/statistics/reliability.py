"""How far a reporter is to be believed, by the reports of theirs that people have decided."""

from collections.abc import Iterable

from scipy.special import betaincinv

RISK = 0.05


def lower_bound(right: int, decided: int) -> float:
    """Return what a reporter's share of right reports is at least, but for one chance in twenty.

    With a uniform prior the share has a Beta distribution once reports were decided (the
    Beta-Binomial model). Who is new is believed little: 0.05.

    Args:
        right: decided reports that were right.
        decided: all that were decided.

    Raises:
        ValueError: the numbers cannot be.
    """
    if not 0 <= right <= decided:
        raise ValueError("Of the decided reports, 0 to all are right.")
    return float(betaincinv(right + 1, decided - right + 1, RISK))


def joint(bounds: Iterable[float]) -> float:
    """Return how far a claim of several reporters is to be believed: that one of them is right.

    It grows with each further reporter, and with how reliable they are (noisy or).
    """
    doubt = 1.0
    for bound in bounds:
        doubt *= 1 - bound
    return 1 - doubt
