"""The eight steps of the loop as figures, and which of them holds the others up.

Each app tells about its own steps: it registers a provider when it starts, so that this module
needs to know none of the apps above it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from labeling.models import Project, Role

WEEK = 7


@dataclass(frozen=True)
class Step:
    """A step of the loop and the page of its queue."""

    number: int
    name: str
    route: str
    role: Role


STEPS = (
    Step(1, "Data", "items", Role.REVIEWER),
    Step(2, "Labels", "label", Role.ANNOTATOR),
    Step(3, "Review", "review", Role.REVIEWER),
    Step(4, "Training", "models", Role.REVIEWER),
    Step(5, "Evaluation", "models", Role.REVIEWER),
    Step(6, "Rollout", "rollout", Role.REVIEWER),
    Step(7, "Inference", "monitor", Role.REVIEWER),
    Step(8, "Feedback", "monitor", Role.REVIEWER),
)


@dataclass(frozen=True)
class Backlog:
    """Work that waits for a person at a step: how much, and how much a day gets done.

    `sentence` says so in words and `action` what to do about it.
    """

    count: int
    per_day: float
    sentence: str
    action: str

    @property
    def days(self) -> float:
        """How long the work that waits takes at the present pace (Little's law)."""
        return self.count / self.per_day if self.per_day else float("inf")

    @property
    def clears(self) -> bool:
        """Whether any of it has got done of late."""
        return self.per_day > 0

    @property
    def wanted(self) -> int:
        """How much a day would have to get done for it to be cleared within a week."""
        return ceil(self.count / WEEK)


@dataclass(frozen=True)
class Headline:
    """A figure of the whole loop, which stands in its middle, and the page that explains it.

    The page is left to those who may open that of the step; `query` narrows it.
    """

    name: str
    value: str
    note: str = ""
    route: str = ""
    query: str = ""


@dataclass(frozen=True)
class StepFigure:
    """What a step shows: its count, a note, since when the oldest waits, what flows out of it.

    `route` leads to the very queue of what is counted, where the page of the step is not that
    already.
    """

    step: int
    count: int | str
    note: str = ""
    oldest: datetime | None = None
    flow: str = ""
    backlog: Backlog | None = None
    route: str = ""
    headlines: Sequence[Headline] = ()


Provider = Callable[[Project], Sequence[StepFigure]]
providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Let a provider tell about some of the steps of every project."""
    if provider not in providers:
        providers.append(provider)


def figures(project: Project) -> dict[int, StepFigure]:
    """Return what every registered step shows, by its number."""
    found = [figure for provider in providers for figure in provider(project)]
    return {figure.step: figure for figure in found}


def bottleneck(steps: Iterable[StepFigure]) -> StepFigure | None:
    """Return the step whose waiting work would take longest; the later one where two are equal.

    The later step is the one in which more work has been put already.
    """
    return next(iter(queues(steps)), None)


def queues(steps: Iterable[StepFigure]) -> list[StepFigure]:
    """Return the steps at which work waits for people, the slowest to clear first."""
    waiting = [figure for figure in steps if figure.backlog and figure.backlog.count]
    return sorted(waiting, key=_slowness, reverse=True)


def _slowness(figure: StepFigure) -> tuple[float, int]:
    return (figure.backlog.days if figure.backlog else 0.0, figure.step)
