"""The monitor: how much the models answer, what people owe, and what users say is wrong."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from feedback.charts import bars
from feedback.monitoring import by_day, latest_reports, low_confidence
from labeling.access import Access, project_page
from labeling.models import Role


@require_safe
@project_page(Role.REVIEWER)
def page(request: HttpRequest, access: Access) -> HttpResponse:
    """Show the last two weeks of predictions, the low-confidence queue and the reports."""
    days = by_day(access.project)
    total = sum(day.total for day in days)
    accepted = sum(day.accepted for day in days)
    context = {
        "days": days,
        "bars": bars(days),
        "peak": max(day.total for day in days),
        "total": total,
        "accepted": accepted,
        "review": total - accepted,
        "share": f"{accepted / total:.0%}" if total else "",
        "queue": low_confidence(access.project),
        "reports": latest_reports(access.project),
    }
    return render(request, "feedback/monitor.html", context)


urlpatterns = [path("monitor/", page, name="monitor")]
