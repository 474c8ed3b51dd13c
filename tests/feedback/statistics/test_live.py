"""The table of a live model's figures, by hand-made answers and looks."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.statistics.live import Figures, table
from feedback.statistics.strata import BANDS, Cell, Look, band_of, sample_of

TODAY = date(2026, 3, 31)


def cell(
    route: str, band: int, answers: int, *, model: int = 1, back: int = 0, waits: bool = False
) -> Cell:
    """Return answers of some days ago, of which the model expects nine in ten to be right."""
    day = TODAY - timedelta(days=back)
    return Cell(day, model, route, band, answers, answers * 0.9, waits)


def look(route: str, band: int, said: str, truth: str, **fields: object) -> Look:
    """Return a look at an answer of today, drawn with certainty."""
    known = {"day": TODAY, "model": 1, "confidence": 0.9, "probability": 1.0} | fields
    return Look(route=route, band=band, said=said, truth=truth, **known)  # type: ignore[arg-type]


def rows_of(found: list[Figures], kind: str, **wanted: object) -> list[Figures]:
    """Return the rows of a kind with these values."""
    return [
        row
        for row in found
        if row.kind == kind and all(getattr(row, k) == v for k, v in wanted.items())
    ]


def test_bands_begin_at_their_edges() -> None:
    assert [band_of(c) for c in (0.0, 0.49, 0.5, 0.8, 0.97, 0.99, 1.0)] == [0, 0, 1, 3, 5, 6, 6]


def test_each_route_counts_by_its_share_of_all_answers() -> None:
    cells = [cell("accept", 6, 300), cell("review", 1, 100)]
    looks = [look("accept", 6, "a", "a", probability=0.02)] * 5
    looks += [look("accept", 6, "a", "b", probability=0.02)]
    looks += [look("review", 1, "b", "b")] * 60 + [look("review", 1, "b", "a")] * 40
    found = table(cells, looks, today=TODAY, labels=["a", "b"], slices=[])
    (whole,) = rows_of(found, "all", model=None, days=7)
    assert (whole.answers, whole.drawn, whole.since) == (400, 106, TODAY - timedelta(days=6))
    assert whole.accuracy.value == pytest.approx(0.75 * 5 / 6 + 0.25 * 0.6)
    accept, review = rows_of(found, "route", model=None, days=7)
    assert (accept.name, accept.answers) == ("accept", 300)
    assert accept.accuracy.value == pytest.approx(5 / 6)
    # All that went to people was looked at: nothing is left open.
    assert (review.accuracy.low, review.accuracy.high) == pytest.approx((0.6, 0.6))
    (label,) = rows_of(found, "label", name="a", model=None, days=7)
    # 250 + 0 hits; 300 said in all; 250 + 40 are so.
    assert label.f1.value == pytest.approx(2 * 250 / (300 + 290))
    assert label.accuracy.reason == "Fewer than 10 looks lie in it."


def test_accepted_answers_that_nobody_audits_leave_all_open_but_what_went_to_people() -> None:
    cells = [cell("accept", 6, 300), cell("review", 1, 20)]
    looks = [look("review", 1, "b", "b")] * 20
    found = table(cells, looks, today=TODAY, labels=["b"], slices=[])
    (whole,) = rows_of(found, "all", model=None, days=84)
    assert whole.accuracy.value is None
    assert whole.accuracy.reason.startswith("Fewer than 2 looks")
    accept, review = rows_of(found, "route", model=None, days=84)
    assert (accept.accuracy.value, review.accuracy.value) == (None, 1.0)


@pytest.mark.parametrize(
    ("waiting", "looked_at", "value"),
    [
        (10, 0, 0.5),
        (10, 1, (495 + 1) / (990 + 1)),
        (11, 0, None),
        (11, 1, None),
        (11, 2, (990 * 0.5 + 11) / 1001),
    ],
)
def test_what_waits_stands_for_itself_unless_it_is_a_trifle(
    waiting: int, looked_at: int, value: float | None
) -> None:
    """990 had their turn and half are right; all that waits is right."""
    cells = [cell("review", 1, 990), cell("review", 1, waiting, waits=True)]
    looks = [look("review", 1, "a", "a")] * 495 + [look("review", 1, "a", "b")] * 495
    looks += [look("review", 1, "a", "a", waits=True)] * looked_at
    found = table(cells, looks, today=TODAY, labels=["a", "b"], slices=[])
    (whole,) = rows_of(found, "all", model=None, days=7)
    assert whole.accuracy.value == (None if value is None else pytest.approx(value))
    assert (whole.accuracy.reason == "") is (value is not None)


def test_bands_of_what_waits_are_taken_together_and_not_with_what_had_its_turn() -> None:
    cells = [cell("review", 0, 10), cell("review", 1, 40, waits=True)]
    cells += [cell("review", 2, 40, waits=True)]
    looks = [look("review", 0, "a", "b")] * 10
    looks += [look("review", 1, "a", "a", waits=True, probability=0.1)] * 3
    looks += [look("review", 2, "a", "a", waits=True, probability=0.1)]
    found = sample_of(cells, looks)
    assert found.window.sizes.tolist() == [10, 80]
    assert found.routes == ("review", "review")


def test_days_models_and_slices_are_kept_apart() -> None:
    cells = [cell("review", 1, 12, model=2), cell("review", 1, 12, back=30)]
    looks = [look("review", 1, "a", "a", model=2, slices=frozenset(["short"]))] * 12
    looks += [look("review", 1, "a", "b", day=TODAY - timedelta(days=30))] * 12
    found = table(cells, looks, today=TODAY, labels=["a", "b"], slices=["short", "long"])
    right = {(row.model, row.days): row.accuracy.value for row in found if row.kind == "all"}
    assert right == {
        (None, 7): 1.0,
        (None, 28): 1.0,
        (None, 84): pytest.approx(0.5),
        (2, 7): 1.0,
        (2, 28): 1.0,
        (2, 84): 1.0,
        (1, 7): None,
        (1, 28): None,
        (1, 84): 0.0,
    }
    weeks = [row.accuracy.value for row in rows_of(found, "week", model=None)]
    assert weeks == [None] * 7 + [0.0] + [None] * 3 + [1.0]
    short, long = rows_of(found, "slice", model=None, days=84)
    assert (short.accuracy.value, short.drawn) == (1.0, 12)
    assert (long.accuracy.value, long.drawn) == (None, 0)


@given(
    st.lists(st.integers(0, 40), min_size=BANDS, max_size=BANDS),
    st.lists(st.integers(0, 6), min_size=BANDS, max_size=BANDS),
)
def test_strata_lose_no_answer_and_are_fit_to_estimate(sizes: list[int], drawn: list[int]) -> None:
    drawn = [min(a, b) for a, b in zip(sizes, drawn, strict=True)]
    cells = [cell("accept", band, size) for band, size in enumerate(sizes) if size]
    looks = [look("accept", band, "a", "a") for band, n in enumerate(drawn) for _ in range(n)]
    found = sample_of(cells, looks)
    assert found.window.sizes.sum() == sum(sizes)
    assert len(found.stratum) == sum(drawn)
    counts = np.bincount(found.stratum, minlength=len(found.window.sizes))
    if sum(drawn) >= 4:
        assert (counts >= np.minimum(found.window.sizes, 4)).all()
