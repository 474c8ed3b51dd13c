"""The table of a live model's figures: by model, by period and week, by route, label and slice."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from feedback.statistics.online import (
    Estimate,
    Looks,
    accuracy,
    f1,
    f1_parts,
    ratio,
)
from feedback.statistics.strata import Cell, Look, Sample, sample_of

PERIODS = (7, 28, 84)
WEEK, WEEKS = 7, 12
# Of fewer looks a label or a slice gets no figure.
LEAST_IN_PART = 10
ALL = ""


@dataclass(frozen=True)
class Figures:
    """One row: what is known of some answers.

    Attributes:
        model: number; None for all models together.
        since: first day.
        until: last day.
        days: how many days that is.
        kind: all, week, route, label or slice.
        name: of the route, label or slice; '' for all.
        answers: how many there were; None where that is not counted, as for a slice.
        drawn: how many of the looks lie in this part.
        accuracy: share right; for a label the share right of what the model gave that label.
        f1: macro F1, of a label its F1.
    """

    model: int | None
    since: date
    until: date
    days: int
    kind: str
    name: str
    answers: int | None
    drawn: int
    accuracy: Estimate
    f1: Estimate


def table(
    cells: Sequence[Cell],
    looks: Sequence[Look],
    *,
    today: date,
    labels: Sequence[str],
    slices: Sequence[str],
) -> list[Figures]:
    """Return every row: all models together first, then each model, the newest first.

    Args:
        cells: the answers of the last days, counted.
        looks: those that were drawn and that people have decided on.
        today: the last day.
        labels: names in the project's order.
        slices: names of the slices that looks may lie in.
    """
    models: list[int | None] = [None, *sorted({cell.model for cell in cells}, reverse=True)]
    return [
        row
        for model in models
        for row in _of_model(
            model,
            [cell for cell in cells if model in (None, cell.model)],
            [look for look in looks if model in (None, look.model)],
            (today, labels, slices),
        )
    ]


def _of_model(
    model: int | None,
    cells: Sequence[Cell],
    looks: Sequence[Look],
    about: tuple[date, Sequence[str], Sequence[str]],
) -> Iterator[Figures]:
    today, labels, slices = about
    for days in PERIODS:
        part = _Part(model, today - timedelta(days=days - 1), today, labels)
        sample = part.sample(cells, looks)
        yield part.whole("all", ALL, sample)
        yield from (part.whole("route", each, sample.of_route(each)) for each in _routes(sample))
        yield from (part.label(each, sample) for each in labels)
        yield from (part.slice(each, sample) for each in slices)
    for back in reversed(range(WEEKS)):
        last = today - timedelta(days=WEEK * back)
        part = _Part(model, last - timedelta(days=WEEK - 1), last, labels)
        yield part.whole("week", ALL, part.sample(cells, looks))


@dataclass(frozen=True)
class _Part:
    """What the rows of some days and a model have in common."""

    model: int | None
    since: date
    until: date
    labels: Sequence[str]

    def sample(self, cells: Sequence[Cell], looks: Sequence[Look]) -> Sample:
        return sample_of(
            [cell for cell in cells if self.since <= cell.day <= self.until],
            [look for look in looks if self.since <= look.day <= self.until],
        )

    def whole(self, kind: str, name: str, sample: Sample) -> Figures:
        everything = np.ones(len(sample.looks), dtype=bool)
        right = _right(sample)
        expected = np.array([look.confidence for look in sample.looks], dtype=float)
        found = Looks(sample.stratum, right, expected, sample.probability)
        size = int(sample.window.sizes.sum())
        share = accuracy(sample.window, found)
        return self._row(kind, name, (size, share), _macro(sample, self.labels, everything))

    def label(self, name: str, sample: Sample) -> Figures:
        """A label's F1, and the share right of the answers that gave it."""
        said, truth = _words(sample)
        touched = np.array([name in (a, b) for a, b in zip(said, truth, strict=True)], dtype=bool)
        given = np.array([each == name for each in said], dtype=bool)
        found = f1(sample.window, sample.stratum, said, truth, name, probability=sample.probability)
        share = _share(sample, given)
        return self._row("label", name, (None, share), _enough(found, touched))

    def slice(self, name: str, sample: Sample) -> Figures:
        inside = np.array([name in look.slices for look in sample.looks], dtype=bool)
        return self._row(
            "slice", name, (None, _share(sample, inside)), _macro(sample, self.labels, inside)
        )

    def _row(
        self, kind: str, name: str, found: tuple[int | None, Estimate], score: Estimate
    ) -> Figures:
        answers, share = found
        days = (self.until - self.since).days + 1
        return Figures(
            self.model,
            self.since,
            self.until,
            days,
            kind,
            name,
            answers,
            score.looks if kind != "label" else share.looks,
            share,
            score,
        )


def _routes(sample: Sample) -> list[str]:
    return sorted(set(sample.routes))


def _words(sample: Sample) -> tuple[list[str], list[str]]:
    return [look.said for look in sample.looks], [look.truth for look in sample.looks]


def _right(sample: Sample) -> NDArray[np.bool_]:
    return np.array([look.said == look.truth for look in sample.looks], dtype=bool)


def _share(sample: Sample, inside: NDArray[np.bool_]) -> Estimate:
    """Return the share right of the answers of a kind, by the looks that are of it."""
    parts = [((_right(sample) & inside).astype(float), inside.astype(float))]
    return _enough(ratio(sample.window, sample.stratum, parts, sample.probability), inside)


def _macro(sample: Sample, labels: Sequence[str], inside: NDArray[np.bool_]) -> Estimate:
    """Return the mean F1 of the labels that the looks of a kind hold."""
    said, truth = _words(sample)
    both = [f1_parts(said, truth, label) for label in labels]
    parts = [(above * inside, below * inside) for above, below in both]
    return _enough(ratio(sample.window, sample.stratum, parts, sample.probability), inside)


def _enough(found: Estimate, inside: NDArray[np.bool_]) -> Estimate:
    """Return an estimate with the looks that it is of; none where these are few."""
    count = int(inside.sum())
    if found.value is not None and count < LEAST_IN_PART:
        return Estimate(None, None, None, count, f"Fewer than {LEAST_IN_PART} looks lie in it.")
    return Estimate(found.value, found.low, found.high, count, found.reason)
