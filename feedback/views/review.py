"""What this app adds to the review page: evidence beside a case, and approving many at once."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from feedback.bulk_approve import SHOWN, approvable, approve_many
from feedback.evidence import evidence_of
from labeling.access import Access, project_page
from labeling.models import Role
from labeling.views.refusals import RefusalsTold

DIGITS = 18


@never_cache
@require_safe
@project_page(Role.REVIEWER)
def evidence(request: HttpRequest, access: Access, task_id: int) -> HttpResponse:
    """Show why a case came back and who reported what, as a part of the review page."""
    found = evidence_of(access.project, access.user, task_id)
    return render(request, "feedback/evidence.html", {"evidence": found})


@never_cache
@require_safe
@project_page(Role.REVIEWER)
def bulk(request: HttpRequest, access: Access) -> HttpResponse:
    """List the cases that may be approved together."""
    found = list(approvable(access.project, access.user)[:SHOWN])
    return render(request, "feedback/bulk_approve.html", {"cases": found, "ticked": []})


@require_POST
@project_page(Role.REVIEWER)
def approve(request: HttpRequest, access: Access) -> HttpResponse:
    """Approve the chosen cases; asks once more before it does."""
    chosen = [int(pk) for pk in request.POST.getlist("case") if _is_id(pk)]
    if chosen and "sure" not in request.POST:
        found = approvable(access.project, access.user).filter(pk__in=chosen)
        return render(request, "feedback/bulk_approve.html", {"ticked": list(found[:SHOWN])})
    with RefusalsTold(request):
        count = approve_many(access=access, routing_ids=chosen)
        messages.success(request, f"Approved: {count:,}. Each can still be reopened.")
    return redirect("review-bulk", access.project.slug)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= DIGITS


urlpatterns = [
    path("review/<int:task_id>/evidence/", evidence, name="review-evidence"),
    path("review/bulk/", bulk, name="review-bulk"),
    path("review/bulk/approve/", approve, name="review-bulk-approve"),
]
