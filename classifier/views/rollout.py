"""Who answers, from which confidence on, what is tagged in batches, and a place to try it."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import CharField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from classifier.batch import cancel_batch, start_batch, untagged
from classifier.deploy import champion_of, deployment_of, set_threshold
from classifier.metrics.warranty import Promise
from classifier.models import ModelVersion, Stage
from classifier.tag import tag
from classifier.views.trials import trials_beside
from labeling.access import Access, project_page
from labeling.errors import DomainError
from labeling.models import Event, Project, Role
from labeling.views.refusals import RefusalsTold

RETIRED_SHOWN = 5
BATCHES_SHOWN = 10
MINUTE = 60
TEXT_LIMIT = 20_000
TOO_LONG = "A title has at most 1,000 characters, and a text 20,000."


class ThresholdForm(forms.Form):
    """From which confidence on the model answers by itself."""

    threshold = forms.FloatField(
        min_value=0,
        max_value=1,
        label="Accept from confidence",
        widget=forms.NumberInput(attrs={"step": "0.01"}),
    )
    reason = forms.CharField(required=False, max_length=2000)
    error = forms.FloatField(min_value=0.001, max_value=0.5, required=False)
    risk = forms.FloatField(min_value=0.001, max_value=0.5, required=False)

    def terms(self) -> dict[str, Any]:
        """Return what was sent as `set_threshold` takes it: a promise needs both its numbers."""
        sent = self.cleaned_data
        error, risk = sent["error"], sent["risk"]
        promise = Promise(error, risk) if error and risk else None
        return {"threshold": sent["threshold"], "reason": sent["reason"], "promise": promise}


class TryForm(forms.Form):
    """A text to try the champion on."""

    title = forms.CharField(required=False, max_length=1000)
    body = forms.CharField(
        required=False,
        max_length=TEXT_LIMIT,
        label="Text",
        widget=forms.Textarea(attrs={"rows": 4}),
    )


@require_safe
@project_page(Role.REVIEWER)
def page(request: HttpRequest, access: Access) -> HttpResponse:
    """Show the champion, what it replaced, the batches, and a form to try it."""
    models = list(_served(access.project)[: RETIRED_SHOWN + 1])
    champion = next((model for model in models if model.stage == Stage.CHAMPION), None)
    deployment = deployment_of(models[0].project if models else access.project)
    context = (
        _batches(access, champion)
        | trials_beside(access, champion)
        | {
            "champion": champion,
            "retired": [model for model in models if model.stage == Stage.RETIRED],
            "threshold": deployment.accept_threshold,
            "by_label": deployment.label_thresholds,
            "closed": deployment.closed_at,
            "threshold_form": ThresholdForm(
                initial={"threshold": min(deployment.accept_threshold, 1.0)}
            ),
            "try_form": TryForm(),
        }
    )
    return render(request, "classifier/rollout.html", context)


@require_safe
@project_page(Role.REVIEWER)
def batches(request: HttpRequest, access: Access) -> HttpResponse:
    """Show the batches alone: what a page that watches one asks for."""
    champion = champion_of(access.project)
    return render(request, "classifier/rollout_batches.html", _batches(access, champion))


@require_POST
@project_page(Role.MANAGER)
def threshold(request: HttpRequest, access: Access) -> HttpResponse:
    """Change the accept threshold."""
    form = ThresholdForm(request.POST)
    if not form.is_valid():
        messages.error(request, "threshold: it must be a number from 0 to 1.")
        return redirect("rollout", access.project.slug)
    deployment = set_threshold(access=access, **form.terms())
    since = "once accepting is opened again" if deployment.closed_at else "within seconds"
    messages.success(request, f"Accepted from {deployment.accept_threshold:g} on, {since}.")
    return redirect("rollout", access.project.slug)


@require_POST
@project_page(Role.MANAGER)
def start(request: HttpRequest, access: Access) -> HttpResponse:
    """Start tagging the unlabeled items."""
    with RefusalsTold(request):
        start_batch(access=access)
    return redirect("rollout", access.project.slug)


@require_POST
@project_page(Role.MANAGER)
def cancel(request: HttpRequest, access: Access, batch_id: int) -> HttpResponse:
    """Stop a batch."""
    with RefusalsTold(request):
        cancel_batch(access=access, batch_id=batch_id)
        messages.success(request, "The batch is stopped; what it tagged stays.")
    return redirect("rollout", access.project.slug)


@require_POST
@project_page(Role.REVIEWER)
def try_it(request: HttpRequest, access: Access) -> HttpResponse:
    """Tag one text by the serving process and show what it said."""
    form = TryForm(request.POST)
    trouble, answer = _ask(access, form.cleaned_data) if form.is_valid() else (TOO_LONG, None)
    labels = list(access.project.labels.all())
    context = {
        "project": access.project,
        "trouble": trouble,
        "answer": answer,
        "labels": labels,
        "shares": [
            (label, answer["probabilities"][label.name])
            for label in labels
            if answer and label.name in answer["probabilities"]
        ],
        "best": next((label for label in labels if answer and label.name == answer["label"]), None),
    }
    return render(request, "classifier/rollout_answer.html", context)


def _ask(access: Access, text: dict[str, object]) -> tuple[str, dict[str, Any] | None]:
    try:
        answer = tag(access=access, content=text)
    except DomainError as error:
        return error.message, None
    if not answer.is_tag:
        return str(answer.content.get("detail", "It was refused.")), None
    return "", answer.content


def _batches(access: Access, champion: ModelVersion | None) -> dict[str, object]:
    found = access.project.batches.select_related("model_version", "created_by", "import_job")
    found = found.defer("log", "model_version__manifest", "import_job__log")
    jobs = list(found[:BATCHES_SHOWN])
    active = next((job for job in jobs if job.active), None)
    count = untagged(access.project, champion).count() if champion and not active else 0
    return {
        "project": access.project,
        "batches": jobs,
        "active": active,
        "files": [job for job in reversed(jobs) if job.waiting],
        "rate": f"{active.rate:,.0f} a second" if active and active.rate else "",
        "left": _in_words(active.seconds_left) if active else "",
        "untagged": count,
        "champion": champion,
        "may_act": access.may(Role.MANAGER),
        "formats": [("csv", "CSV"), ("jsonl", "JSON lines"), ("parquet", "Parquet")],
    }


def _in_words(seconds: float | None) -> str:
    """Return how long that is, as `40 s` or `3 min`; nothing where it is not known."""
    if seconds is None:
        return ""
    return f"{seconds:.0f} s" if seconds < MINUTE else f"{seconds / MINUTE:,.0f} min"


def _served(project: Project) -> QuerySet[ModelVersion]:
    """Return the champion and what was champion before, with since when and by whose word."""
    crowned = Event.objects.filter(
        subject_type="modelversion",
        subject_id=Cast(OuterRef("pk"), CharField()),
        after=Stage.CHAMPION,
    ).order_by("-id")
    return (
        project.model_versions.filter(stage__in=(Stage.CHAMPION, Stage.RETIRED))
        .select_related("evaluation", "project__deployment")
        .defer("manifest", "evaluation__confusion", "evaluation__per_class", "evaluation__slices")
        .annotate(
            since=Subquery(crowned.values("created_at")[:1]),
            crowned_by=Subquery(crowned.values("actor__username")[:1]),
            because=Subquery(crowned.values("reason")[:1]),
        )
        .order_by("stage", "-since")
    )


urlpatterns = [
    path("rollout/", page, name="rollout"),
    path("rollout/batches/", batches, name="rollout-batches"),
    path("rollout/threshold/", threshold, name="rollout-threshold"),
    path("rollout/batches/start/", start, name="batch-start"),
    path("rollout/batches/<int:batch_id>/cancel/", cancel, name="batch-cancel"),
    path("rollout/try/", try_it, name="rollout-try"),
]
