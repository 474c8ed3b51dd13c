"""Cohen's kappa: how far two annotators agree beyond chance on the items that both labeled."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labeling.statistics.agreement import Agreement, Floats, beyond_chance, plural, with_interval

Table = NDArray[np.integer[Any]]


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
    value = float(_kappa(table.reshape(1, -1).astype(np.float64))[0])
    if np.isnan(value):
        reason = f"Undefined: both gave {plural(items, 'item')} the same one label."
        return Agreement(None, None, None, items, reason)
    rng = np.random.default_rng(seed)
    draws = rng.multinomial(items, table.ravel() / items, size=resamples).astype(np.float64)
    return with_interval(value, _kappa(draws), items=items, level=level)


def _kappa(cells: Floats) -> Floats:
    """Return one kappa per row, each a table laid out flat."""
    size = int(np.sqrt(cells.shape[1]))
    tables = cells.reshape(-1, size, size) / cells.sum(axis=1)[:, np.newaxis, np.newaxis]
    observed = np.trace(tables, axis1=1, axis2=2)
    by_chance = (tables.sum(axis=1) * tables.sum(axis=2)).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return beyond_chance(observed, by_chance)
