"""The versions of the guideline, putting a change away, and proposals to change it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from labeling.access import Access, project_page
from labeling.errors import DomainError
from labeling.guidelines import (
    Change,
    VersionRow,
    change_between,
    find_version,
    put_away,
    versions,
)
from labeling.models import GuidelineProposal, Role, Task
from labeling.proposals import decide_proposal, propose_change
from labeling.views.parts import wants_part
from labeling.views.refusals import RefusalsTold

VERSION_DIGITS = 9


@require_safe
@project_page(Role.ANNOTATOR)
def history(request: HttpRequest, access: Access) -> HttpResponse:
    """Show every version with the agreement under it, and what differs between two of them."""
    rows = versions(access.project)
    context = {
        "rows": rows,
        "change": _chosen(request, access, rows) if rows else None,
        "everybody": access.may(Role.REVIEWER),
        "manages": access.may(Role.MANAGER),
    }
    return render(request, "labeling/guideline_history.html", context)


@require_POST
@project_page(Role.ANNOTATOR)
def seen(request: HttpRequest, access: Access, version: int) -> HttpResponse:
    """Put the change to a version away."""
    try:
        put_away(access=access, version=version)
    except DomainError as refusal:
        raise Http404(refusal.message) from refusal
    # An empty part takes the notice's place.
    return HttpResponse() if wants_part(request) else redirect("label", access.project.slug)


@require_POST
@project_page(Role.REVIEWER)
def propose(request: HttpRequest, access: Access, task_id: int) -> HttpResponse:
    """Propose a change of the guideline because of a case, and go back to it."""
    get_object_or_404(Task, project=access.project, pk=task_id)
    with RefusalsTold(request):
        propose_change(access=access, task_id=task_id, text=request.POST.get("text", ""))
        messages.success(request, "Proposed: a manager finds it beside the guideline.")
    return redirect("review-case", access.project.slug, task_id)


@require_POST
@project_page(Role.MANAGER)
def decide(request: HttpRequest, access: Access, proposal_id: int) -> HttpResponse:
    """Take a proposal into the editor, or decline it."""
    get_object_or_404(GuidelineProposal, project=access.project, pk=proposal_id)
    taken, url = "take" in request.POST, reverse("settings", args=[access.project.slug])
    with RefusalsTold(request):
        decide_proposal(access=access, proposal_id=proposal_id, taken=taken)
        if taken:
            messages.success(request, "Taken: write it into the guideline below, then publish.")
            return redirect(f"{url}?proposal={proposal_id}#guideline")
        messages.success(request, "Declined.")
    return redirect(f"{url}#guideline")


def _chosen(request: HttpRequest, access: Access, rows: list[VersionRow]) -> Change:
    """Return the comparison that was asked for, at first of the newest version with the last."""
    newest = rows[0].guideline.version
    after = _number(request.GET.get("to", ""), newest)
    earlier = [row.guideline.version for row in rows if row.guideline.version < after]
    before = _number(request.GET.get("from", ""), max(earlier, default=0))
    try:
        old = find_version(access.project, before) if before else None
        return change_between(old, find_version(access.project, after))
    except DomainError as refusal:
        raise Http404(refusal.message) from refusal


def _number(text: str, otherwise: int) -> int:
    fits = text.isascii() and text.isdigit() and len(text) <= VERSION_DIGITS
    return int(text) if fits else otherwise
