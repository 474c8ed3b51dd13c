"""Geometry of charts: numbers in, coordinates of an SVG out."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil
from typing import Generic, TypeVar

T = TypeVar("T")
LEFT, TOP, BOTTOM, RIGHT = 40, 10, 130, 630
LINE_RIGHT, NAMES = 600, 12
ROW_HEIGHT, ROW_LEFT, ROW_RIGHT = 24, 4, 480


@dataclass(frozen=True)
class Column(Generic[T]):
    """One value standing on the axis."""

    of: T
    value: int
    x: float
    width: float
    y: float
    height: float


@dataclass(frozen=True)
class Point(Generic[T]):
    """One value over time; `y` is None where there is none, the others without an interval.

    `named` tells where there is room for its name on the axis.
    """

    of: T
    x: float
    y: float | None
    low: float | None
    high: float | None
    named: bool


@dataclass(frozen=True)
class Trend(Generic[T]):
    """Points from left to right; lines and bands break where a value or interval is missing.

    `marks` are values of the axis with their heights, the floor of it first.
    """

    points: list[Point[T]]
    lines: list[str]
    bands: list[str]
    marks: list[tuple[float, float]]


@dataclass(frozen=True)
class Row(Generic[T]):
    """One value lying beside its name."""

    of: T
    value: int
    percent: float
    y: int
    width: float


def columns(values: Sequence[tuple[T, int]]) -> list[Column[T]]:
    """Return a column for each value, from left to right; the largest fills the height."""
    peak = max((value for _, value in values), default=0) or 1
    step = (RIGHT - LEFT) / max(len(values), 1)
    return [
        Column(
            of=of,
            value=value,
            x=round(LEFT + (place + 0.15) * step, 1),
            width=round(step * 0.7, 1),
            y=round(BOTTOM - (BOTTOM - TOP) * value / peak, 1),
            height=round((BOTTOM - TOP) * value / peak, 1),
        )
        for place, (of, value) in enumerate(values)
    ]


def trend(
    values: Sequence[tuple[T, float | None, float | None, float | None]],
    *,
    marks: Sequence[float] = (),
) -> Trend[T]:
    """Return the line of values up to 1, evenly spaced, with the band of their intervals.

    Args:
        values: what each is of, the value, and the ends of its interval; None where missing.
        marks: values to mark on the axis. Its floor is 0, or lower where something is.
    """
    known = [one for _, *three in values for one in three if one is not None]
    floor = min([0.0, *known])
    step = (LINE_RIGHT - LEFT) / max(len(values) - 1, 1)
    points = [
        Point(
            of=of,
            x=round(LEFT + place * step, 1),
            y=_height(value, floor),
            low=_height(low, floor),
            high=_height(high, floor),
            named=not (len(values) - 1 - place) % ceil(len(values) / NAMES),
        )
        for place, (of, value, low, high) in enumerate(values)
    ]
    return Trend(
        points=points,
        lines=[_path([(p.x, p.y) for p in run]) for run in _runs(points, lambda p: p.y)],
        bands=[
            _path([*((p.x, p.high) for p in run), *((p.x, p.low) for p in reversed(run))])
            for run in _runs(points, lambda p: p.low)
        ],
        marks=[(mark, _height(mark, floor) or BOTTOM) for mark in (floor, *marks, 1.0)],
    )


def _height(value: float | None, floor: float) -> float | None:
    if value is None:
        return None
    return round(BOTTOM - (BOTTOM - TOP) * (value - floor) / (1 - floor), 1)


def _runs(
    points: Sequence[Point[T]], known: Callable[[Point[T]], float | None]
) -> list[list[Point[T]]]:
    """Return the unbroken stretches of points that have this value."""
    groups = groupby(points, key=lambda point: known(point) is not None)
    return [list(group) for is_known, group in groups if is_known]


def _path(places: Iterable[tuple[float, float | None]]) -> str:
    return " ".join(f"{x},{y}" for x, y in places)


def rows(values: Sequence[tuple[T, int]]) -> list[Row[T]]:
    """Return a bar for each value, one below the other; the largest fills the width."""
    peak = max((value for _, value in values), default=0) or 1
    total = sum(value for _, value in values) or 1
    return [
        Row(
            of=of,
            value=value,
            percent=100 * value / total,
            y=place * ROW_HEIGHT + 5,
            width=round((ROW_RIGHT - ROW_LEFT) * value / peak, 1),
        )
        for place, (of, value) in enumerate(values)
    ]


@dataclass(frozen=True)
class Dot(Generic[T]):
    """One value as a point of a curve."""

    of: T
    x: float
    y: float


@dataclass(frozen=True)
class Tick:
    """A value of an axis and where it stands."""

    value: float
    at: float


@dataclass(frozen=True)
class Plot:
    """The area of a curve, 320 by 220, and the values at its edges; `across` grows to the right."""

    across: tuple[float, float] = (0.0, 1.0)
    up: tuple[float, float] = (0.0, 1.0)
    left: int = 40
    right: int = 300
    top: int = 20
    bottom: int = 190

    def x(self, value: float) -> float:
        """Return where a value of the lower axis stands."""
        low, high = self.across
        share = (value - low) / (high - low) if high > low else 0.5
        return round(self.left + (self.right - self.left) * share, 1)

    def y(self, value: float) -> float:
        """Return where a value of the left axis stands."""
        low, high = self.up
        share = (value - low) / (high - low) if high > low else 0.5
        return round(self.bottom - (self.bottom - self.top) * share, 1)

    def dots(self, values: Sequence[tuple[T, float, float]]) -> list[Dot[T]]:
        """Return a point for each (what, across, up)."""
        return [Dot(of, self.x(across), self.y(up)) for of, across, up in values]

    def ticks(self, *values: float) -> list[Tick]:
        """Return the marks of the left axis."""
        return [Tick(value, self.y(value)) for value in values]
