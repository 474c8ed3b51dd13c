"""Where a person starts."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from labeling.access import projects_of


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Go to the only project of the person, else to the list of projects."""
    projects = list(projects_of(request.user)[:2])
    if len(projects) == 1:
        return redirect("loop", projects[0].slug)
    return redirect("projects")
