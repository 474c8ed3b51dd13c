"""The evaluation of a model, and what a manager decides on it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import F, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from classifier.approve import approve, obstacle_to, reject, rollback
from classifier.card import weights_of
from classifier.models import HoldoutPrediction, ModelVersion, Stage
from classifier.suspects import asked_of
from classifier.verdict import verdict_of
from classifier.views.models import STAGE_STATES
from classifier.views.report import (
    found_of,
    learning_of,
    matrix_of,
    name_of,
    names_of,
    points_of,
    risk_of,
)
from labeling.access import Access, project_page
from labeling.models import Role
from labeling.views.refusals import RefusalsTold

ERRORS_SHOWN = 10
CHECK_STATES = {
    "pass": ("ok", "pass"),
    "fail": ("bad", "fail"),
    "not_enough_data": ("warn", "not enough data"),
}


@require_safe
@project_page(Role.REVIEWER)
def page(request: HttpRequest, access: Access, number: int) -> HttpResponse:
    """Show how a model did on the holdout, the verdict first."""
    model, champion = _model_and_champion(access, number)
    evaluation = model.evaluation
    names = names_of(access.project.labels.all())
    wrong = (
        HoldoutPrediction.objects.filter(evaluation=evaluation)
        .exclude(predicted=F("row__label"))
        .annotate(asked=asked_of("row__item"))
    )
    calibration = evaluation.calibration
    context = {
        "weights": weights_of(model),
        "model": model,
        "evaluation": evaluation,
        "stage_state": STAGE_STATES[Stage(model.stage)],
        "verdict": verdict_of(evaluation),
        "checks": [
            check | dict(zip(("badge", "word"), CHECK_STATES[check["state"]], strict=True))
            for check in evaluation.checks
        ],
        "classes": [
            each | {"chip": name_of(names, each["label"])} for each in evaluation.per_class
        ],
        "matrix": matrix_of(evaluation, names),
        "before": points_of(calibration["before"]["bins"]),
        "after": points_of(calibration["after"]["bins"]),
        "found_slices": found_of(evaluation),
        "risk": risk_of(evaluation),
        "learning": learning_of(model),
        "errors": [
            (answer, name_of(names, answer.row.label), name_of(names, answer.predicted))
            for answer in wrong.select_related("row").order_by("-confidence", "id")[:ERRORS_SHOWN]
        ],
        "champion": champion,
        "obstacle": obstacle_to(model, champion),
        "may_act": access.may(Role.MANAGER),
    }
    return render(request, "classifier/evaluation.html", context)


Verb = Callable[..., ModelVersion]


def _decision(verb: Verb, field: str, done: str) -> Any:
    """Return the view that applies a verb to a model with the text that came with it."""

    @require_POST
    @project_page(Role.MANAGER)
    def view(request: HttpRequest, access: Access, number: int) -> HttpResponse:
        with RefusalsTold(request):
            verb(access=access, number=number, **{field: request.POST.get(field, "")})
            messages.success(request, done.format(number))
        return redirect("model", access.project.slug, number)

    return view


def _model_and_champion(access: Access, number: int) -> tuple[ModelVersion, ModelVersion | None]:
    found = access.project.model_versions.filter(
        Q(number=number) | Q(stage=Stage.CHAMPION)
    ).select_related("evaluation__champion", "snapshot", "run", "approved_by", "learning_curve")
    models = {model.number: model for model in found}
    if number not in models:
        raise Http404("There is no such model in this project.")
    champion = next((each for each in models.values() if each.stage == Stage.CHAMPION), None)
    return models[number], champion


urlpatterns = [
    path("models/<int:number>/", page, name="model"),
    path(
        "models/<int:number>/approve/",
        _decision(approve, "comment", "Model {} is the champion now."),
        name="model-approve",
    ),
    path(
        "models/<int:number>/reject/",
        _decision(reject, "comment", "Model {} is rejected."),
        name="model-reject",
    ),
    path(
        "models/<int:number>/rollback/",
        _decision(rollback, "reason", "Model {} is the champion again."),
        name="model-rollback",
    ),
]
