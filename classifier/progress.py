"""A run's progress while a recipe trains, on the run's row."""

import time
from dataclasses import dataclass, field
from pathlib import Path

from django.db import Error, close_old_connections, connection
from django.db.models import F, QuerySet
from django.db.models.functions import Greatest

from classifier.curves import Curves
from classifier.device import device_name, memory_mb
from classifier.models import Phase, TrainingRun
from classifier.recipes import Progress
from labeling import jobs
from labeling.models import JobState

WHOLE = 100
ASK_SECONDS = 1.0
DEVICE_MEMORY = "memory_mb"


def enter(run: TrainingRun, phase: Phase, recipe: str = "") -> None:
    """Write what a worker does now, and on what.

    Raises:
        JobLost: this worker's claim is over.
    """
    _write(run, phase=phase, recipe=recipe)


def is_lost(run: TrainingRun) -> bool:
    """Tell whether the run was cancelled or taken over. For a thread beside the training."""
    try:
        close_old_connections()
        return not _claimed(run).exists()
    except Error:
        return False
    finally:
        connection.close()


@dataclass
class Stretch(Progress):
    """The part of a run's bar, from `low` to `high` percent, that one piece of work fills.

    A Progress of the recipes. Calling it raises JobLost once the run is cancelled or taken over,
    and so does a step; a recipe that asks is told to stop. That is how a cancel takes effect.

    `curves` takes the figures of the steps; with `by_stage`, those of each stage by themselves.
    """

    run: TrainingRun
    name: str
    low: float
    high: float
    checkpoint_dir: Path | None = None
    curves: Curves | None = None
    by_stage: bool = False
    _said: tuple[str, int] = field(default=("", -1), init=False)
    _asked_at: float = field(default_factory=time.monotonic, init=False)
    _device_memory: int = field(default=0, init=False)

    def __call__(self, stage: str, done: float) -> None:
        """Report the stage and the share of this piece that is done, 0 to 1."""
        percent = round(self.low + (self.high - self.low) * min(max(done, 0.0), 1.0))
        if (stage, percent) == self._said:
            self._look()
            return
        line = f"{self.name}: {stage}"
        news = line if stage != self._said[0] else ""
        self._said = (stage, percent)
        jobs.report(self.run, stage=line[:60], done=percent, total=WHOLE, line=news)

    def step(self, done: float, **figures: float) -> None:
        """Take a point of each curve that has a figure, at the share of this piece that is done."""
        if memory := figures.pop(DEVICE_MEMORY, 0):
            self._device_memory = round(memory)
        part = self._said[0][:60] if self.by_stage else ""
        for name, value in figures.items():
            if self.curves is not None:
                self.curves.add(part, name, done, float(value))
        self._look()

    def should_stop(self) -> bool:
        """Tell whether the run was cancelled or taken over; asks about once a second."""
        try:
            self._look()
        except jobs.JobLost:
            return True
        return False

    def part(
        self, low: float, high: float, *, by_stage: bool = False, drawn: bool = True
    ) -> "Stretch":
        """Return the piece of this one between two shares of it, with curves or without."""
        width = self.high - self.low
        return Stretch(
            run=self.run,
            name=self.name,
            low=self.low + low * width,
            high=self.low + high * width,
            checkpoint_dir=self.checkpoint_dir,
            curves=self.curves if drawn else None,
            by_stage=by_stage,
        )

    def _look(self) -> None:
        """Write the memory in use about once a second, and see whether the run is still ours."""
        now = time.monotonic()
        if now - self._asked_at < ASK_SECONDS:
            return
        _write(self.run, device_memory_mb=Greatest(F("device_memory_mb"), self._device_memory))
        self._asked_at = now


def _write(run: TrainingRun, **fields: object) -> None:
    peak = Greatest(F("memory_mb"), memory_mb())
    if not _claimed(run).update(device=device_name()[:120], memory_mb=peak, **fields):
        raise jobs.JobLost(f"{run} is no longer this worker's")


def _claimed(run: TrainingRun) -> QuerySet[TrainingRun]:
    return TrainingRun.objects.filter(pk=run.pk, state=JobState.RUNNING, attempt=run.attempt)
