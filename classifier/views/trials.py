"""A challenger beside the champion: its figures, its evidence, and what a manager does with it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from classifier.approve import obstacle_to
from classifier.models import ModelVersion, Stage, Trial
from classifier.rollout.chart import draw
from classifier.rollout.disagreements import AT_ONCE, ask_people, disagreements
from classifier.rollout.evidence import BOUND, Standing, standing_of
from classifier.rollout.figures import figures_of, with_counts
from classifier.rollout.trial import change_share, start_trial, stop_trial
from labeling.access import Access, project_page
from labeling.events import history
from labeling.models import Project, Role
from labeling.pagination import keyset
from labeling.views.refusals import RefusalsTold

SHOWN, PERCENT = 10, 100
CANDIDATES = 20


class ShareForm(forms.Form):
    """How much of the traffic a challenger answers, in percent."""

    percent = forms.FloatField(
        min_value=0,
        max_value=PERCENT,
        label="Answers, in percent of the texts",
        help_text="0: in shadow, it answers nothing.",
        widget=forms.NumberInput(attrs={"step": "0.1"}),
    )
    reason = forms.CharField(required=False, max_length=2000)


class StartForm(ShareForm):
    """What to put on trial, and when to stop it."""

    number = forms.TypedChoiceField(coerce=int, label="Model")
    error_percent = forms.FloatField(
        min_value=0,
        max_value=PERCENT,
        initial=2,
        label="Stop above errors, in percent",
        widget=forms.NumberInput(attrs={"step": "0.1"}),
    )
    latency_limit_ms = forms.FloatField(
        min_value=1,
        max_value=600_000,
        initial=500,
        label="Stop above latency, in ms",
        help_text="What 95 of 100 of its answers must not exceed.",
    )
    field_order = ("number", "percent", "error_percent", "latency_limit_ms", "reason")

    def __init__(self, project: Project, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [
            (number, f"model {number}, {recipe}") for number, recipe in candidates_of(project)
        ]
        self.fields["number"].choices = choices  # type: ignore[attr-defined]
        self.fields["percent"].initial = 0


class AskForm(forms.Form):
    """How many disagreements to send to people."""

    count = forms.IntegerField(min_value=1, max_value=AT_ONCE, initial=20, label="How many")


def candidates_of(project: Project) -> list[tuple[int, str]]:
    """Return the number and the recipe of what may be put on trial, the newest first."""
    candidates = project.model_versions.filter(stage=Stage.CANDIDATE).order_by("-number")
    return list(candidates.values_list("number", "recipe")[:CANDIDATES])


def trials_beside(access: Access, champion: ModelVersion | None) -> dict[str, object]:
    """Return what the page of the champion shows of its challengers, in two queries."""
    if champion is None:
        return {}
    trials = access.project.trials.select_related("challenger", "champion", "started_by")
    latest = list(trials.defer("challenger__manifest", "champion__manifest")[:SHOWN])
    trial = next((each for each in latest if each.open), None)
    may_start = trial is None and access.may(Role.MANAGER)
    return {
        "trials": latest,
        "trial": trial,
        "standing": standing_of(trial) if trial else None,
        "start_form": StartForm(access.project) if may_start else None,
    }


@require_safe
@project_page(Role.REVIEWER)
def page(request: HttpRequest, access: Access, trial_id: int) -> HttpResponse:
    """Show both models side by side, the evidence, where they disagree, and what was done."""
    trial = with_counts(access.project).filter(pk=trial_id).first()
    if trial is None:
        raise Http404("There is no such trial in this project.")
    standing = standing_of(trial)
    serving = trial.share if trial.open else 0.0
    context = _said(trial, standing) | {
        "trial": trial,
        "figures": figures_of(trial),
        "standing": standing,
        "percent": trial.percent,
        "challenger_percent": serving * PERCENT,
        "challenger_words": f"{serving:.1%}" if trial.open else "ended",
        "champion_percent": (1 - serving) * PERCENT,
        "champion_words": f"{1 - serving:.1%}" if trial.open else "ended",
        "error_percent": f"{trial.error_limit * PERCENT:g}",
        "bound": BOUND,
        "chart": draw(standing.path),
        "pairs": list(disagreements(trial)[:SHOWN]),
        "history": history(trial),
        "obstacle": _obstacle(trial, won=standing.now.won()),
        "share_form": ShareForm(initial={"percent": round(trial.share * PERCENT, 4)}),
        "ask_form": AskForm(),
        "may_act": access.may(Role.MANAGER) and trial.open,
    }
    return render(request, "classifier/trial.html", context)


@require_safe
@project_page(Role.REVIEWER)
def differing(request: HttpRequest, access: Access, trial_id: int) -> HttpResponse:
    """List the disagreements of a trial, a page at a time."""
    trials = access.project.trials.select_related("challenger", "champion")
    trial = trials.filter(pk=trial_id).first()
    if trial is None:
        raise Http404("There is no such trial in this project.")
    found = keyset(request.GET, disagreements(trial))
    context = {"trial": trial, "found": found, "pairs": found.rows}
    return render(request, "classifier/trial_disagreements.html", context)


@require_POST
@project_page(Role.MANAGER)
def start(request: HttpRequest, access: Access) -> HttpResponse:
    """Put a candidate on trial."""
    form = StartForm(access.project, request.POST)
    if not form.is_valid():
        return _refused(request, access, form)
    given = form.cleaned_data
    with RefusalsTold(request):
        trial = start_trial(
            access=access,
            number=given["number"],
            share=given["percent"] / PERCENT,
            reason=given["reason"],
            error_limit=given["error_percent"] / PERCENT,
            latency_limit_ms=given["latency_limit_ms"],
        )
        messages.success(request, f"Model {given['number']} is on trial.")
        return redirect("trial", access.project.slug, trial.pk)
    return redirect("rollout", access.project.slug)


@require_POST
@project_page(Role.MANAGER)
def share(request: HttpRequest, access: Access, trial_id: int) -> HttpResponse:
    """Change how much the challenger answers."""
    form = ShareForm(request.POST)
    if not form.is_valid():
        return _refused(request, access, form, trial_id)
    with RefusalsTold(request):
        trial = change_share(
            access=access,
            trial_id=trial_id,
            share=form.cleaned_data["percent"] / PERCENT,
            reason=form.cleaned_data["reason"],
        )
        messages.success(request, f"The challenger answers {trial.share:.1%} within seconds.")
    return redirect("trial", access.project.slug, trial_id)


@require_POST
@project_page(Role.MANAGER)
def stop(request: HttpRequest, access: Access, trial_id: int) -> HttpResponse:
    """End a trial."""
    with RefusalsTold(request):
        stop_trial(access=access, trial_id=trial_id, reason=request.POST.get("reason", ""))
        messages.success(request, "The trial has ended; the champion answers everything.")
    return redirect("trial", access.project.slug, trial_id)


@require_POST
@project_page(Role.MANAGER)
def ask(request: HttpRequest, access: Access, trial_id: int) -> HttpResponse:
    """Send disagreements to labeling."""
    form = AskForm(request.POST)
    if not form.is_valid():
        return _refused(request, access, form, trial_id)
    with RefusalsTold(request):
        sent = ask_people(access=access, trial_id=trial_id, count=form.cleaned_data["count"])
        messages.success(request, f"People are asked about {sent} item{'s'[: sent != 1]}.")
    return redirect("trial", access.project.slug, trial_id)


def _said(trial: Trial, standing: Standing) -> dict[str, str]:
    """Return the verdict in words: its state, a headline and what it rests on."""
    names = f"model {trial.challenger.number}", f"model {trial.champion.number}"
    wins, losses = standing.now.wins, standing.now.losses
    sentence = (
        f"People have labeled {standing.labeled} of the disagreements that they were asked about: "
        f"{names[0]} alone was right on {wins}, {names[1]} alone on {losses}."
    )
    headlines = {
        "better": ("ok", f"Model {trial.challenger.number} is better"),
        "worse": ("bad", f"Model {trial.challenger.number} is worse"),
        "": ("idle", "Not enough evidence yet to tell which is better"),
    }
    state, headline = headlines[standing.verdict]
    return {"state": state, "headline": headline, "sentence": sentence}


def _obstacle(trial: Trial, *, won: bool) -> str:
    """Return why promoting takes a reason, nothing where it takes none."""
    gate = obstacle_to(trial.challenger, trial.champion)
    return gate or ("" if won else "The evidence does not say yet that it is better.")


def _refused(
    request: HttpRequest, access: Access, form: forms.Form, trial_id: int | None = None
) -> HttpResponse:
    for name, errors in form.errors.items():
        messages.error(request, f"{name}: {errors[0]}")
    if trial_id is None:
        return redirect("rollout", access.project.slug)
    return redirect("trial", access.project.slug, trial_id)


urlpatterns = [
    path("rollout/trials/start/", start, name="trial-start"),
    path("rollout/trials/<int:trial_id>/", page, name="trial"),
    path("rollout/trials/<int:trial_id>/disagreements/", differing, name="trial-disagreements"),
    path("rollout/trials/<int:trial_id>/share/", share, name="trial-share"),
    path("rollout/trials/<int:trial_id>/stop/", stop, name="trial-stop"),
    path("rollout/trials/<int:trial_id>/ask/", ask, name="trial-ask"),
]
