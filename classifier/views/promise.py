"""Which threshold keeps which promise, to choose one by."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from classifier.deploy import champion_of, deployment_of, open_accepting, set_label_thresholds
from classifier.metrics.warranty import Promise, threshold_by_cost
from classifier.models import Stage
from classifier.promise import (
    USUAL_RISK,
    Answers,
    LabelOffer,
    answers_of,
    label_offer_of,
    offers_of,
    usual_promises,
)
from labeling.access import Access, project_page
from labeling.models import Project, Role
from labeling.views.refusals import RefusalsTold

NOTHING_YET = "No label's promise can be kept yet, so nothing was changed: see what is missing."


class TermsForm(forms.Form):
    """What is to hold of the accepted answers."""

    error = forms.FloatField(
        min_value=0.001,
        max_value=0.5,
        label="Share that may be wrong",
        widget=forms.NumberInput(attrs={"step": "0.001"}),
    )
    risk = forms.FloatField(
        min_value=0.001,
        max_value=0.5,
        label="Chance that the promise fails",
        widget=forms.NumberInput(attrs={"step": "0.001"}),
    )

    def promise(self) -> Promise:
        """Return what was asked for by a valid form."""
        return Promise(self.cleaned_data["error"], self.cleaned_data["risk"])


class PromiseForm(TermsForm):
    """A promise, and what an error costs."""

    looks = forms.FloatField(
        min_value=1,
        max_value=1_000_000,
        required=False,
        label="An error costs as much as this many looks",
        widget=forms.NumberInput(attrs={"step": "any"}),
    )


@require_safe
@project_page(Role.REVIEWER)
def page(request: HttpRequest, access: Access) -> HttpResponse:
    """Show what the champion may accept under some promises."""
    form = PromiseForm(request.GET or {"error": 0.05, "risk": USUAL_RISK})
    own = form.promise() if form.is_valid() else None
    served = access.project.model_versions.select_related("project__deployment")
    champion = served.filter(stage=Stage.CHAMPION).first()
    deployment = deployment_of(champion.project if champion else access.project)
    looks = form.cleaned_data.get("looks") if own else None
    said = answers_of(champion)
    context = {
        "form": form,
        "champion": champion,
        "deployment": deployment,
        "threshold": deployment.accept_threshold,
        "own": own,
        "picked": access.project.items.filter(gold_pick__isnull=False).count(),
        "offers": offers_of(said, usual_promises(own)) if champion else [],
        "each": _each(access.project, said, own) if champion and own else None,
        "looks": looks,
        "may_act": access.may(Role.MANAGER),
        "by_cost": threshold_by_cost(looks, 1) if looks else None,
    }
    return render(request, "classifier/promise.html", context)


@require_POST
@project_page(Role.MANAGER)
def open_again(request: HttpRequest, access: Access) -> HttpResponse:
    """Let the model accept again."""
    with RefusalsTold(request):
        open_accepting(access=access, reason=request.POST.get("reason", ""))
        messages.success(request, "The model accepts again, within seconds.")
    return redirect("promise", access.project.slug)


@require_POST
@project_page(Role.MANAGER)
def use_labels(request: HttpRequest, access: Access) -> HttpResponse:
    """Give each label the threshold that a promise allows the champion."""
    form = TermsForm(request.POST)
    if not form.is_valid():
        messages.error(request, "error, risk: both must be numbers from 0.001 to 0.5.")
        return redirect("promise", access.project.slug)
    offer = _each(access.project, answers_of(champion_of(access.project)), form.promise())
    if not offer.accepts:
        messages.error(request, NOTHING_YET)
        return redirect("promise", access.project.slug)
    set_label_thresholds(
        access=access, by_label=offer.thresholds, promise=offer.promise, reason=offer.reason
    )
    messages.success(request, "Each label is accepted from its own threshold on, within seconds.")
    return redirect("promise", access.project.slug)


def _each(project: Project, said: Answers, promise: Promise) -> LabelOffer:
    labels = list(project.labels.values_list("name", flat=True))
    return label_offer_of(said, promise, labels)


urlpatterns = [
    path("rollout/promise/", page, name="promise"),
    path("rollout/promise/open/", open_again, name="promise-open"),
    path("rollout/promise/labels/", use_labels, name="promise-labels"),
]
