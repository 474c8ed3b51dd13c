"""Cohen's kappa: how far two annotators agree beyond chance on the items that both labeled."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labeling.statistics.agreement import Agreement, Floats, beyond_chance, with_interval
from labeling.statistics.wording import plural

Table = NDArray[np.integer[Any]]
Places = NDArray[np.int64]


@dataclass(frozen=True)
class PairTable:
    """Two raters and their table, as `pair_table` gives it."""

    first: Hashable
    second: Hashable
    table: NDArray[np.int64]


def pair_table(
    first: Mapping[Any, Hashable], second: Mapping[Any, Hashable], labels: Sequence[Hashable]
) -> NDArray[np.int64]:
    """Return how often the first gave label i where the second gave label j.

    `first` and `second` map items to labels; items of one alone are left out. Raises KeyError for
    a label not in `labels`.
    """
    places = {label: place for place, label in enumerate(labels)}
    table = np.zeros((len(places), len(places)), dtype=np.int64)
    for item in first.keys() & second.keys():
        table[places[first[item]], places[second[item]]] += 1
    return table


def pair_tables(
    votes: Iterable[tuple[Hashable, Hashable, Hashable]],
    labels: Sequence[Hashable],
    *,
    most: int = 100,
) -> list[PairTable]:
    """Return the tables of the pairs of raters who share most items, the most shared first.

    Args:
        votes: (item, rater, label); of several by one rater on an item the last one counts.
        labels: all of them, in the order of the tables.
        most: how many pairs at most.

    Raises KeyError for a label not in `labels`. The first of a pair is who comes first in `votes`.
    """
    places = {label: place for place, label in enumerate(labels)}
    items: dict[Hashable, int] = {}
    raters: dict[Hashable, int] = {}
    last: dict[tuple[int, int], int] = {}
    for item, rater, label in votes:
        key = items.setdefault(item, len(items)), raters.setdefault(rater, len(raters))
        last[key] = places[label]
    if not last:
        return []
    keys = np.array(list(last), dtype=np.int64)
    order = np.lexsort((keys[:, 1], keys[:, 0]))
    given = np.array(list(last.values()), dtype=np.int64)[order]
    shared = _shared(keys[order, 0], keys[order, 1], given)
    names = list(raters)
    return [
        PairTable(names[first], names[second], _filled(cells, len(places)))
        for (first, second), cells in _largest(shared, most)
    ]


def cohen_kappa(
    table: Table, *, resamples: int = 1000, seed: int = 0, level: float = 0.95
) -> Agreement:
    """Return Cohen's kappa (Cohen 1960) with a percentile bootstrap interval over items.

    `table` is that of `pair_table`. Undefined, with the reason, where the two share no item or
    gave all of them the same one label.
    """
    items = int(table.sum())
    if not items:
        reason = "Undefined: the two annotators have no item in common."
        return Agreement(None, None, None, 0, reason)
    # Cells without an item are never drawn; with many labels that is nearly all of them.
    rows, columns = np.nonzero(table)
    cells = tuple(zip(rows.tolist(), columns.tolist(), table[rows, columns].tolist(), strict=True))
    return _cohen_kappa(cells, len(table), resamples, seed, level)


# Most pairs have the same table at the next look at a page, and drawing is dear.
@lru_cache(maxsize=1024)
def _cohen_kappa(
    cells: tuple[tuple[int, int, int], ...], size: int, resamples: int, seed: int, level: float
) -> Agreement:
    rows, columns, counts = np.array(cells, dtype=np.int64).T
    items = int(counts.sum())
    value = float(_kappa(counts[np.newaxis].astype(np.float64), rows, columns, size)[0])
    if np.isnan(value):
        reason = f"Undefined: both gave {plural(items, 'item')} the same one label."
        return Agreement(None, None, None, items, reason)
    rng = np.random.default_rng(seed)
    draws = rng.multinomial(items, counts / items, size=resamples).astype(np.float64)
    return with_interval(value, _kappa(draws, rows, columns, size), items=items, level=level)


def _kappa(cells: Floats, rows: Places, columns: Places, size: int) -> Floats:
    """Return one kappa per row of `cells`, the counts at (rows, columns) of a table."""
    shares = cells / cells.sum(axis=1, keepdims=True)
    observed = shares[:, rows == columns].sum(axis=1)
    labels = np.eye(size)
    by_chance = ((shares @ labels[rows]) * (shares @ labels[columns])).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return beyond_chance(observed, by_chance)


def _shared(items: Places, raters: Places, labels: Places) -> Places:
    """Return a row (rater, rater, label, label) for each two votes on one item.

    The votes stand in the order of items, then raters, each once.
    """
    found = [np.empty((0, 4), dtype=np.int64)]
    apart = 1
    while (same := items[apart:] == items[:-apart]).any():
        before, after = np.flatnonzero(same), np.flatnonzero(same) + apart
        pair = (raters[before], raters[after], labels[before], labels[after])
        found.append(np.stack(pair, axis=1))
        apart += 1
    return np.concatenate(found)


def _largest(shared: Places, most: int) -> list[tuple[tuple[int, int], Places]]:
    """Group rows of `_shared` by pair; return the label pairs of the `most` largest groups."""
    if not len(shared):
        return []
    pairs, group = np.unique(shared[:, :2], axis=0, return_inverse=True)
    group = group.ravel()
    sizes = np.bincount(group)
    chosen = np.argsort(-sizes, kind="stable")[:most]
    rows = np.split(shared[np.argsort(group, kind="stable"), 2:], np.cumsum(sizes)[:-1])
    return [((int(pairs[one][0]), int(pairs[one][1])), rows[one]) for one in chosen]


def _filled(cells: Places, size: int) -> NDArray[np.int64]:
    table = np.zeros((size, size), dtype=np.int64)
    np.add.at(table, (cells[:, 0], cells[:, 1]), 1)
    return table
