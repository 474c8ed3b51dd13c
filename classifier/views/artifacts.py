"""A model's files, to take along."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.views.decorators.http import require_safe

from classifier.download import download
from labeling.access import Access, project_page
from labeling.models import Role
from labeling.views.refusals import RefusalsTold


@require_safe
@project_page(Role.REVIEWER)
def artifact(request: HttpRequest, access: Access, number: int) -> HttpResponseBase:
    """Send the files of a model as a zip; files that were tampered with are refused."""
    model = get_object_or_404(access.project.model_versions, number=number)
    with RefusalsTold(request):
        return download(access=access, model=model)
    return redirect("model", access.project.slug, number)


urlpatterns = [path("models/<int:number>/artifact/", artifact, name="model-artifact")]
