"""How far annotators agree beyond chance, with an interval.

Votes come as a count matrix: one row per item, one column per label, each cell the number of
annotators who gave that label to that item. Nominal agreement needs no more than that, and a
missing vote is simply not counted.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.integer[Any]]
Floats = NDArray[np.float64]


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
class _Sums:
    """Per item: agreeing pairs divided by the other votes, and the votes per label."""

    agreeing: Floats
    votes: Floats


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
    """Return the mean share of agreeing pairs over items with two votes, None without any."""
    shared = _pairable(counts)
    if not len(shared):
        return None
    sums = _sums(shared)
    return float(np.mean(sums.agreeing / sums.votes.sum(axis=1)))


def krippendorff_alpha(counts: Counts) -> float | None:
    """Return Krippendorff's alpha for nominal labels (Krippendorff 2011), None if undefined.

    Undefined means: no item has two votes, or all votes are for one label.
    """
    # Summed by pattern, so that the last digit doesn't depend on the order of the items either.
    patterns, repeats = np.unique(_pairable(counts), axis=0, return_counts=True)
    alpha = _alpha(repeats[np.newaxis].astype(np.float64), _sums(patterns))[0]
    return None if np.isnan(alpha) else float(alpha)


def alpha_with_interval(
    counts: Counts, *, resamples: int = 1000, seed: int = 0, level: float = 0.95
) -> Agreement:
    """Return alpha with a percentile bootstrap interval over items.

    Votes on one item depend on each other, so whole items are drawn. A draw in which alpha is
    undefined is left out; where that is most of them, there is no interval.
    """
    shared = _pairable(counts)
    value = krippendorff_alpha(shared)
    if value is None:
        return Agreement(None, None, None, len(shared), _undefined(counts, shared))
    draws = _bootstrap(shared, resamples=resamples, seed=seed)
    defined = draws[~np.isnan(draws)]
    if 2 * len(defined) < resamples:
        reason = f"No interval: {len(shared)} items with two votes or more are too few."
        return Agreement(value, None, None, len(shared), reason)
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return Agreement(value, float(low), float(high), len(shared))


def _pairable(counts: Counts) -> Counts:
    return np.compress(counts.sum(axis=1) > 1, counts, axis=0)


def _sums(shared: Counts) -> _Sums:
    votes = shared.astype(np.float64)
    others = votes.sum(axis=1) - 1
    return _Sums((votes * (votes - 1)).sum(axis=1) / others, votes)


def _alpha(weights: Floats, sums: _Sums) -> Floats:
    """Return one alpha per row of `weights`, which says how often each item counts."""
    agreeing = weights @ sums.agreeing
    per_label = weights @ sums.votes
    total = per_label.sum(axis=1)
    by_chance = total**2 - (per_label**2).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        alpha: Floats = 1 - (total - 1) * (total - agreeing) / by_chance
    return np.where(by_chance > 0, alpha, np.nan)


def _bootstrap(shared: Counts, *, resamples: int, seed: int) -> Floats:
    # Items with the same votes are interchangeable: drawing how often each pattern comes up
    # is the same bootstrap as drawing items, at a fraction of the work.
    patterns, repeats = np.unique(shared, axis=0, return_counts=True)
    rng = np.random.default_rng(seed)
    weights = rng.multinomial(len(shared), repeats / len(shared), size=resamples)
    return _alpha(weights.astype(np.float64), _sums(patterns))


def _undefined(counts: Counts, shared: Counts) -> str:
    if not len(shared):
        return f"Undefined: none of the {_plural(len(counts), 'labeled item')} has two votes."
    votes = _plural(int(shared.sum()), "vote")
    return f"Undefined: all {votes} on {_plural(len(shared), 'item')} are for one label."


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
