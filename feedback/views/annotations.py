"""An answer of an annotator, and the models that learned from it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from feedback.learned import MODELS_SHOWN, lineage_of_answer
from labeling.access import Access, project_page
from labeling.models import Role


@require_safe
@project_page(Role.REVIEWER)
def one(request: HttpRequest, access: Access, annotation_id: int) -> HttpResponse:
    """Show an answer with every model that learned from it or was measured by it."""
    lineage = lineage_of_answer(access.project, annotation_id)
    context = {"lineage": lineage, "answer": lineage.annotation, "most": MODELS_SHOWN}
    return render(request, "feedback/annotation.html", context)


urlpatterns = [path("annotations/<int:annotation_id>/", one, name="annotation")]
