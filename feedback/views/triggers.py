"""When to retrain: what is proposed, why, and the rules."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from feedback.forms.triggers import TriggerForm
from feedback.models import ProposalState
from feedback.triggers import proposals
from feedback.triggers.reasons import new_labels, policy_of
from feedback.triggers.slices import send_slice
from labeling.access import Access, project_page
from labeling.models import Role
from labeling.views.refusals import RefusalsIn, RefusalsTold

SHOWN = 50


@require_safe
@project_page(Role.REVIEWER)
def page(request: HttpRequest, access: Access) -> HttpResponse:
    """Show what is proposed, what became of earlier proposals, and the rules."""
    return _page(request, access, TriggerForm.of(policy_of(access.project)))


@require_POST
@project_page(Role.MANAGER)
def change(request: HttpRequest, access: Access) -> HttpResponse:
    """Change the rules."""
    form = TriggerForm(request.POST)
    if form.is_valid():
        with RefusalsIn(form):
            proposals.set_policy(access=access, changes=form.cleaned_data)
            messages.success(request, "The rules are changed.")
            return redirect("monitor-triggers", access.project.slug)
    return _page(request, access, form, status=422)


@require_POST
@project_page(Role.MANAGER)
def take(request: HttpRequest, access: Access, retrain_id: int) -> HttpResponse:
    """Start the run."""

    def verb() -> str:
        taken = proposals.take(access=access, proposal_id=retrain_id)
        return f"Run {taken.run.number if taken.run else ''} is queued."

    return _done(request, access, verb)


@require_POST
@project_page(Role.MANAGER)
def dismiss(request: HttpRequest, access: Access, retrain_id: int) -> HttpResponse:
    """Put a proposal aside."""

    def verb() -> str:
        proposals.dismiss(access=access, proposal_id=retrain_id)
        return "Dismissed: it is not proposed again within a week."

    return _done(request, access, verb)


@require_POST
@project_page(Role.MANAGER)
def label(request: HttpRequest, access: Access, retrain_id: int) -> HttpResponse:
    """Send unlabeled items of a weak slice to labeling."""
    sent = request.POST.get("count", "")
    count = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 9 else 0  # noqa: PLR2004

    def verb() -> str:
        asked = send_slice(access=access, proposal_id=retrain_id, count=count)
        return f"{asked} items of the slice wait for people now."

    return _done(request, access, verb)


def _done(request: HttpRequest, access: Access, verb: Callable[[], str]) -> HttpResponse:
    with RefusalsTold(request):
        messages.success(request, verb())
    return redirect("monitor-triggers", access.project.slug)


def _page(
    request: HttpRequest, access: Access, form: TriggerForm, status: int = 200
) -> HttpResponse:
    shown = list(proposals.proposals_of(access.project)[:SHOWN])
    context = {
        "form": form,
        "waiting": [one for one in shown if one.state == ProposalState.OPEN],
        "decided": [one for one in shown if one.state != ProposalState.OPEN],
        "fresh": new_labels(access.project),
        "may_act": access.may(Role.MANAGER),
    }
    return render(request, "feedback/triggers.html", context, status=status)


HERE = "monitor/triggers/"

urlpatterns = [
    path(HERE, page, name="monitor-triggers"),
    path(f"{HERE}change/", change, name="monitor-triggers-change"),
    path(f"{HERE}<int:retrain_id>/take/", take, name="monitor-trigger-take"),
    path(f"{HERE}<int:retrain_id>/dismiss/", dismiss, name="monitor-trigger-dismiss"),
    path(f"{HERE}<int:retrain_id>/label/", label, name="monitor-trigger-label"),
]
