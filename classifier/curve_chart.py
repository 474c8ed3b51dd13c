"""Geometry of the curves of a run: points in, lines of an SVG out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from classifier.models import RunPoint

LEFT, TOP, BOTTOM, RIGHT = 48, 12, 168, 628
POINTS_DRAWN = 200
ROWS_LISTED = 40


@dataclass(frozen=True)
class Curve:
    """A figure over a recipe's training; `part` is empty for the model itself.

    `points` are (share of the training that is done, value), from left to right.
    """

    recipe: str
    part: str
    name: str
    points: Sequence[tuple[float, float]]

    @property
    def last(self) -> float:
        """The newest value."""
        return self.points[-1][1]

    @property
    def listed(self) -> list[tuple[float, float]]:
        """The points as a table has them."""
        return thin(self.points, ROWS_LISTED)


@dataclass(frozen=True)
class Line:
    """A curve as it is drawn; `style` tells curves of one chart apart."""

    curve: Curve
    path: str
    style: int
    muted: bool


@dataclass(frozen=True)
class Chart:
    """The curves of one kind of figure of one recipe, on common axes."""

    recipe: str
    title: str
    lines: list[Line]
    low: float
    high: float


KINDS = {"loss": "Loss", "validation_loss": "Loss", "f1": "Weighted F1"}


def curves_of(points: Iterable[RunPoint]) -> list[Curve]:
    """Return the curves that points make up, in the order in which they began."""
    curves: dict[tuple[str, str, str], list[tuple[float, float]]] = {}
    for point in points:
        key = (point.recipe, point.part, point.name)
        curves.setdefault(key, []).append((point.done, point.value))
    return [Curve(*key, points=sorted(found)) for key, found in curves.items()]


def charts_of(curves: Sequence[Curve]) -> list[Chart]:
    """Return a chart for each recipe and kind of figure, losses before F1."""

    def place(curve: Curve) -> tuple[str, str]:
        return curve.recipe, KINDS.get(curve.name, curve.name)

    ordered = sorted(curves, key=place)
    return [_chart(*key, list(found)) for key, found in groupby(ordered, key=place)]


def thin(points: Sequence[tuple[float, float]], most: int) -> list[tuple[float, float]]:
    """Return at most `most` of the points, evenly spread, the last one among them."""
    if len(points) <= most:
        return list(points)
    step = (len(points) - 1) / (most - 1)
    return [points[round(place * step)] for place in range(most)]


def _chart(recipe: str, title: str, curves: list[Curve]) -> Chart:
    values = [value for curve in curves for _, value in curve.points]
    low, high = min(values), max(values)
    names = list(dict.fromkeys(curve.name for curve in curves))
    lines = [
        Line(curve, _path(curve, low, high), names.index(curve.name), bool(curve.part))
        for curve in curves
    ]
    # The model's own curves are drawn over those of its checks.
    return Chart(recipe, title, sorted(lines, key=lambda line: not line.muted), low, high)


def _path(curve: Curve, low: float, high: float) -> str:
    span = (high - low) or 1.0
    return " ".join(
        f"{LEFT + (RIGHT - LEFT) * done:.1f},{BOTTOM - (BOTTOM - TOP) * (value - low) / span:.1f}"
        for done, value in thin(curve.points, POINTS_DRAWN)
    )
