"""Geometry of bar charts: numbers in, coordinates of an SVG out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
LEFT, TOP, BOTTOM, RIGHT = 40, 10, 130, 630
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
