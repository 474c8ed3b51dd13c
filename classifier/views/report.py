"""What the evaluation page draws: the confusion matrix and its curves."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from classifier.models import Evaluation, LearningCurve, ModelVersion
from labeling.charts import Dot, Plot, Tick
from labeling.models import Label

RELIABILITY = Plot()
ROOM = 0.02
FOUND_NAMES = {
    "terms": "holds “{}”",
    "max_words": "at most {} words",
    "min_words": "at least {} words",
    "source": "from {}",
    "method": "labeled by {}",
}
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Name:
    """A label as a chip, also one that the project has given up."""

    name: str
    colour: int


@dataclass(frozen=True)
class Cell:
    """How many items of one label were called another; `heat` goes from 0 to 10."""

    count: int
    heat: int
    diagonal: bool
    query: str


@dataclass(frozen=True)
class MatrixRow:
    """One true label and what its items were called."""

    label: Name
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Curve:
    """A drawn curve: its points and the marks of the left axis."""

    dots: list[Dot[Values]]
    ticks: list[Tick]


@dataclass(frozen=True)
class Learning:
    """A learning curve as the page shows it; without a job, nobody has asked for one."""

    job: LearningCurve | None
    curve: Curve | None
    band: str


def names_of(labels: Iterable[Label]) -> dict[str, Name]:
    """Return the chips of a project's labels by name."""
    return {label.name: Name(label.name, label.colour) for label in labels}


def name_of(names: Mapping[str, Name], label: str) -> Name:
    """Return the chip of a label, a grey one for a label that is gone."""
    return names.get(label) or Name(label, 9)


def matrix_of(evaluation: Evaluation, names: Mapping[str, Name]) -> list[MatrixRow]:
    """Return the confusion matrix with the query that lists the items of each cell."""
    labels: list[str] = evaluation.overall["labels"]
    rows = zip(labels, evaluation.confusion, strict=True)
    return [
        MatrixRow(
            label=name_of(names, true),
            cells=tuple(
                _cell(true, predicted, count, sum(counts))
                for predicted, count in zip(labels, counts, strict=True)
            ),
        )
        for true, counts in rows
    ]


def points_of(bins: Sequence[Values]) -> list[Dot[Values]]:
    """Return the points of the reliability diagram, accuracy over confidence."""
    return RELIABILITY.dots([(each, each["confidence"], each["accuracy"]) for each in bins])


def risk_of(evaluation: Evaluation) -> Curve | None:
    """Return the curve of accuracy over coverage; None where it was not measured."""
    points = evaluation.risk_coverage.get("points")
    if not points:
        return None
    low = min(each["accuracy"] for each in points)
    plot = Plot(up=(max(low - ROOM, 0.0), 1.0))
    dots = plot.dots([(each, each["coverage"], each["accuracy"]) for each in points])
    return Curve(dots, plot.ticks(*sorted({plot.up[0], *_targets(plot, evaluation), 1.0})))


def _targets(plot: Plot, evaluation: Evaluation) -> list[float]:
    wanted = (each["accuracy"] for each in evaluation.risk_coverage["targets"])
    # Marks nearer than that would be written over each other.
    return [each for each in wanted if 1 - each >= (1 - plot.up[0]) / 10 and each > plot.up[0]]


def found_of(evaluation: Evaluation) -> list[dict[str, Any]]:
    """Return the slices that a search found, each with its name and the query of its items."""
    found = evaluation.found_slices.get("found", [])
    return [
        each
        | {
            "name": FOUND_NAMES[each["field"]].format(each["value"]),
            "query": urlencode({"found": f"{each['field']}:{each['value']}"}),
        }
        for each in found
    ]


def learning_of(model: ModelVersion) -> Learning:
    """Return a model's learning curve with the band of its intervals as an SVG path."""
    job: LearningCurve | None = getattr(model, "learning_curve", None)
    if job is None or not job.points:
        return Learning(job, None, "")
    figures = [each["weighted_f1"] for each in job.points]
    low = max(min(each["low"] for each in figures) - ROOM, 0.0)
    plot = Plot(across=(0.0, job.points[-1]["rows"]), up=(low, 1.0))
    dots = plot.dots([(each, each["rows"], each["weighted_f1"]["value"]) for each in job.points])
    return Learning(job, Curve(dots, plot.ticks(low, (low + 1) / 2, 1.0)), _band(plot, dots))


def _band(plot: Plot, dots: Sequence[Dot[Values]]) -> str:
    upper = [f"{dot.x} {plot.y(dot.of['weighted_f1']['high'])}" for dot in dots]
    lower = [f"{dot.x} {plot.y(dot.of['weighted_f1']['low'])}" for dot in reversed(dots)]
    return f"M{' L'.join(upper + lower)}Z"


def _cell(true: str, predicted: str, count: int, total: int) -> Cell:
    return Cell(
        count=count,
        heat=round(10 * count / total) if total else 0,
        diagonal=true == predicted,
        query=urlencode({"true": true, "predicted": predicted}),
    )
