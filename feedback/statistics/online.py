"""How right a live model is, by looks at answers that were drawn at random; how many it takes.

Answers fall into strata by what is known of them before anybody looks, such as how sure the model
was. Of each stratum some are drawn for people with one probability, so that every look stands for
as many answers (Horvitz and Thompson 1952; Cochran 1977, "Sampling Techniques", chapter 5). What
the model expects of itself is known of every answer, not only of those that were drawn: it takes
noise away where it is right and does no harm where it is not, since only its difference from what
people found counts (prediction-powered inference with tuning; Angelopoulos et al. 2023, "PPI++").
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

Floats = NDArray[np.float64]
# The spread in a stratum is taken as if so many looks more had shown what the model expects: where
# all of the first few are right, the answers are not all right for that.
PRIOR_LOOKS = 2.0
# And that spread is taken to be this much times the stratum's share of all answers at the least: a
# model that is too sure of itself would make the interval of a few dozen looks too narrow, which
# next to all find right.
LEAST_SPREAD = 0.3
FEWEST = 2
ROUNDING = 1e-15


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval and how many looks it rests on; none with the reason."""

    value: float | None
    low: float | None
    high: float | None
    looks: int
    reason: str = ""


@dataclass(frozen=True)
class Window:
    """The answers of a time window by stratum.

    Attributes:
        sizes: how many answers each has, shape (h,).
        expected: mean share right that the model expects of each, shape (h,).
    """

    sizes: NDArray[np.int_]
    expected: Floats

    @property
    def shares(self) -> Floats:
        """The share of all answers that each stratum has, shape (h,)."""
        shares: Floats = self.sizes / self.sizes.sum()
        return shares


@dataclass(frozen=True)
class Looks:
    """What people found of the answers that were drawn.

    Attributes:
        stratum: which stratum each lies in, shape (n,).
        right: whether the answer was right, shape (n,).
        expected: the chance to be right that the model gave it, shape (n,).
        probability: with which each was drawn, shape (n,); None where all of a stratum had the
            same.
    """

    stratum: NDArray[np.int_]
    right: NDArray[np.bool_]
    expected: Floats
    probability: Floats | None = None


@dataclass(frozen=True)
class _Drawn:
    """Looks by stratum: each stands for as many answers as its weight says.

    `counts` is how many looks there are, shape (h,), and `worth` as how many looks of equal weight
    they tell (Kish 1965, "Survey Sampling", section 11.7): as many, where all weigh the same.
    """

    stratum: NDArray[np.int_]
    weight: Floats
    counts: NDArray[np.int_]
    sums: Floats
    worth: Floats

    def means(self, values: Floats | NDArray[np.bool_]) -> Floats:
        """Return each stratum's weighted mean, shape (h,)."""
        sums = np.bincount(self.stratum, self.weight * values, minlength=len(self.counts))
        means: Floats = sums / np.where(self.sums > 0, self.sums, 1.0)
        return means


def accuracy(window: Window, looks: Looks) -> Estimate:
    """Return the share of all answers of a window that is right.

    It is undefined, with the reason, while a stratum that has answers has fewer than two looks.
    """
    drawn = _drawn(window, looks.stratum, looks.probability)
    reason = _too_few(window, drawn.counts)
    if reason:
        return Estimate(None, None, None, int(drawn.counts.sum()), reason)
    tuned = _tuning(window, looks, drawn)
    rest = looks.right - tuned * looks.expected
    prior = np.maximum(window.expected * (1 - window.expected), LEAST_SPREAD * window.shares)
    means, spreads = drawn.means(rest), _spreads(rest, drawn, prior)
    value = float(window.shares @ (tuned * window.expected + means))
    return _interval(value, window.shares**2 * _variances(window, spreads, drawn), drawn)


def f1(
    window: Window,
    stratum: NDArray[np.int_],
    predicted: Sequence[str],
    truth: Sequence[str],
    label: str,
    *,
    probability: Floats | None = None,
) -> Estimate:
    """Return a label's F1 over all answers of a window.

    Args:
        window: the answers by stratum.
        stratum: which one each look lies in, shape (n,).
        predicted: what the model said, one for each look.
        truth: what people found.
        label: whose F1.
        probability: with which each look was drawn, as in `Looks`.
    """
    parts = f1_parts(predicted, truth, label)
    nothing = f"No look found {label}, neither said by the model nor by people."
    return ratio(window, stratum, [parts], probability, nothing=nothing)


def f1_parts(predicted: Sequence[str], truth: Sequence[str], label: str) -> tuple[Floats, Floats]:
    """Return the two parts whose sums have a label's F1 as their ratio, each of shape (n,)."""
    said = np.array([each == label for each in predicted], dtype=float)
    is_so = np.array([each == label for each in truth], dtype=float)
    return 2.0 * said * is_so, said + is_so


def ratio(
    window: Window,
    stratum: NDArray[np.int_],
    parts: Sequence[tuple[Floats, Floats]],
    probability: Floats | None = None,
    *,
    nothing: str = "No look was given.",
) -> Estimate:
    """Return the mean of some ratios of two sums over all answers of a window.

    Each sum is estimated from the looks; the spread is that of the ratios' linear part (Cochran
    1977, section 6.11). With one pair it is the share of the answers of some kind that is right, or
    an F1; with one for each label it is the macro F1.

    Args:
        window: the answers by stratum.
        stratum: which one each look lies in, shape (n,).
        parts: what is summed above and below the line for each look, pairs of shape (n,).
        probability: with which each look was drawn, as in `Looks`.
        nothing: the reason given where nothing lies below the line.
    """
    drawn = _drawn(window, stratum, probability)
    reason = _too_few(window, drawn.counts)
    parts = [(above, below) for above, below in parts if below.any()]
    if reason or not parts:
        return Estimate(None, None, None, int(drawn.counts.sum()), reason or nothing)
    stands_for = drawn.weight * (window.sizes / np.where(drawn.sums > 0, drawn.sums, 1))[stratum]
    totals = [float(stands_for @ below) for _, below in parts]
    values = [float(stands_for @ parts[k][0]) / total for k, total in enumerate(totals)]
    rest = np.zeros(len(stratum))
    for (above, below), value, total in zip(parts, values, totals, strict=True):
        rest += (above - value * below) / total / len(parts)
    prior = sum(0.25 / (total * len(parts)) ** 2 for total in totals)
    spreads = _spreads(rest, drawn, np.full(len(window.sizes), prior))
    variances = window.sizes**2 * _variances(window, spreads, drawn)
    return _interval(float(np.mean(values)), variances, drawn)


def _too_few(window: Window, counts: NDArray[np.int_]) -> str:
    if not window.sizes.sum():
        return "There are no answers in this window."
    lacking = int(((counts < np.minimum(FEWEST, window.sizes)) & (window.sizes > 0)).sum())
    if not lacking:
        return ""
    return f"Fewer than {FEWEST} looks were given in {lacking} of {len(counts)} groups of answers."


def _drawn(window: Window, stratum: NDArray[np.int_], probability: Floats | None) -> _Drawn:
    weight = np.ones(len(stratum)) if probability is None else 1 / probability
    groups = len(window.sizes)
    sums: Floats = np.bincount(stratum, weight, minlength=groups).astype(float)
    squares = np.bincount(stratum, weight**2, minlength=groups)
    return _Drawn(
        stratum=stratum,
        weight=weight,
        counts=np.bincount(stratum, minlength=groups),
        sums=sums,
        worth=sums**2 / np.where(squares > 0, squares, 1.0),
    )


def _tuning(window: Window, looks: Looks, drawn: _Drawn) -> float:
    """Return how far to trust what the model expects of single answers: from 0 to 1."""
    scale = window.shares / np.where(drawn.sums > 0, drawn.sums, 1.0)
    weight = (drawn.weight * scale[looks.stratum]) ** 2
    right: Floats = looks.right - drawn.means(looks.right)[looks.stratum]
    expected: Floats = looks.expected - drawn.means(looks.expected)[looks.stratum]
    spread = float(weight @ expected**2)
    if spread < ROUNDING:
        return 0.0
    return min(1.0, max(0.0, float(weight @ (right * expected)) / spread))


def _spreads(values: Floats, drawn: _Drawn, prior: Floats) -> Floats:
    """Return each stratum's variance, drawn toward a prior one, shape (h,)."""
    squares = drawn.worth * drawn.means((values - drawn.means(values)[drawn.stratum]) ** 2)
    spreads: Floats = squares + PRIOR_LOOKS * prior
    return spreads / np.maximum(drawn.worth - 1 + PRIOR_LOOKS, 1)


def _variances(window: Window, spreads: Floats, drawn: _Drawn) -> Floats:
    """Return the variance of each stratum's mean; what everybody has looked at has none."""
    left = np.maximum(1 - drawn.worth / np.maximum(window.sizes, 1), 0.0)
    variances: Floats = spreads * left / np.maximum(drawn.worth, 1)
    return variances


def _interval(value: float, variances: Floats, drawn: _Drawn) -> Estimate:
    """Return a value with its interval, by as many degrees of freedom as the spreads rest on."""
    variance = float(variances.sum())
    looks = int(drawn.counts.sum())
    if not variance:
        return Estimate(value, value, value, looks)
    # Satterthwaite (1946): the strata are not equally well known.
    known = np.maximum(drawn.worth - 1 + PRIOR_LOOKS, 1)
    freedom = variance**2 / float((variances**2 / known).sum())
    t = float(stdtrit(freedom, 0.975))
    # As many looks of a plain sample would have this spread; its interval is Wilson's (1927), which
    # does not fail where next to all are right, as value ± t times the spread does (Korn and
    # Graubard 1998 on such intervals for surveys).
    held = min(1.0, max(0.0, value))
    drawn_in = (held * looks + 0.5) / (looks + 1)
    square = t**2 * variance / (drawn_in * (1 - drawn_in))
    middle = (held + square / 2) / (1 + square)
    half = (square * held * (1 - held) + square**2 / 4) ** 0.5 / (1 + square)
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    return Estimate(held, min(low, held), max(high, held), looks)
