"""The learning curve on a model's evaluation page, and the button that asks for it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from classifier.learning_curve import ask_learning_curve
from classifier.models import ModelVersion
from classifier.views.report import learning_of
from labeling.access import Access, project_page
from labeling.models import Role
from labeling.views.refusals import RefusalsTold


@require_POST
@project_page(Role.MANAGER)
def ask(request: HttpRequest, access: Access, number: int) -> HttpResponse:
    """Ask for a learning curve and go back to the page that will show it."""
    with RefusalsTold(request):
        ask_learning_curve(access=access, number=number)
    return redirect("model", access.project.slug, number)


@require_safe
@project_page(Role.REVIEWER)
def live(request: HttpRequest, access: Access, number: int) -> HttpResponse:
    """Return the part of the page that shows the curve; a final one stops asking for more."""
    models = ModelVersion.objects.select_related("learning_curve").defer("manifest")
    model = get_object_or_404(models, project=access.project, number=number)
    context: dict[str, Any] = {
        "project": access.project,
        "model": model,
        "learning": learning_of(model),
        "may_act": access.may(Role.MANAGER),
    }
    return render(request, "classifier/_learning.html", context)


urlpatterns = [
    path("models/<int:number>/learning-curve/", ask, name="learning-curve"),
    path("models/<int:number>/learning-curve/live/", live, name="learning-curve-live"),
]
