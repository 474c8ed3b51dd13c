"""Labels that a model doubts, and the buttons that ask a reviewer about them."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from classifier.models import ModelVersion, OutOfFoldAnswer
from classifier.suspects import (
    AT_ONCE,
    RUN_CAP,
    left_of,
    open_suspects,
    review_row,
    review_suspects,
    suspects_of,
)
from classifier.views.answers import start_of
from classifier.views.report import Name, name_of, names_of
from labeling.access import Access, project_page
from labeling.errors import DomainError
from labeling.models import Role
from labeling.views.parts import wants_part
from labeling.views.refusals import RefusalsTold

PAGE = 50


class LimitForm(forms.Form):
    """How many suspects to send to reviewers."""

    limit = forms.IntegerField(min_value=1, max_value=RUN_CAP, initial=AT_ONCE)


@dataclass(frozen=True)
class Row:
    """A suspect as a line of the list; `gone` says why nobody can be asked about it."""

    answer: OutOfFoldAnswer
    given: Name
    predicted: Name
    gone: str


@require_safe
@project_page(Role.REVIEWER)
def page(request: HttpRequest, access: Access, number: int) -> HttpResponse:
    """List a model's suspects, the least credible first."""
    models = ModelVersion.objects.select_related("run").defer("manifest")
    model = get_object_or_404(models, project=access.project, number=number)
    start = start_of(request)
    found = list(suspects_of(model)[start : start + PAGE + 1])
    names = names_of(access.project.labels.all())
    context = {
        "model": model,
        "rows": [_row(answer, names) for answer in found[:PAGE]],
        "range": f"{start + 1} to {start + len(found[:PAGE])}",
        "next_url": f"?{urlencode({'start': start + PAGE})}" if len(found) > PAGE else "",
        "previous_url": f"?{urlencode({'start': max(start - PAGE, 0)})}" if start else "",
        "open": open_suspects(model).count(),
        "left": left_of(model),
        "cap": RUN_CAP,
        "at_once": AT_ONCE,
        "may_act": access.may(Role.MANAGER),
    }
    return render(request, "classifier/suspects.html", context)


@require_POST
@project_page(Role.MANAGER)
def review(request: HttpRequest, access: Access, number: int) -> HttpResponse:
    """Send the least credible labels to reviewers."""
    form = LimitForm(request.POST)
    if not form.is_valid():
        messages.error(request, f"limit: a number from 1 to {RUN_CAP}.")
        return redirect("model-suspects", access.project.slug, number)
    with RefusalsTold(request):
        sent = review_suspects(
            project=access.project, user=access.user, number=number, **form.cleaned_data
        )
        plural = "" if sent == 1 else "s"
        messages.success(request, f"{sent} item{plural} wait{'s' if sent == 1 else ''} for review.")
    return redirect("model-suspects", access.project.slug, number)


@require_POST
@project_page(Role.REVIEWER)
def review_one(request: HttpRequest, access: Access, number: int, row_id: int) -> HttpResponse:
    """Send one row's item to a reviewer, and show that in its place."""
    try:
        review_row(access=access, number=number, row_id=row_id)
        said = ""
    except DomainError as error:
        said = error.message
    if wants_part(request):
        context: dict[str, Any] = {"project": access.project, "asked": "review", "said": said}
        return render(request, "classifier/_row_review.html", context)
    if said:
        messages.warning(request, said)
    else:
        messages.success(request, "The item waits for review.")
    return redirect("model", access.project.slug, number)


def _row(answer: OutOfFoldAnswer, names: dict[str, Name]) -> Row:
    return Row(
        answer=answer,
        given=name_of(names, answer.row.label),
        predicted=name_of(names, answer.predicted),
        gone=_gone(answer),
    )


def _gone(answer: Any) -> str:
    if answer.row.item_id is None or answer.deletion is not None:
        return "deleted"
    if answer.label_now != answer.row.label:
        return f"now {answer.label_now or 'without label'}"
    return ""


urlpatterns = [
    path("models/<int:number>/suspects/", page, name="model-suspects"),
    path("models/<int:number>/suspects/review/", review, name="model-suspects-review"),
    path("models/<int:number>/rows/<int:row_id>/review/", review_one, name="model-row-review"),
]
