"""Drift: the newest look, its figures over time, and what is unlike anything learned."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from feedback.drift import checking, groups, reading
from feedback.drift.material import MOST_RECENT, WINDOW_DAYS
from feedback.drift_chart import draw
from feedback.models import DriftCheck
from labeling.access import Access, project_page
from labeling.models import Role
from labeling.views.refusals import RefusalsTold

EXPLAINED = {
    "length": "words a text: largest distance of the two distributions",
    "known_words": "share of a text's words that were learned: largest distance",
    "words": "PSI over 64 bins of hashed words",
    "classifier": "area under the curve; 0.5 where they cannot be told apart",
    "unlike": "share of texts in the twentieth of all, old and recent, least like any learned",
    "class_mix": "PSI of the labels that the champion gives",
    "confidence": "how sure the champion is: largest distance",
    "disagreement": "share of settled items that annotators disagreed on",
}


@require_safe
@project_page(Role.REVIEWER)
def page(request: HttpRequest, access: Access) -> HttpResponse:
    """Show the newest look with its figures, their course, and groups of new content."""
    looks = reading.latest(access.project)
    newest = looks[-1] if looks else None
    courses = reading.over_time(looks)
    charts = [draw(name, checking.TITLES[name], rows) for name, rows in courses.items()]
    figures = list(newest.figures.all()) if newest else []
    context = {
        "check": newest,
        "figures": [(one, checking.TITLES[one.name], EXPLAINED[one.name]) for one in figures],
        "groups": reading.groups_of(newest) if newest else [],
        "charts": [chart for chart in charts if chart],
        "looks": looks[::-1],
        "attempt": DriftCheck.objects.filter(project=access.project).first(),
        "may_act": access.may(Role.MANAGER),
        "days": WINDOW_DAYS,
        "most": MOST_RECENT,
    }
    return render(request, "feedback/drift.html", context)


@require_POST
@project_page(Role.MANAGER)
def check(request: HttpRequest, access: Access) -> HttpResponse:
    """Ask for a look now."""
    with RefusalsTold(request):
        checking.ask_check(project=access.project, user=access.user)
        messages.success(request, "Drift is being checked: reload the page in a moment.")
    return redirect("monitor-drift", access.project.slug)


@require_POST
@project_page(Role.MANAGER)
def send(request: HttpRequest, access: Access, check_id: int, group: int) -> HttpResponse:
    """Send a group to labeling."""
    sent = request.POST.get("count", "")
    count = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 9 else 0  # noqa: PLR2004
    with RefusalsTold(request):
        asked = groups.send_group(access=access, check_id=check_id, number=group, count=count)
        messages.success(request, f"{asked} items wait for people now.")
    return redirect("monitor-drift", access.project.slug)


urlpatterns = [
    path("monitor/drift/", page, name="monitor-drift"),
    path("monitor/drift/check/", check, name="monitor-drift-check"),
    path("monitor/drift/<int:check_id>/groups/<int:group>/send/", send, name="monitor-drift-send"),
]
