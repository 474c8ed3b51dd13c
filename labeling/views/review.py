"""The review page: the cases that wait at the left, one of them with its evidence at the right."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from labeling import adjudicate
from labeling.access import Access, project_page
from labeling.cases import Desk, desk_of
from labeling.decided import Told, told_of
from labeling.errors import DomainError, Invalid
from labeling.facets import evidence_of, ways_of
from labeling.forms.messages import error_of
from labeling.forms.review import DecisionForm
from labeling.markdown import to_html
from labeling.models import Label, Role, Task
from labeling.opinion import ask_opinion
from labeling.reopen import undo_decision
from labeling.views.parts import wants_part


@dataclass(frozen=True)
class Outcome:
    """What the page tells about the act just done; `undo` is the case that it may be undone on."""

    text: str = ""
    label: Label | None = None
    told: Told | None = None
    undo: int = 0
    trouble: str = ""
    comment: str = ""
    status: int = 200


@never_cache
@require_safe
@project_page(Role.REVIEWER)
def queue(request: HttpRequest, access: Access) -> HttpResponse:
    """Show the most urgent case, or that none waits."""
    return _page(request, access, Outcome())


@never_cache
@require_safe
@project_page(Role.REVIEWER)
def case(request: HttpRequest, access: Access, task_id: int) -> HttpResponse:
    """Show one case; one that was decided meanwhile gives way to the most urgent."""
    desk = _desk(request, access, task_id)
    if desk.case is None or desk.case.task.pk != task_id:
        _own_task(access, task_id)
        messages.warning(request, "That case no longer waits for a reviewer.")
        return redirect("review", access.project.slug)
    return _page(request, access, Outcome(), desk)


@require_POST
@project_page(Role.REVIEWER)
def decide(request: HttpRequest, access: Access, task_id: int) -> HttpResponse:
    """Decide a case by a label, or put its item out of scope, and show the next case."""
    out = "out_of_scope" in request.POST
    name = None if out else request.POST.get("label", "")
    try:
        decision = adjudicate.decide(
            project=access.project,
            user=access.user,
            task_id=_own_task(access, task_id),
            label_name=name,
            comment=_comment(request),
        )
    except DomainError as refusal:
        return _refused(request, access, task_id, refusal)
    text = "Put out of scope: it gets no label" if out else "Resolved as"
    told = told_of(decision)
    return _next(request, access, Outcome(text, decision.label, told, undo=task_id))


@require_POST
@project_page(Role.REVIEWER)
def send_back(request: HttpRequest, access: Access, task_id: int) -> HttpResponse:
    """Ask the annotators for one more look at a case, and show the next case."""
    try:
        adjudicate.send_back(
            project=access.project,
            user=access.user,
            task_id=_own_task(access, task_id),
            comment=_comment(request, required=True),
        )
    except DomainError as refusal:
        return _refused(request, access, task_id, refusal)
    return _next(request, access, Outcome(text="Sent back: one more person looks at it"))


@require_POST
@project_page(Role.REVIEWER)
def opinion(request: HttpRequest, access: Access, task_id: int) -> HttpResponse:
    """Show the same case with what a model says of it; what was typed stays."""
    try:
        ask_opinion(project=access.project, user=access.user, task_id=_own_task(access, task_id))
    except DomainError as refusal:
        return _refused(request, access, task_id, refusal)
    return _stay(request, access, task_id, Outcome(comment=request.POST.get("comment", "")))


@require_POST
@project_page(Role.REVIEWER)
def undo(request: HttpRequest, access: Access, task_id: int) -> HttpResponse:
    """Take the reviewer's own decision back, and show its case again."""
    try:
        decision = undo_decision(
            project=access.project, user=access.user, task_id=_own_task(access, task_id)
        )
    except DomainError as refusal:
        return _refused(request, access, task_id, refusal)
    text = "Taken back: the case waits for a decision again"
    return _stay(request, access, task_id, Outcome(text=text, comment=decision.comment))


def _own_task(access: Access, task_id: int) -> int:
    """Return the id of a task of this project; another project's is not told from none."""
    if not Task.objects.filter(project=access.project, pk=task_id).exists():
        raise Http404("There is no such case in this project.")
    return task_id


def _comment(request: HttpRequest, *, required: bool = False) -> str:
    form = DecisionForm(request.POST)
    if not form.is_valid():
        raise Invalid(f"Comment: {error_of(form, 'comment')}")
    comment: str = form.cleaned_data["comment"]
    if required and not comment:
        raise Invalid("Say in the comment what the next person should look at.")
    return comment


def _refused(
    request: HttpRequest, access: Access, task_id: int, refusal: DomainError
) -> HttpResponse:
    """Tell what stood in the way; a case that still waits stays, with the comment typed."""
    outcome = Outcome(
        trouble=refusal.message,
        comment=request.POST.get("comment", ""),
        # Only 409 and 422 replace the part of the page that asked.
        status=422 if isinstance(refusal, Invalid) else 409,
    )
    if wants_part(request):
        return _page(request, access, outcome, _desk(request, access, task_id))
    messages.error(request, refusal.message)
    return redirect("review", access.project.slug)


def _next(request: HttpRequest, access: Access, outcome: Outcome) -> HttpResponse:
    if wants_part(request):
        return _page(request, access, outcome)
    text = f"{outcome.text} {outcome.label or ''}".strip() + "."
    more = outcome.told.words if outcome.told else ""
    messages.success(request, f"{text} {more}".strip())
    return redirect(_queue_url(request, access))


def _stay(request: HttpRequest, access: Access, task_id: int, outcome: Outcome) -> HttpResponse:
    """Answer an act after which the same case is to be seen."""
    address = reverse("review-case", args=[access.project.slug, task_id])
    if wants_part(request):
        response = _page(request, access, outcome, _desk(request, access, task_id))
        response["HX-Push-Url"] = address
        return response
    if outcome.text:
        messages.success(request, f"{outcome.text}.")
    return redirect(address)


def _desk(request: HttpRequest, access: Access, task_id: int = 0) -> Desk:
    return desk_of(access.project, access.user, reason=_reason(request), task_id=task_id)


def _reason(request: HttpRequest) -> str:
    return request.POST.get("reason", "") or request.GET.get("reason", "")


def _page(
    request: HttpRequest, access: Access, outcome: Outcome, desk: Desk | None = None
) -> HttpResponse:
    desk = desk or _desk(request, access)
    context = {
        "project": access.project,
        "waiting": desk.waiting,
        "case": desk.case,
        "last": desk.beside.last,
        "own": desk.own,
        "labels": desk.labels,
        "version": desk.beside.version,
        "guideline_html": to_html(desk.beside.guideline) if desk.beside.guideline else "",
        "reason": _reason(request),
        "outcome": outcome,
        "ways": ways_of(access.project),
        "evidence": evidence_of(access.project, desk.case.task) if desk.case else [],
        "swapped": wants_part(request),
    }
    if wants_part(request):
        response = render(request, "labeling/review_part.html", context, status=outcome.status)
        response["HX-Push-Url"] = _queue_url(request, access)
        return response
    return render(request, "labeling/review.html", context, status=outcome.status)


def _queue_url(request: HttpRequest, access: Access) -> str:
    reason = request.POST.get("reason", "")
    url = reverse("review", args=[access.project.slug])
    return f"{url}?reason={reason}" if reason.isidentifier() else url
