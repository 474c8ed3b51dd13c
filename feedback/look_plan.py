"""How many answers a week to have audited for an interval that is narrow enough."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.models import Route
from feedback.statistics.audit_plan import plan, reached
from feedback.statistics.live import PERIODS
from feedback.statistics.online import Floats, Window
from feedback.statistics.strata import EDGES

WEEKS_IN_MIX = PERIODS[1] / 7
# What the model expects of a stratum counts as so many looks at it.
WORTH_OF_THE_MODEL = 10.0


@dataclass(frozen=True)
class Wish:
    """What an interval is to be like, and of how many answers.

    Attributes:
        half_width: as a share: 0.02 for two points.
        level: of the interval.
        answers: a week; None: as many as in the last 28 days.
        accepted: the share of them that is accepted; None: as in the last 28 days.
    """

    half_width: float = 0.02
    level: float = 0.95
    answers: int | None = None
    accepted: float | None = None

    @property
    def points(self) -> str:
        """The half width in points, as `2`."""
        return f"{100 * self.half_width:g}"

    @property
    def percent(self) -> str:
        """The level, as `95 %`."""
        return f"{100 * self.level:g} %"


@dataclass(frozen=True)
class PlannedStratum:
    """A route and band: answers a week, the share right that is expected, and looks at them.

    `looks` are those of the plan and `today` those that come by the present shares.
    """

    route: str
    low: float
    high: float
    answers: int
    expected: float
    looks: int
    today: float

    @property
    def share(self) -> float:
        """With which probability the plan draws an answer."""
        return self.looks / self.answers if self.answers else 0.0


@dataclass(frozen=True)
class LookPlan:
    """A plan by stratum, what it comes to, and what the present shares lead to.

    Attributes:
        strata: by route and band, without those that have no answers.
        audits: looks a week at accepted answers.
        audit_share: the share of the accepted answers that this is.
        half_width: of the interval that the plan leads to.
        today_audits: looks a week at accepted answers by the present share.
        today_share: the share of accepted answers that was drawn in the last 28 days.
        today_half_width: what that leads to; None where some stratum gets no look at all.
    """

    wish: Wish
    strata: Sequence[PlannedStratum]
    audits: int
    audit_share: float
    half_width: float
    today_audits: float
    today_share: float
    today_half_width: float | None

    @property
    def answers(self) -> int:
        """All answers of a week."""
        return sum(each.answers for each in self.strata)

    @property
    def review(self) -> int:
        """Answers of a week that people look at without any plan."""
        return sum(each.looks for each in self.strata if each.route == Route.REVIEW)


def look_plan(strata: Sequence[Mapping[str, Any]], wish: Wish) -> LookPlan:
    """Return a plan for the mix of an online evaluation; one without strata for no answers.

    What goes to people for being unsure is looked at anyway. Where nothing is known of a route that
    `wish.accepted` gives answers to, these are left out.
    """
    sizes = _sizes(strata, wish)
    kept = [(row, size) for row, size in zip(strata, sizes, strict=True) if size]
    window = Window(
        np.array([size for _, size in kept], dtype=int),
        np.array([_expected(row) for row, _ in kept], dtype=float),
    )
    review = np.array([row["route"] == Route.REVIEW for row, _ in kept], dtype=bool)
    found = plan(window, wish.half_width, level=wish.level, anyway=review)
    rates = np.array([row["drawn"] / row["answers"] for row, _ in kept], dtype=float)
    today: Floats = rates * window.sizes
    accepted, whole = ~review, max(int(window.sizes[~review].sum()), 1)
    wide = reached(window, today, level=wish.level)
    return LookPlan(
        wish=wish,
        strata=[
            _planned(row, window, place, (int(found.looks[place]), float(today[place])))
            for place, (row, _) in enumerate(kept)
        ],
        audits=int(found.looks[accepted].sum()),
        audit_share=float(found.looks[accepted].sum() / whole),
        half_width=found.half_width,
        today_audits=float(today[accepted].sum()),
        today_share=float(today[accepted].sum() / whole),
        today_half_width=None if np.isinf(wide) else wide,
    )


def _sizes(strata: Sequence[Mapping[str, Any]], wish: Wish) -> NDArray[np.int_]:
    """Return the answers a week of each stratum, in the mix and number that are wished."""
    counts = np.array([row["answers"] for row in strata], dtype=float) / WEEKS_IN_MIX
    accepted = np.array([row["route"] == Route.ACCEPT for row in strata], dtype=bool)
    total = counts.sum() if wish.answers is None else float(wish.answers)
    if wish.accepted is not None:
        for part, share in ((accepted, wish.accepted), (~accepted, 1 - wish.accepted)):
            counts[part] *= share / max(counts[part].sum(), 1e-9)
    scaled: NDArray[np.int_] = np.ceil(counts * total / max(counts.sum(), 1e-9) - 1e-9).astype(int)
    return scaled


def _expected(row: Mapping[str, Any]) -> float:
    """Return the share right of a stratum: what looks found, drawn toward what the model says."""
    said = row["expected"] / row["answers"]
    worth = WORTH_OF_THE_MODEL
    return float(min(1.0, (row["right"] + worth * said) / (row["looks"] + worth)))


def _planned(
    row: Mapping[str, Any], window: Window, place: int, looks: tuple[int, float]
) -> PlannedStratum:
    ends = (0.0, *EDGES, 1.0)
    return PlannedStratum(
        route=row["route"],
        low=ends[row["band"]],
        high=ends[row["band"] + 1],
        answers=int(window.sizes[place]),
        expected=float(window.expected[place]),
        looks=looks[0],
        today=looks[1],
    )
