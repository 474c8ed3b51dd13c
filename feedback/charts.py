"""Geometry of the monitor's charts: numbers in, coordinates of an SVG out."""

from collections.abc import Sequence
from dataclasses import dataclass

from feedback.monitoring import Day

LEFT, TOP, BOTTOM, RIGHT = 40, 10, 130, 630


@dataclass(frozen=True)
class Bar:
    """One day: the accepted part stands on the axis, the part for people on top of it."""

    day: Day
    x: float
    width: float
    accepted_y: float
    accepted_height: float
    review_y: float
    review_height: float


def bars(days: Sequence[Day]) -> list[Bar]:
    """Return a bar for each day; the busiest day fills the height."""
    peak = max((day.total for day in days), default=0) or 1
    step = (RIGHT - LEFT) / max(len(days), 1)
    return [_bar(day, LEFT + place * step, step, peak) for place, day in enumerate(days)]


def _bar(day: Day, x: float, step: float, peak: int) -> Bar:
    accepted = (BOTTOM - TOP) * day.accepted / peak
    review = (BOTTOM - TOP) * day.review / peak
    return Bar(
        day=day,
        x=round(x + step * 0.15, 1),
        width=round(step * 0.7, 1),
        accepted_y=round(BOTTOM - accepted, 1),
        accepted_height=round(accepted, 1),
        review_y=round(BOTTOM - accepted - review, 1),
        review_height=round(review, 1),
    )
