"""The label page: one item after the other, one key for each."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.crypto import get_random_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from labeling import annotate, queue
from labeling.access import Access, project_page
from labeling.errors import Conflict, DomainError, Invalid
from labeling.forms.annotate import AnswerForm
from labeling.forms.messages import error_of
from labeling.markdown import to_html
from labeling.models import Annotation, Assignment, Label, Role
from labeling.no_work import why_nothing_waits
from labeling.progress import today_of
from labeling.views.parts import wants_part

SKIP_WORDS = {
    "unclear": "I cannot decide",
    "out_of_scope": "None of the labels fits",
    "broken": "The text is broken",
    "other": "Something else",
}
# Above this many labels, typing a part of the name is faster than finding the button.
FILTER_ABOVE = 10


@dataclass(frozen=True)
class Said:
    """What the page tells about the act just done: an answer saved, one taken back, or trouble."""

    saved: Label | None = None
    text: str = ""
    trouble: str = ""
    note: str = ""
    status: int = 200


@never_cache
@require_safe
@project_page(Role.ANNOTATOR)
def label(request: HttpRequest, access: Access) -> HttpResponse:
    """Show the next item that waits for this person, or why there is none."""
    newest = access.project.guidelines.first()
    html = to_html(newest.text) if newest else ""
    context = _look(access, Said()) | {"guideline": newest, "guideline_html": html}
    return render(request, "labeling/label.html", context)


@require_POST
@project_page(Role.ANNOTATOR)
def submit(request: HttpRequest, access: Access, assignment_id: int) -> HttpResponse:
    """Save an answer and show the next item in the same reply."""
    _require_look(access, assignment_id)
    form = AnswerForm(request.POST)
    try:
        answer = _submit(access, assignment_id, form)
    except DomainError as refusal:
        note = request.POST.get("note", "") if isinstance(refusal, Invalid) else ""
        return _next(request, access, _refused(refusal, note))
    return _next(request, access, Said(saved=answer.label))


@require_POST
@project_page(Role.ANNOTATOR)
def skip(request: HttpRequest, access: Access, assignment_id: int) -> HttpResponse:
    """Pass an item on to somebody else, for a reason."""
    _require_look(access, assignment_id)
    try:
        queue.skip(
            project=access.project,
            user=access.user,
            assignment_id=assignment_id,
            token=request.POST.get("token", ""),
            reason=request.POST.get("reason", ""),
        )
    except DomainError as refusal:
        return _next(request, access, _refused(refusal))
    return _next(request, access, Said(text="Skipped: it goes to somebody else."))


@require_POST
@project_page(Role.ANNOTATOR)
def undo(request: HttpRequest, access: Access) -> HttpResponse:
    """Take the last answer back and show its item again."""
    try:
        annotate.undo(project=access.project, user=access.user)
    except DomainError as refusal:
        return _next(request, access, _refused(refusal))
    return _next(request, access, Said(text="Taken back. Here it is again."))


@require_POST
@project_page(Role.ANNOTATOR)
def extend(request: HttpRequest, access: Access, assignment_id: int) -> HttpResponse:
    """Keep an item for the person whose page is open."""
    _require_look(access, assignment_id)
    token = request.POST.get("token", "")
    try:
        queue.extend(
            project=access.project, user=access.user, assignment_id=assignment_id, token=token
        )
    except Conflict as refusal:
        return HttpResponse(refusal.message, status=409, content_type="text/plain")
    return HttpResponse(status=204)


def _submit(access: Access, assignment_id: int, form: AnswerForm) -> Annotation:
    form.is_valid()
    data = form.cleaned_data
    wrong = next((name for name in form.errors if name != "seconds"), None)
    if wrong is not None:
        raise Invalid(f"{wrong}: {error_of(form, wrong)}")
    return annotate.submit(
        project=access.project,
        user=access.user,
        assignment_id=assignment_id,
        token=data["token"],
        label_name=data["label"],
        idempotency_key=data["idempotency_key"],
        seconds=data.get("seconds"),
        note=data["note"],
    )


def _require_look(access: Access, assignment_id: int) -> None:
    """Answer 404 for a look of no or another project."""
    get_object_or_404(Assignment, project=access.project, pk=assignment_id)


def _refused(refusal: DomainError, note: str = "") -> Said:
    # Only 409 and 422 replace the part of the page that asked.
    status = 422 if isinstance(refusal, Invalid) else 409
    return Said(trouble=refusal.message, note=note, status=status)


def _next(request: HttpRequest, access: Access, said: Said) -> HttpResponse:
    if wants_part(request):
        return render(request, "labeling/look.html", _look(access, said), status=said.status)
    if said.trouble:
        messages.error(request, said.trouble)
    else:
        messages.success(request, f"Saved as {said.saved}." if said.saved else said.text)
    return redirect("label", access.project.slug)


def _look(access: Access, said: Said) -> dict[str, object]:
    look = queue.claim(project=access.project, user=access.user)
    today = today_of(access.project, access.user)
    labels = list(access.project.labels.all())
    return {
        "project": access.project,
        "access": access,
        "look": look,
        "suggestion": _suggestion(look),
        "said": said,
        "today": today,
        "done_percent": round(100 * (today.total - today.left) / today.total) if today.total else 0,
        "labels": labels,
        "filter_labels": len(labels) > FILTER_ABOVE,
        "skip_choices": [(str(n), *choice) for n, choice in enumerate(SKIP_WORDS.items(), 1)],
        # A browser without scripts sends this one; with them each look gets its own.
        "idempotency_key": get_random_string(32),
        "why": None if look else why_nothing_waits(access.project, access.user),
        "manages": access.may(Role.MANAGER),
    }


def _suggestion(look: Assignment | None) -> Label | None:
    return None if look is None or look.task.blind else look.task.suggestion
