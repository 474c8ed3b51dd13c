"""What the evaluation page draws: the confusion matrix and the reliability diagram."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from classifier.models import Evaluation
from labeling.models import Label

LEFT, RIGHT, TOP, BOTTOM = 40, 300, 20, 190


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
class Point:
    """A bin of confidence, and where it is drawn."""

    x: str
    y: str
    bin: Mapping[str, Any]


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


def points_of(bins: Sequence[Mapping[str, Any]]) -> list[Point]:
    """Return the points of the reliability diagram, accuracy over confidence."""
    return [
        Point(
            x=f"{LEFT + (RIGHT - LEFT) * each['confidence']:.1f}",
            y=f"{BOTTOM - (BOTTOM - TOP) * each['accuracy']:.1f}",
            bin=each,
        )
        for each in bins
    ]


def _cell(true: str, predicted: str, count: int, total: int) -> Cell:
    return Cell(
        count=count,
        heat=round(10 * count / total) if total else 0,
        diagonal=true == predicted,
        query=urlencode({"true": true, "predicted": predicted}),
    )
