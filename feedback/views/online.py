"""How right the live models are, by looks that were drawn, and how many looks that takes."""

from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from feedback.look_plan import Wish, look_plan
from feedback.models import OnlineEvaluation
from feedback.online import ask_online_evaluation, newest_of
from feedback.statistics.live import LEAST_IN_PART, PERIODS
from labeling.access import Access, project_page
from labeling.charts import Trend, trend
from labeling.models import Role
from labeling.views.parts import wants_part
from labeling.views.refusals import RefusalsTold

USUAL_DAYS = 28


class WishForm(forms.Form):
    """How narrow the interval of the accuracy is to be."""

    half_width = forms.FloatField(
        min_value=0.001,
        max_value=0.5,
        label="Half width (0.02: two points)",
        widget=forms.NumberInput(attrs={"step": "0.001"}),
    )
    level = forms.FloatField(
        min_value=0.5,
        max_value=0.999,
        label="Confidence",
        widget=forms.NumberInput(attrs={"step": "0.001"}),
    )
    answers = forms.IntegerField(
        min_value=1, max_value=100_000_000, required=False, label="Answers a week"
    )
    accepted = forms.FloatField(
        min_value=0.0,
        max_value=1.0,
        required=False,
        label="Share accepted",
        widget=forms.NumberInput(attrs={"step": "0.01"}),
    )


@require_safe
@project_page(Role.REVIEWER)
def page(request: HttpRequest, access: Access) -> HttpResponse:
    """Show accuracy and F1 over time and by part, for a `model` and a period of `days`."""
    done, newest = newest_of(access.project)
    context: dict[str, Any] = {
        "done": done,
        "job": newest,
        "labels": {label.name: label for label in access.project.labels.all()},
    }
    if done is not None:
        context |= _figures(request, done) | _plan(request, done)
    part = "feedback/_online.html" if wants_part(request) else "feedback/online.html"
    return render(request, part, context)


@require_POST
@project_page(Role.REVIEWER)
def measure(request: HttpRequest, access: Access) -> HttpResponse:
    """Have the figures computed now and go back to the page that will show them."""
    with RefusalsTold(request):
        ask_online_evaluation(project=access.project, user=access.user)
    return redirect("monitor-online", access.project.slug)


def _figures(request: HttpRequest, done: OnlineEvaluation) -> dict[str, Any]:
    rows = [_dated(row) for row in done.figures["rows"]]
    models = sorted({row["model"] for row in rows if row["model"] is not None}, reverse=True)
    model = _number(request.GET.get("model", ""), models, None)
    days = _number(request.GET.get("days", ""), PERIODS, USUAL_DAYS)
    mine = [row for row in rows if row["model"] == model]
    period = [row for row in mine if row["days"] == days]
    weeks = [row for row in mine if row["kind"] == "week"]
    return {
        "models": models,
        "model": model,
        "periods": PERIODS,
        "days": days,
        "whole": next((row for row in period if row["kind"] == "all"), None),
        "routes": [row for row in period if row["kind"] == "route"],
        "by_label": [row for row in period if row["kind"] == "label"],
        "by_slice": [row for row in period if row["kind"] == "slice"],
        "by_model": [row for row in rows if row["kind"] == "all" and row["days"] == days],
        "weeks": weeks,
        "accuracy": _trend(weeks, "accuracy"),
        "f1": _trend(weeks, "f1"),
        "proxies": [_dated(row) for row in done.figures["proxies"]],
        "least": LEAST_IN_PART,
    }


def _plan(request: HttpRequest, done: OnlineEvaluation) -> dict[str, Any]:
    """Return the planner's form with the plan that it asks for; the usual one where it errs."""
    asked = {name: request.GET[name] for name in WishForm.base_fields if name in request.GET}
    form = WishForm({"half_width": 0.02, "level": 0.95} | asked)
    wish = Wish(**form.cleaned_data) if form.is_valid() else Wish()
    return {"form": form, "plan": look_plan(done.figures["strata"], wish)}


def _trend(weeks: list[dict[str, Any]], name: str) -> Trend[dict[str, Any]] | None:
    """Return the line of a figure by week; none before any week has a figure."""
    values = [(row, row[name]["value"], row[name]["low"], row[name]["high"]) for row in weeks]
    if all(value is None for _, value, _, _ in values):
        return None
    return trend(values, marks=(0.5,))


def _dated(row: dict[str, Any]) -> dict[str, Any]:
    dates = {name: date.fromisoformat(row[name]) for name in ("since", "until") if name in row}
    return row | dates


def _number(text: str, allowed: Any, usual: int | None) -> int | None:
    return next((each for each in allowed if str(each) == text), usual)


urlpatterns = [
    path("monitor/online/", page, name="monitor-online"),
    path("monitor/online/measure/", measure, name="monitor-online-measure"),
]
