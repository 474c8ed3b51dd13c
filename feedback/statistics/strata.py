"""Answers by stratum: by what became of them (route) and how sure the model was (band).

What goes to people and waits behind the cap of a day is a stratum of its own beside what had its
turn: turns are given by worth, so what waits is what the models were surer of. Of it only those
speak that were drawn by lot (post-stratification; Cochran 1977, section 5A.9).

Bands of a route that hold too few looks are taken together with their neighbour ("collapsed
strata"; Cochran 1977, section 5A.12); routes never are, since they are drawn with different
probabilities, nor is what waits with what had its turn, but for a trifle.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from feedback.statistics.online import FEWEST, Floats, Window

# Upper ends of the confidence bands; the last band ends at 1.
EDGES = (0.5, 0.7, 0.8, 0.9, 0.95, 0.99)
BANDS = len(EDGES) + 1
# A stratum of fewer looks is taken together with its neighbour.
LEAST_IN_STRATUM = 4
# What waits on a route and has hardly a look counts with the rest of it while it is at most this
# share of all answers: the figure is then off by no more than that.
TRIFLE = 0.01


@dataclass(frozen=True)
class Cell:
    """Some answers of a day: how many, and how many of them the model expects to be right.

    `waits`: they go to people and wait for their turn behind the cap.
    """

    day: date
    model: int
    route: str
    band: int
    answers: int
    expected: float
    waits: bool = False


@dataclass(frozen=True)
class Look:
    """An answer that was drawn with `probability`, and what people found.

    `confidence` is the chance to be right that the model gave it; `slices` names those that it
    lies in. `waits`: people were asked by lot, and its turn has not come.
    """

    day: date
    model: int
    route: str
    band: int
    confidence: float
    said: str
    truth: str
    probability: float
    slices: frozenset[str] = frozenset()
    waits: bool = False


def band_of(confidence: float) -> int:
    """Return the number of the band that a confidence lies in; an edge opens the next band."""
    return sum(confidence >= edge for edge in EDGES)


@dataclass(frozen=True)
class Sample:
    """The answers of some days by stratum, with the looks at them."""

    window: Window
    routes: tuple[str, ...]
    stratum: NDArray[np.int_]
    looks: Sequence[Look]

    @property
    def probability(self) -> Floats:
        """With which each look was drawn, shape (n,)."""
        return np.array([look.probability for look in self.looks], dtype=float)

    def of_route(self, route: str) -> "Sample":
        """Return the part of one route."""
        mine = np.array([each == route for each in self.routes], dtype=bool)
        places = np.cumsum(mine) - 1
        kept = [place for place, look in enumerate(self.looks) if look.route == route]
        return Sample(
            window=Window(self.window.sizes[mine], self.window.expected[mine]),
            routes=tuple(each for each in self.routes if each == route),
            stratum=places[self.stratum[kept]].astype(int),
            looks=[self.looks[place] for place in kept],
        )


def sample_of(cells: Sequence[Cell], looks: Sequence[Look]) -> Sample:
    """Return answers and looks by stratum: by route and band, few looks taken together."""
    cells, looks = _without_trifles(cells, looks)
    lanes = sorted({(cell.route, cell.waits) for cell in cells})
    answers = np.zeros((len(lanes), BANDS), dtype=int)
    expected = np.zeros((len(lanes), BANDS))
    for cell in cells:
        answers[_at(lanes, cell)] += cell.answers
        expected[_at(lanes, cell)] += cell.expected
    # A look whose answer is not among the cells was stored while they were counted.
    looks = [one for one in looks if _lane(one) in lanes and answers[_at(lanes, one)]]
    counts = np.zeros_like(answers)
    for look in looks:
        counts[_at(lanes, look)] += 1
    merged = [_merged(answers[row], counts[row]) for row in range(len(lanes))]
    starts = np.cumsum([0, *(max(group) + 1 for group in merged)])
    places = np.array(
        [start + np.array(group) for start, group in zip(starts, merged, strict=False)]
    )
    total = int(starts[-1])
    flat = places.ravel().astype(int)
    sizes = np.bincount(flat, answers.ravel(), minlength=total).astype(int)
    sums = np.bincount(flat, expected.ravel(), minlength=total)
    return Sample(
        window=Window(sizes, sums / np.maximum(sizes, 1)),
        routes=tuple(
            route for (route, _), group in zip(lanes, merged, strict=True) for _ in set(group)
        ),
        stratum=np.array([places[_at(lanes, look)] for look in looks], dtype=int),
        looks=looks,
    )


def _without_trifles(
    cells: Sequence[Cell], looks: Sequence[Look]
) -> tuple[Sequence[Cell], Sequence[Look]]:
    """Count what waits with the rest of its route where that is little and has hardly a look."""
    waiting = Counter[str]()
    for cell in cells:
        waiting[cell.route] += cell.answers * cell.waits
    held = Counter(look.route for look in looks if look.waits)
    most = TRIFLE * sum(cell.answers for cell in cells)
    few = {route for route, size in waiting.items() if held[route] < FEWEST and size <= most}
    return (
        [replace(cell, waits=cell.waits and cell.route not in few) for cell in cells],
        [replace(look, waits=look.waits and look.route not in few) for look in looks],
    )


def _lane(one: Cell | Look) -> tuple[str, bool]:
    return one.route, one.waits


def _at(lanes: Sequence[tuple[str, bool]], one: Cell | Look) -> tuple[int, int]:
    return lanes.index(_lane(one)), one.band


def _merged(answers: NDArray[np.int_], looks: NDArray[np.int_]) -> list[int]:
    """Return the group of each band: neighbours until a group has enough looks, or is whole.

    What is left at the end joins the groups before it until these have enough.
    """
    groups: list[tuple[list[int], int, int]] = []
    begun: tuple[list[int], int, int] = ([], 0, 0)
    for place, (size, held) in enumerate(zip(answers.tolist(), looks.tolist(), strict=True)):
        begun = ([*begun[0], place], begun[1] + size, begun[2] + held)
        if _is_enough(begun):
            groups.append(begun)
            begun = ([], 0, 0)
    while groups and begun[0] and not _is_enough(begun):
        places, size, held = groups.pop()
        begun = (places + begun[0], size + begun[1], held + begun[2])
    if begun[0]:
        groups.append(begun)
    return [number for number, (places, _, _) in enumerate(groups) for _ in places]


def _is_enough(group: tuple[list[int], int, int]) -> bool:
    _, size, held = group
    return size > 0 and held >= min(LEAST_IN_STRATUM, size)
