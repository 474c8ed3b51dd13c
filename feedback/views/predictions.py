"""Predictions: their list, one with its lineage, and reporting one as wrong."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from classifier.models import Route, Source
from classifier.predictions import FILTERS, filtered, of_project, page
from feedback.lineage import lineage_of
from feedback.reports import report
from labeling.access import Access, project_page
from labeling.errors import DomainError
from labeling.models import Role
from labeling.views.parts import wants_part


@require_safe
@project_page(Role.REVIEWER)
def index(request: HttpRequest, access: Access) -> HttpResponse:
    """List the predictions, the newest first, narrowed by `route`, `label` and so on."""
    wanted = {name: request.GET.get(name, "") for name in FILTERS}
    found = page(filtered(of_project(access.project), wanted), request.GET.get("before", ""))
    query = request.GET.copy()
    query["before"] = found.older
    context = {
        "predictions": found.rows,
        "older_url": f"?{query.urlencode()}" if found.older else "",
        "wanted": wanted,
        "narrowed": any(wanted.values()),
        "file_query": urlencode({name: value for name, value in wanted.items() if value}),
        "labels": list(access.project.labels.all()),
        "routes": Route.choices,
        "sources": Source.choices,
    }
    return render(request, "feedback/predictions.html", context)


@require_safe
@project_page(Role.REVIEWER)
def one(request: HttpRequest, access: Access, prediction_id: UUID) -> HttpResponse:
    """Show a prediction with what it rests on and what people made of it."""
    lineage = lineage_of(access.project, prediction_id)
    labels = list(access.project.labels.all())
    shares = lineage.prediction.probabilities
    context = {
        "lineage": lineage,
        "prediction": lineage.prediction,
        "labels": labels,
        "shares": [(label, shares[label.name]) for label in labels if label.name in shares],
        "reported": any(made.reported_by_id == access.user.pk for made in lineage.reports),
    }
    return render(request, "feedback/prediction.html", context)


@require_POST
@project_page(Role.REVIEWER)
def report_wrong(request: HttpRequest, access: Access, prediction_id: UUID) -> HttpResponse:
    """Report a prediction as wrong; the answer says what that did."""
    trouble = ""
    try:
        report(
            access=access,
            prediction_id=prediction_id,
            label_name=request.POST.get("label") or None,
            comment=request.POST.get("comment", "").strip(),
        )
    except DomainError as error:
        trouble = error.message
    if wants_part(request):
        context = {"project": access.project, "trouble": trouble}
        return render(request, "feedback/reported.html", context, status=422 if trouble else 200)
    if trouble:
        messages.error(request, trouble)
    else:
        messages.success(request, "Reported: a reviewer decides.")
    return redirect("prediction", access.project.slug, prediction_id)


urlpatterns = [
    path("predictions/", index, name="predictions"),
    path("predictions/<uuid:prediction_id>/", one, name="prediction"),
    path("predictions/<uuid:prediction_id>/report/", report_wrong, name="prediction-report"),
]
