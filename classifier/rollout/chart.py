"""Geometry of the evidence over time: looks in, coordinates of an SVG out."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from classifier.rollout.evidence import BOUND, Look

LEFT, TOP, BOTTOM, RIGHT = 48, 16, 168, 630
MOST = 200


@dataclass(frozen=True)
class Point:
    """One look and where it is drawn."""

    look: Look
    number: int
    x: float
    y: float


@dataclass(frozen=True)
class Chart:
    """A line on a logarithmic scale from a twentieth up to the bound or the highest point."""

    points: list[Point]
    bound_y: float
    start_y: float

    @property
    def line(self) -> str:
        """The points of the polyline, from the evidence of 1 before the first look."""
        return " ".join([f"{LEFT},{self.start_y}", *(f"{p.x},{p.y}" for p in self.points)])


def draw(path: Sequence[Look]) -> Chart:
    """Return the line of these looks; of many, every so manieth and the last are drawn."""
    low = -log(BOUND)
    high = max([log(BOUND) * 1.1, *(look.log_better for look in path)])

    def height(value: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * (max(value, low) - low) / (high - low), 1)

    step = max(1, -(-len(path) // MOST))
    kept = [n for n in range(1, len(path) + 1) if n % step == 0 or n == len(path)]
    width = (RIGHT - LEFT) / max(len(path), 1)
    points = [
        Point(path[n - 1], n, round(LEFT + width * n, 1), height(path[n - 1].log_better))
        for n in kept
    ]
    return Chart(points, height(log(BOUND)), height(0.0))
