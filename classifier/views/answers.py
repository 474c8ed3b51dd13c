"""The holdout items behind a figure of an evaluation."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.views.decorators.http import require_safe

from classifier.answers import answers_file
from classifier.models import HoldoutPrediction
from classifier.slices import facts_of, mask, slice_of
from classifier.suspects import asked_of
from classifier.views.report import name_of, names_of
from labeling.access import Access, project_page
from labeling.models import Project, Role

PAGE, DIGITS = 50, 9
FILTERS = ("true", "predicted", "outcome", "slice", "found")


@require_safe
@project_page(Role.REVIEWER)
def page(request: HttpRequest, access: Access, number: int) -> HttpResponse:
    """List a model's answers on the holdout, the surest first.

    `true`, `predicted`, `outcome` (right or wrong), `slice` (its name) and `found` (a condition
    of a slice, as field:value) narrow them down.
    """
    if not access.project.model_versions.filter(number=number).exists():
        raise Http404("There is no such model in this project.")
    asked = {name: value for name in FILTERS if (value := request.GET.get(name))}
    start = start_of(request)
    answers = _answers(access.project, number, asked)
    found = _page(access.project, answers, asked, start)
    names = names_of(access.project.labels.all())
    context = {
        "number": number,
        "asked": asked,
        "answers": [
            (answer, name_of(names, answer.row.label), name_of(names, answer.predicted))
            for answer in found[:PAGE]
        ],
        "range": f"{start + 1} to {start + len(found[:PAGE])}",
        "next_url": _url(asked, start + PAGE) if len(found) > PAGE else "",
        "previous_url": _url(asked, max(start - PAGE, 0)) if start else "",
    }
    return render(request, "classifier/answers.html", context)


def start_of(request: HttpRequest) -> int:
    """Return where a page of a list begins, 0 for what is no such place."""
    value = request.GET.get("start", "0")
    return int(value) if value.isdecimal() and len(value) <= DIGITS else 0


def _answers(
    project: Project, number: int, asked: Mapping[str, str]
) -> QuerySet[HoldoutPrediction]:
    answers = (
        HoldoutPrediction.objects.filter(
            evaluation__model_version__project=project, evaluation__model_version__number=number
        )
        .select_related("row")
        .annotate(asked=asked_of("row__item"))
        .order_by("-confidence", "id")
    )
    if "true" in asked:
        answers = answers.filter(row__label=asked["true"])
    if "predicted" in asked:
        answers = answers.filter(predicted=asked["predicted"])
    if asked.get("outcome") == "wrong":
        answers = answers.exclude(predicted=F("row__label"))
    if asked.get("outcome") == "right":
        answers = answers.filter(predicted=F("row__label"))
    return answers


def _page(
    project: Project,
    answers: QuerySet[HoldoutPrediction],
    asked: Mapping[str, str],
    start: int,
) -> list[HoldoutPrediction]:
    """Return the answers from `start` on, and one more than a page where there are more."""
    if "slice" in asked:
        part = get_object_or_404(project.slices, name=asked["slice"])
    elif "found" in asked:
        part = slice_of(*asked["found"].partition(":")[::2])
    else:
        return list(answers[start : start + PAGE + 1])
    every = list(answers.select_related("row__item__import_job"))
    inside = mask(part, [facts_of(each.row) for each in every])
    kept = [answer for answer, within in zip(every, inside, strict=True) if within]
    return kept[start : start + PAGE + 1]


def _url(asked: Mapping[str, Any], start: int) -> str:
    return f"?{urlencode({**asked, 'start': start})}"


@require_safe
@project_page(Role.REVIEWER)
def export(request: HttpRequest, access: Access, number: int) -> StreamingHttpResponse:
    """Send all answers as CSV, or as JSON lines with `?as=jsonl`."""
    return answers_file(access.project, number, request.GET.get("as", "csv"))


urlpatterns = [
    path("models/<int:number>/answers/", page, name="model-answers"),
    path("models/<int:number>/answers/export/", export, name="model-answers-export"),
]
