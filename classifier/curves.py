"""The curves of a run as they come in: loss and F1, thinned to what a page can show."""

import math
import time
from dataclasses import dataclass, field

from classifier.models import RunPoint, TrainingRun

EVERY_SECONDS = 1.0
POINTS_WANTED = 300


@dataclass
class Curves:
    """Takes points and stores at most one a second of each curve, fewer the longer it takes."""

    run: TrainingRun
    recipe: str
    _began: float = field(default_factory=time.monotonic, init=False)
    _stored_at: dict[tuple[str, str], float] = field(default_factory=dict, init=False)
    _last: dict[tuple[str, str], RunPoint] = field(default_factory=dict, init=False)

    def add(self, part: str, name: str, done: float, value: float) -> None:
        """Take a point; one that is no number is left out."""
        if not math.isfinite(value):
            return
        point = RunPoint(
            run=self.run, recipe=self.recipe, part=part, name=name, done=done, value=value
        )
        key, now = (part, name), time.monotonic()
        if key not in self._stored_at:
            self._forget_from(point)
        elif now - self._stored_at[key] < max(EVERY_SECONDS, (now - self._began) / POINTS_WANTED):
            self._last[key] = point
            return
        self._last.pop(key, None)
        self._stored_at[key] = now
        point.save()

    def finish(self) -> None:
        """Store the last point of each curve."""
        RunPoint.objects.bulk_create(self._last.values())
        self._last.clear()

    def _forget_from(self, point: RunPoint) -> None:
        """Drop what a killed attempt had drawn beyond the place where this one goes on."""
        RunPoint.objects.filter(
            run=self.run,
            recipe=self.recipe,
            part=point.part,
            name=point.name,
            done__gte=point.done,
        ).delete()
