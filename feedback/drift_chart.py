"""Geometry of the figures of drift over time: values in, coordinates of an SVG out."""

from collections.abc import Sequence
from dataclasses import dataclass

from feedback.models import DriftCheck, DriftFigure, DriftState

LEFT, TOP, BOTTOM, RIGHT = 44, 12, 92, 310


@dataclass(frozen=True)
class Point:
    """A figure of one look and where it is drawn."""

    check: DriftCheck
    figure: DriftFigure
    x: float
    y: float

    @property
    def alarm(self) -> bool:
        """Whether it was an alarm."""
        return self.figure.state == DriftState.ALARM


@dataclass(frozen=True)
class Chart:
    """One figure over the looks that could measure it, with its limit."""

    name: str
    title: str
    points: list[Point]
    line: str
    limit: str
    top: float


def draw(name: str, title: str, rows: Sequence[tuple[DriftCheck, DriftFigure]]) -> Chart | None:
    """Return the chart of a figure, none where no look had enough data for it."""
    known = [(place, *row) for place, row in enumerate(rows) if row[1].value is not None]
    if not known:
        return None
    top = 1.1 * max(max(row.value or 0.0, row.limit or 0.0) for _, _, row in known) or 1.0
    step = (RIGHT - LEFT) / max(len(rows) - 1, 1)

    def y(value: float | None) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * (value or 0.0) / top, 1)

    points = [
        Point(check, row, round(LEFT + step * place, 1), y(row.value))
        for place, check, row in known
    ]
    return Chart(
        name=name,
        title=title,
        points=points,
        line=" ".join(f"{point.x},{point.y}" for point in points),
        limit=" ".join(f"{point.x},{y(point.figure.limit)}" for point in points),
        top=top,
    )
