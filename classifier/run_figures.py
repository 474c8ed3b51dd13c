"""What a run's page and its API tell of how far it is: stages, time left, recipes, curves."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils import timezone

from classifier.curve_chart import Curve, curves_of
from classifier.models import ModelVersion, Phase, TrainingRun
from labeling.models import JobState

ENOUGH_TO_ESTIMATE = 10


@dataclass(frozen=True)
class Step:
    """One stage of a run; `state` is done, now, todo or failed, `note` says more of one at work."""

    name: str
    state: str
    seconds: float | None = None
    note: str = ""


def steps_of(run: TrainingRun, models: Sequence[ModelVersion]) -> list[Step]:
    """Return the stages of a run as its rows tell them, in order."""
    return list(_steps(run, {model.recipe: model.train_seconds for model in models}))


def seconds_left(run: TrainingRun) -> int | None:
    """Estimate the time left from the pace so far; None while there is no pace to speak of."""
    if run.state != JobState.RUNNING or run.started_at is None or run.done < ENOUGH_TO_ESTIMATE:
        return None
    spent = (timezone.now() - run.started_at).total_seconds()
    return round(spent * (run.total - run.done) / run.done)


def run_curves(run: TrainingRun) -> list[Curve]:
    """Return the curves of a run, as far as they have come."""
    return curves_of(run.points.all())


def _steps(run: TrainingRun, seconds: dict[str, float]) -> Iterator[Step]:
    finished = set(seconds) | ({"snapshot"} if run.snapshot_id else set())
    waiting = run.state == JobState.QUEUED
    yield Step("queued", "now" if waiting else "done", _waited(run))
    current = {JobState.RUNNING: "now", JobState.QUEUED: "todo"}.get(JobState(run.state), "failed")
    for name in ("snapshot", *run.recipes):
        if name in finished:
            yield Step(name, "done", seconds.get(name))
        else:
            yield Step(name, current, note=_note(run, name) if current == "now" else "")
            current = "todo"


def _note(run: TrainingRun, name: str) -> str:
    return Phase(run.phase).label if run.phase and run.recipe == name else ""


def _waited(run: TrainingRun) -> float | None:
    if run.started_at is None:
        return None
    return (run.started_at - run.created_at).total_seconds()
