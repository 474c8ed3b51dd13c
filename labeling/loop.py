"""The eight steps of the loop as figures, and which of them holds the others up.

Each app tells about its own steps: it registers a provider when it starts, so that this module
needs to know none of the apps above it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from labeling.models import Project, Role


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


@dataclass(frozen=True)
class StepFigure:
    """What a step shows: its count, a note, since when the oldest waits, what flows out of it."""

    step: int
    count: int | str
    note: str = ""
    oldest: datetime | None = None
    flow: str = ""
    backlog: Backlog | None = None


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
    waiting = [figure for figure in steps if figure.backlog and figure.backlog.count]
    return max(waiting, key=_slowness, default=None)


def _slowness(figure: StepFigure) -> tuple[float, int]:
    return (figure.backlog.days if figure.backlog else 0.0, figure.step)
