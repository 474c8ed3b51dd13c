"""How far annotators agree beyond chance, with an interval.

Votes come as a count matrix: one row per item, one column per label, each cell the number of
annotators who gave that label to that item. Nominal agreement needs no more than that, and a
missing vote is simply not counted.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labeling.statistics.wording import plural

Counts = NDArray[np.integer[Any]]
Floats = NDArray[np.float64]
# Cells of the votes whose result is remembered; larger ones would fill the memory.
LARGEST_KEPT = 4096


class Coefficient(StrEnum):
    """What can be computed from a count matrix."""

    PERCENT = "percent"
    ALPHA = "alpha"
    FLEISS = "fleiss"
    AC1 = "ac1"


@dataclass(frozen=True)
class Agreement:
    """A coefficient with its interval, or the reason why there is none.

    `items` counts the items with at least two votes: the others say nothing about agreement.
    """

    value: float | None
    low: float | None
    high: float | None
    items: int
    reason: str = ""


@dataclass(frozen=True)
class _Asked:
    """Which coefficient, and how its interval is drawn."""

    coefficient: Coefficient
    resamples: int
    seed: int
    level: float


@dataclass(frozen=True)
class _Sums:
    """Per item: its votes per label, all its votes, and its agreeing pairs.

    `agreeing` is divided by the other votes, as alpha wants it; an item with one vote has none.
    """

    votes: Floats
    total: Floats
    agreeing: Floats


def count_matrix(
    votes: Iterable[tuple[Hashable, Hashable]], labels: Sequence[Hashable]
) -> NDArray[np.int64]:
    """Return the items x labels counts of `votes`, pairs of (item, label).

    Rows stand in order of an item's first vote. Raises KeyError for a label not in `labels`.
    """
    columns = {label: column for column, label in enumerate(labels)}
    rows: dict[Hashable, int] = {}
    cells = [(rows.setdefault(item, len(rows)), columns[label]) for item, label in votes]
    counts = np.zeros((len(rows), len(columns)), dtype=np.int64)
    if cells:
        np.add.at(counts, tuple(np.array(cells).T), 1)
    return counts


def percent_agreement(counts: Counts) -> float | None:
    """Return the mean share of agreeing pairs over items with two votes, None without any.

    It isn't corrected for chance, so it is defined, and 1, where only one label was ever used.
    """
    return _value(counts, Coefficient.PERCENT)


def krippendorff_alpha(counts: Counts) -> float | None:
    """Return Krippendorff's alpha for nominal labels (Krippendorff 2011), None if undefined.

    Undefined means: no item has two votes, or all votes on those that have are for one label.
    """
    return _value(counts, Coefficient.ALPHA)


def fleiss_kappa(counts: Counts) -> float | None:
    """Return Fleiss' kappa (Fleiss 1971), None if undefined.

    With missing votes it is Gwet's form (2014, Handbook of Inter-Rater Reliability, ch. 2): items
    with two votes tell agreement, and all items with a vote tell how often a label comes by chance.
    """
    return _value(counts, Coefficient.FLEISS)


def gwet_ac1(counts: Counts) -> float | None:
    """Return Gwet's AC1 (Gwet 2008, eq. 4, with missing votes as in `fleiss_kappa`).

    Chance is spread over the labels that were used at all: one that nobody ever gave must not make
    agreement look better. None if undefined.
    """
    return _value(counts, Coefficient.AC1)


def alpha_with_interval(
    counts: Counts, *, resamples: int = 1000, seed: int = 0, level: float = 0.95
) -> Agreement:
    """Return alpha with its interval, as `agreement` does."""
    return agreement(
        counts, coefficient=Coefficient.ALPHA, resamples=resamples, seed=seed, level=level
    )


def agreement(
    counts: Counts,
    *,
    coefficient: Coefficient,
    resamples: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> Agreement:
    """Return a coefficient with a percentile bootstrap interval over items (Efron 1979).

    Votes on one item depend on each other, so whole items are drawn. A draw in which the
    coefficient is undefined is left out; where that is most of them, there is no interval.
    """
    patterns, repeats = np.unique(counts.astype(np.int64), axis=0, return_counts=True)
    compute = _agreement if patterns.size <= LARGEST_KEPT else _agreement.__wrapped__
    asked = _Asked(coefficient, resamples, seed, level)
    return compute(patterns.tobytes(), repeats.astype(np.int64).tobytes(), counts.shape[1], asked)


# Most weeks, sources and pairs are the same at the next look at a page, and drawing is dear.
@lru_cache(maxsize=1024)
def _agreement(patterns: bytes, repeats: bytes, labels: int, asked: _Asked) -> Agreement:
    """Return what `agreement` does, of different rows and how often each stands."""
    times = np.frombuffer(repeats, dtype=np.int64)
    rows = np.frombuffer(patterns, dtype=np.int64).reshape(len(times), labels)
    counts = np.repeat(rows, times, axis=0)
    shared, used = len(pairable(counts)), _used(counts, asked.coefficient)
    value = _value(counts, asked.coefficient)
    if value is None:
        return Agreement(None, None, None, shared, _undefined(counts, used))
    draws = _bootstrap(used, asked.coefficient, resamples=asked.resamples, seed=asked.seed)
    return with_interval(value, draws, items=shared, level=asked.level)


def with_interval(value: float, draws: Floats, *, items: int, level: float) -> Agreement:
    """Return `value` with the percentile interval of `draws`, in which NaN stands for undefined."""
    defined = draws[~np.isnan(draws)]
    if 2 * len(defined) < len(draws):
        reason = f"No interval: {items} items with two votes or more are too few."
        return Agreement(value, None, None, items, reason)
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return Agreement(value, float(low), float(high), items)


def pairable(counts: Counts) -> Counts:
    """Return the rows of the items that have two votes or more."""
    return np.compress(counts.sum(axis=1) > 1, counts, axis=0)


def _used(counts: Counts, coefficient: Coefficient) -> Counts:
    """Return the rows and columns that bear on the coefficient."""
    if coefficient in {Coefficient.PERCENT, Coefficient.ALPHA}:
        return pairable(counts)
    if not len(pairable(counts)):
        return counts[:0]
    voted = np.compress(counts.sum(axis=1) > 0, counts, axis=0)
    return np.compress(voted.sum(axis=0) > 0, voted, axis=1)


def _value(counts: Counts, coefficient: Coefficient) -> float | None:
    used = _used(counts, coefficient)
    if not len(used):
        return None
    # Summed by pattern, so that the last digit doesn't depend on the order of the items either.
    patterns, repeats = np.unique(used, axis=0, return_counts=True)
    weights = repeats[np.newaxis].astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = _FORMULAS[coefficient](weights, _sums(patterns))[0]
    return None if np.isnan(value) else float(value)


def _bootstrap(used: Counts, coefficient: Coefficient, *, resamples: int, seed: int) -> Floats:
    patterns, weights = resample(used, resamples=resamples, seed=seed)
    with np.errstate(invalid="ignore", divide="ignore"):
        return _FORMULAS[coefficient](weights[1:], _sums(patterns))


def resample(used: Counts, *, resamples: int, seed: int) -> tuple[Counts, Floats]:
    """Return the different rows of `used`, and how often each counts: as it stands, then drawn.

    Items with the same votes are interchangeable: drawing how often each pattern comes up is the
    same bootstrap as drawing items, at a fraction of the work.

    Args:
        used: items x labels counts, with one row or more.
        resamples: how many times as many items as there are are drawn.
        seed: of the draws.

    Returns:
        The patterns, and (1 + resamples) x patterns weights, whose first row is no draw.
    """
    patterns, repeats = np.unique(used, axis=0, return_counts=True)
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(len(used), repeats / len(used), size=resamples)
    return patterns, np.vstack([repeats, drawn]).astype(np.float64)


def _sums(rows: Counts) -> _Sums:
    votes = rows.astype(np.float64)
    total = votes.sum(axis=1)
    return _Sums(votes, total, (votes * (votes - 1)).sum(axis=1) / np.maximum(total - 1, 1))


# Each formula returns one value per row of `weights`, which say how often each item counts; NaN
# where it is undefined.
def _percent(weights: Floats, sums: _Sums) -> Floats:
    paired = (sums.total > 1).astype(np.float64)
    return np.asarray((weights @ (sums.agreeing / sums.total)) / (weights @ paired))


def _alpha(weights: Floats, sums: _Sums) -> Floats:
    agreeing = weights @ sums.agreeing
    per_label = weights @ sums.votes
    total = per_label.sum(axis=1)
    by_chance = total**2 - (per_label**2).sum(axis=1)
    alpha: Floats = 1 - (total - 1) * (total - agreeing) / by_chance
    return np.where(by_chance > 0, alpha, np.nan)


def _fleiss(weights: Floats, sums: _Sums) -> Floats:
    return beyond_chance(_percent(weights, sums), (_shares(weights, sums) ** 2).sum(axis=1))


def _ac1(weights: Floats, sums: _Sums) -> Floats:
    share = _shares(weights, sums)
    by_chance = (share * (1 - share)).sum(axis=1) / (share.shape[1] - 1)
    return beyond_chance(_percent(weights, sums), by_chance)


def _shares(weights: Floats, sums: _Sums) -> Floats:
    """Return how often each label is given to an item, every item counting the same."""
    shares = weights @ (sums.votes / sums.total[:, np.newaxis])
    return np.asarray(shares / weights.sum(axis=1, keepdims=True))


def beyond_chance(observed: Floats, by_chance: Floats) -> Floats:
    """Return (observed - by chance) / (1 - by chance), NaN where chance explains everything."""
    room = 1 - by_chance
    # A label's shares add up to 1 only to the last digit.
    return np.where(room > _ROUNDING, (observed - by_chance) / room, np.nan)


_ROUNDING = 1e-12
_FORMULAS: Mapping[Coefficient, Callable[[Floats, _Sums], Floats]] = {
    Coefficient.PERCENT: _percent,
    Coefficient.ALPHA: _alpha,
    Coefficient.FLEISS: _fleiss,
    Coefficient.AC1: _ac1,
}


def _undefined(counts: Counts, used: Counts) -> str:
    if not len(used):
        return f"Undefined: none of the {plural(len(counts), 'labeled item')} has two votes."
    votes = plural(int(used.sum()), "vote")
    return f"Undefined: all {votes} on {plural(len(used), 'item')} are for one label."
