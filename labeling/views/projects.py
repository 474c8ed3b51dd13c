"""The projects of a person, and making one."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from labeling.forms.project import ProjectForm
from labeling.projects import create_project
from labeling.standing import COUNTED, memberships_with_counts
from labeling.views.refusals import RefusalsIn


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List the person's projects with the role there and what waits."""
    context = {"memberships": memberships_with_counts(request.user), "limit": COUNTED}
    return render(request, "labeling/projects.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Make a project; whoever makes it becomes its manager."""
    form = ProjectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with RefusalsIn(form):
            project = create_project(user=_person(request), **form.cleaned_data)
            messages.success(request, f"{project.name} is made. Import its items next.")
            return redirect("loop", project.slug)
    status = 422 if form.errors else 200
    return render(request, "labeling/project_new.html", {"form": form}, status=status)


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - LoginRequiredMiddleware lets no other in
    return request.user
