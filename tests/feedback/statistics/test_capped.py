"""Answers that wait behind a cap: figures cover them, though the least sure are asked first."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pytest
from numpy.typing import NDArray

from feedback.statistics.audit_budget import lots_of
from feedback.statistics.online import Estimate, Looks, accuracy
from feedback.statistics.strata import Cell, Look, Sample, band_of, sample_of

TODAY = date(2026, 3, 31)
DAYS, ANSWERS, CAP, REPLAYS = 4, 600, 100, 400
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Traffic:
    """Unsure answers of some days: how sure the model was of each, and whether it was right."""

    sure: Floats
    right: NDArray[np.bool_]


def traffic(rng: np.random.Generator) -> Traffic:
    """Return answers of which the surer ones of a band are right far more often."""
    sure = rng.uniform(0.5, 0.7, DAYS * ANSWERS)
    return Traffic(sure, rng.random(len(sure)) < 0.2 + 3.5 * (sure - 0.5))


def turns(sure: Floats, drawn: NDArray[np.bool_], cap: int) -> NDArray[np.bool_]:
    """Return which have had their turn after all days: the least sure first, up to the cap.

    What was drawn by lot takes up no look.
    """
    came = np.zeros(len(sure), dtype=bool)
    for day in range(DAYS):
        there = np.arange((day + 1) * ANSWERS)
        waiting = there[~came[there]]
        order = waiting[np.argsort(sure[waiting], kind="stable")]
        before: NDArray[np.int_] = np.cumsum(~drawn[order]) - ~drawn[order]
        came[order[before < cap]] = True
    return came


def look(traffic: Traffic, place: int, probability: float, *, waits: bool) -> Look:
    """Return what people found of an answer."""
    sure = float(traffic.sure[place])
    truth = "a" if traffic.right[place] else "b"
    band = band_of(sure)
    return Look(TODAY, 1, "review", band, sure, "a", truth, probability, waits=waits)


def places(among: NDArray[np.bool_]) -> list[int]:
    """Return where something is so."""
    found: list[int] = np.flatnonzero(among).tolist()
    return found


def cells_of(sure: Floats, waits: NDArray[np.bool_]) -> list[Cell]:
    """Count answers by whether they wait; all lie in one band."""
    return [
        Cell(TODAY, 1, "review", 1, int(part.sum()), float(sure[part].sum()), waits=on)
        for on, part in ((False, ~waits), (True, waits))
        if part.any()
    ]


def found_by_lot(rng: np.random.Generator, said: Traffic) -> Estimate:
    """Return the estimate where a tenth of the cap is given by lot."""
    lots = lots_of(CAP)
    share = lots / ANSWERS
    drawn = rng.random(len(said.sure)) < share
    came = turns(said.sure, drawn, CAP - lots)
    looks = [look(said, place, 1.0, waits=False) for place in places(came)]
    by_lot = places(drawn & ~came)
    looks += [look(said, place, share, waits=True) for place in by_lot]
    return estimate(sample_of(cells_of(said.sure, ~came), looks))


def found_by_worth(said: Traffic) -> Estimate:
    """Return the estimate where what had its turn stands for what waits, too."""
    came = turns(said.sure, np.zeros(len(said.sure), dtype=bool), CAP)
    looks = [look(said, place, 1.0, waits=False) for place in places(came)]
    return estimate(sample_of(cells_of(said.sure, np.zeros_like(came)), looks))


def estimate(sample: Sample) -> Estimate:
    """Return the accuracy of a sample."""
    right = np.array([each.said == each.truth for each in sample.looks])
    expected = np.array([each.confidence for each in sample.looks])
    return accuracy(sample.window, Looks(sample.stratum, right, expected, sample.probability))


def holds(found: Estimate, said: Traffic) -> bool:
    """Return whether an interval holds the truth."""
    assert found.low is not None
    assert found.high is not None
    return found.low <= float(said.right.mean()) <= found.high


def test_the_interval_holds_where_most_answers_wait_behind_the_cap() -> None:
    rng = np.random.default_rng(7)
    by_lot, errors = [], []
    for _ in range(REPLAYS):
        said = traffic(rng)
        found = found_by_lot(rng, said)
        by_lot.append(holds(found, said))
        errors.append((found.value or 0.0) - float(said.right.mean()))
    assert 0.93 <= np.mean(by_lot) <= 0.97
    assert np.mean(errors) == pytest.approx(0, abs=0.01)


def test_it_would_not_hold_if_what_had_its_turn_stood_for_what_waits() -> None:
    rng = np.random.default_rng(7)
    windows = [traffic(rng) for _ in range(100)]
    assert np.mean([holds(found_by_worth(said), said) for said in windows]) < 0.05
