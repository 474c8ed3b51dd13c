"""When audits refute a promise about errors, however often somebody looks.

The promise is that at most a share `error` of the accepted answers is wrong. Somebody who doubts it
bets against it, answer by answer, on every share above the promised one at once; the evidence is
what they would own who began with 1. While the promise holds it ever reaches 1/a with probability
`a` at most (Ville's inequality), so the test may be made after every answer. A test of fixed size,
such as that of Clopper and Pearson, would refute true promises in the end if it were repeated.

The evidence is the likelihood ratio of the mean of all shares above `error` (a uniform prior)
against `error` itself: Robbins 1970, "Statistical methods related to the law of the iterated
logarithm". For any smaller share it is even less than fair to the one who bets.
"""

from math import inf, log

from scipy.special import betaincc, betaln


def log_evidence(wrong: int, looks: int, error: float) -> float:
    """Return the natural logarithm of the evidence that more than a share `error` is wrong.

    Args:
        wrong: answers that people found wrong.
        looks: answers that people looked at, drawn at random from the accepted.
        error: the promised share, between 0 and 1.

    Raises:
        ValueError: the numbers cannot be.
    """
    if not (0 <= wrong <= looks and 0 < error < 1):
        raise ValueError("There are 0 to `looks` wrong ones, and the share lies between 0 and 1.")
    right = looks - wrong
    above = float(betaincc(wrong + 1, right + 1, error))
    if not above:
        return -inf
    whole = float(betaln(wrong + 1, right + 1)) + log(above) - log(1 - error)
    return whole - wrong * log(error) - right * log(1 - error)


def refuted(wrong: int, looks: int, *, error: float, risk: float) -> bool:
    """Tell whether a promise is refuted; a true one ever is with probability `risk` at most."""
    return log_evidence(wrong, looks, error) >= -log(risk)
