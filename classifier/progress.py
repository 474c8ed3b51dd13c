"""A run's progress while a recipe trains, on the run's row."""

from dataclasses import dataclass, field

from classifier.models import TrainingRun
from labeling import jobs

WHOLE = 100


@dataclass
class Stretch:
    """The part of a run's bar, from `low` to `high` percent, that one piece of work fills.

    A Progress of the recipes. Calling it raises JobLost once the run is cancelled or taken over,
    which is how a cancel takes effect.
    """

    run: TrainingRun
    name: str
    low: float
    high: float
    _said: tuple[str, int] = field(default=("", -1), init=False)

    def __call__(self, stage: str, done: float) -> None:
        """Report the stage and the share of this piece that is done, 0 to 1."""
        percent = round(self.low + (self.high - self.low) * min(max(done, 0.0), 1.0))
        if (stage, percent) == self._said:
            return
        line = f"{self.name}: {stage}"
        news = line if stage != self._said[0] else ""
        self._said = (stage, percent)
        jobs.report(self.run, stage=line[:60], done=percent, total=WHOLE, line=news)

    def part(self, low: float, high: float) -> "Stretch":
        """Return the piece of this one between two shares of it."""
        width = self.high - self.low
        return Stretch(self.run, self.name, self.low + low * width, self.low + high * width)
