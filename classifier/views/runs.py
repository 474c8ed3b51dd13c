"""The live page of a training run."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from classifier.models import ModelVersion, TrainingRun
from classifier.retrain import cancel_run
from classifier.views.models import WITHOUT_DETAILS
from labeling.access import Access, project_page
from labeling.errors import DomainError
from labeling.models import JobState, Role

LOG_LINES = 18
LOG_LINES_AFTERWARDS = 500
ENOUGH_TO_ESTIMATE = 10
SHOWN_AS_SECONDS = 90


@dataclass(frozen=True)
class Step:
    """One stage of a run; `state` is done, now, todo or failed."""

    name: str
    state: str
    seconds: float | None = None


@require_safe
@project_page(Role.REVIEWER)
def page(request: HttpRequest, access: Access, number: int) -> HttpResponse:
    """Show a run."""
    return render(request, "classifier/run.html", _context(access, number))


@require_safe
@project_page(Role.REVIEWER)
def live(request: HttpRequest, access: Access, number: int) -> HttpResponse:
    """Return the part of the run page that moves; a final one stops asking for more."""
    context = _context(access, number) | {"swapped": True}
    return render(request, "classifier/_run_live.html", context)


@require_POST
@project_page(Role.MANAGER)
def cancel(request: HttpRequest, access: Access, number: int) -> HttpResponse:
    """Cancel a run."""
    try:
        cancel_run(access=access, number=number)
    except DomainError as error:
        messages.warning(request, error.message)
    else:
        messages.info(request, f"Run {number} is cancelled.")
    return redirect("run", access.project.slug, number)


def steps_of(run: TrainingRun, models: list[ModelVersion]) -> list[Step]:
    """Return the stages of a run as its rows tell them, in order."""
    seconds = {model.recipe: model.train_seconds for model in models}
    finished = set(seconds) | ({"snapshot"} if run.snapshot_id else set())
    return list(_steps(run, finished, seconds))


def _steps(run: TrainingRun, finished: set[str], seconds: dict[str, float]) -> Iterator[Step]:
    current = {JobState.RUNNING: "now", JobState.QUEUED: "todo"}.get(JobState(run.state), "failed")
    for name in ("snapshot", *run.recipes):
        if name in finished:
            yield Step(name, "done", seconds.get(name))
        else:
            yield Step(name, current)
            current = "todo"


def _context(access: Access, number: int) -> dict[str, object]:
    runs = TrainingRun.objects.select_related("snapshot", "created_by")
    run = get_object_or_404(runs, project=access.project, number=number)
    models = list(WITHOUT_DETAILS.filter(run=run).order_by("number"))
    return {
        "project": access.project,
        "run": run,
        "models": models,
        "steps": steps_of(run, models),
        "log": _tail(run),
        "left": _left(run),
        "may_act": access.may(Role.MANAGER),
    }


def _tail(run: TrainingRun) -> str:
    """Return what fits without scrolling while it grows, and all but the longest log after."""
    lines = LOG_LINES if run.active else LOG_LINES_AFTERWARDS
    return "\n".join(run.log.splitlines()[-lines:])


def _left(run: TrainingRun) -> str:
    """Estimate the time left from the pace so far; nothing while there is no pace to speak of."""
    if run.state != JobState.RUNNING or run.started_at is None or run.done < ENOUGH_TO_ESTIMATE:
        return ""
    spent = (timezone.now() - run.started_at).total_seconds()
    seconds = round(spent * (run.total - run.done) / run.done)
    return (
        f"about {seconds} s" if seconds < SHOWN_AS_SECONDS else f"about {round(seconds / 60)} min"
    )


urlpatterns = [
    path("runs/<int:number>/", page, name="run"),
    path("runs/<int:number>/live/", live, name="run-live"),
    path("runs/<int:number>/cancel/", cancel, name="run-cancel"),
]
