"""A recipe that tells figures while it trains, and stops when it is told to."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from classifier.recipes import Progress, TrainingStopped
from classifier.recipes.base import Floats
from classifier.recipes.keywords import KeywordsRecipe

STEPS = 5
AtStep = Callable[[int, Progress], None]


def nothing(step: int, report: Progress) -> None:
    """Do nothing at a step."""


class DrawingRecipe(KeywordsRecipe):
    """Keyword rules whose training takes five steps, each with a loss, and an F1 at the end."""

    name: ClassVar[str] = "drawing"
    title: ClassVar[str] = "Drawing"
    at_step: ClassVar[AtStep] = nothing

    def fit(
        self,
        texts: Sequence[str],
        labels: Sequence[str],
        *,
        weights: Floats | None = None,
        progress: Progress | None = None,
    ) -> None:
        """Train as the rules do, and draw."""
        report = progress or Progress()
        super().fit(texts, labels, weights=weights)
        for step in range(STEPS):
            report("drawing", step / STEPS)
            report.step((step + 1) / STEPS, loss=1.0 / (step + 1), memory_mb=10.0 * step)
            type(self).at_step(step, report)
            if report.should_stop():
                raise TrainingStopped("Stopped at a step.")
        report.step(1.0, f1=0.75)
