"""Training runs: the list, the form of a new one, and the live page of one."""

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from classifier.curve_chart import charts_of
from classifier.forms.retrain import RunForm
from classifier.models import ModelVersion, TrainingRun
from classifier.retrain import cancel_run, retrain
from classifier.run_figures import run_curves, seconds_left, steps_of
from classifier.views.models import WITHOUT_DETAILS
from labeling.access import Access, project_page
from labeling.models import Role
from labeling.pagination import keyset
from labeling.views.refusals import RefusalsIn, RefusalsTold

LOG_LINES = 18
LOG_LINES_AFTERWARDS = 500
SHOWN_AS_SECONDS = 90
DIGITS = 9


@require_safe
@project_page(Role.REVIEWER)
def index(request: HttpRequest, access: Access) -> HttpResponse:
    """List the runs."""
    models = Prefetch("model_versions", ModelVersion.objects.only("number", "recipe", "run"))
    runs = access.project.runs.select_related("created_by", "snapshot").prefetch_related(models)
    context = {
        "page": keyset(request.GET, runs.defer("log")),
        "may_act": access.may(Role.MANAGER),
    }
    return render(request, "classifier/runs.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@project_page(Role.MANAGER)
def new(request: HttpRequest, access: Access) -> HttpResponse:
    """Start a run with parameters of one's own; `like` in the query begins with those of a run."""
    form = (
        RunForm(request.POST) if request.method == "POST" else RunForm(like=_like(request, access))
    )
    if form.is_bound and form.is_valid():
        with RefusalsIn(form):
            run = retrain(
                project=access.project,
                user=access.user,
                recipes=form.chosen,
                seed=form.cleaned_data["seed"],
                search_seconds=form.cleaned_data["search_seconds"],
            )
            return redirect("run", access.project.slug, run.number)
    context = {"form": form, "groups": list(form.groups())}
    return render(request, "classifier/run_new.html", context, status=422 if form.errors else 200)


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
    with RefusalsTold(request):
        cancel_run(access=access, number=number)
        messages.info(request, f"Run {number} is cancelled.")
    return redirect("run", access.project.slug, number)


def _like(request: HttpRequest, access: Access) -> TrainingRun | None:
    """Return the run whose settings to begin with, the newest where none is named."""
    number = request.GET.get("like", "")
    if number.isdecimal() and len(number) <= DIGITS:
        return get_object_or_404(access.project.runs.defer("log"), number=int(number))
    return access.project.runs.defer("log").first()


def _context(access: Access, number: int) -> dict[str, object]:
    runs = TrainingRun.objects.select_related("snapshot", "created_by")
    run = get_object_or_404(runs, project=access.project, number=number)
    models = list(WITHOUT_DETAILS.filter(run=run).order_by("number"))
    return {
        "project": access.project,
        "run": run,
        "models": models,
        "steps": steps_of(run, models),
        "charts": charts_of(run_curves(run)),
        "log": _tail(run),
        "left": _in_words(seconds_left(run)),
        "may_act": access.may(Role.MANAGER),
    }


def _tail(run: TrainingRun) -> str:
    """Return what fits without scrolling while it grows, and all but the longest log after."""
    lines = LOG_LINES if run.active else LOG_LINES_AFTERWARDS
    return "\n".join(run.log.splitlines()[-lines:])


def _in_words(seconds: int | None) -> str:
    if seconds is None:
        return ""
    return (
        f"about {seconds} s" if seconds < SHOWN_AS_SECONDS else f"about {round(seconds / 60)} min"
    )


urlpatterns = [
    path("runs/", index, name="runs"),
    path("runs/new/", new, name="run-new"),
    path("runs/<int:number>/", page, name="run"),
    path("runs/<int:number>/live/", live, name="run-live"),
    path("runs/<int:number>/cancel/", cancel, name="run-cancel"),
]
