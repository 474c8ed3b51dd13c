"""What an annotator does on the label page: answer, skip, take back, keep, give back."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from labeling import annotate, queue
from labeling.access import Access, project_page
from labeling.errors import Conflict, DomainError, Invalid
from labeling.forms.annotate import NOTE_LIMIT, AnswerForm, TabForm
from labeling.forms.messages import error_of
from labeling.lessons import lesson_of
from labeling.models import AfterSkip, Annotation, Assignment, Role
from labeling.views.label_reply import Said, refused, reply

SKIPPED = {
    AfterSkip.ANOTHER: "Skipped: it goes to another annotator.",
    AfterSkip.REVIEWER: "Skipped: it goes to a reviewer.",
    AfterSkip.NOBODY: "Skipped: it is closed without a label.",
}
SOMEBODY_ELSE = "somebody else is signed in by now"


@require_POST
@project_page(Role.ANNOTATOR)
def submit(request: HttpRequest, access: Access, assignment_id: int) -> HttpResponse:
    """Save an answer and give the tab its next looks in the same reply."""
    if _by_another(request, access):
        return _somebody_else()
    _require_look(access, assignment_id)
    try:
        answer = _submit(access, assignment_id, AnswerForm(request.POST))
    except DomainError as refusal:
        return reply(request, access, refused(refusal))
    said = Said(text=f"Saved as {answer.label}.", lesson=lesson_of(access.project, answer))
    return reply(request, access, said)


@require_POST
@project_page(Role.ANNOTATOR)
def skip(request: HttpRequest, access: Access, assignment_id: int) -> HttpResponse:
    """Pass an item on, for a reason."""
    if _by_another(request, access):
        return _somebody_else()
    _require_look(access, assignment_id)
    try:
        went_to = queue.skip(
            project=access.project,
            user=access.user,
            assignment_id=assignment_id,
            token=request.POST.get("token", ""),
            reason=request.POST.get("reason", ""),
            note=request.POST.get("note", "")[:NOTE_LIMIT],
        )
    except DomainError as refusal:
        return reply(request, access, refused(refusal))
    return reply(request, access, Said(text=SKIPPED[went_to]))


@require_POST
@project_page(Role.ANNOTATOR)
def undo(request: HttpRequest, access: Access, assignment_id: int | None = None) -> HttpResponse:
    """Take an answer back, the newest unless one is named, and show its item again."""
    if _by_another(request, access):
        return _somebody_else()
    if assignment_id is not None:
        _require_look(access, assignment_id)
    form = TabForm(request.POST)
    form.is_valid()
    try:
        look = annotate.undo(
            project=access.project,
            user=access.user,
            assignment_id=assignment_id,
            tab=form.cleaned_data.get("tab", ""),
        )
    except DomainError as refusal:
        return reply(request, access, refused(refusal))
    text = "Taken back. Here it is again."
    return reply(request, access, Said(text=text, first=look.pk, counts=True))


@require_POST
@project_page(Role.ANNOTATOR)
def extend(request: HttpRequest, access: Access, assignment_id: int) -> HttpResponse:
    """Keep an item for the person whose page is open."""
    look = _require_look(access, assignment_id)
    token = request.POST.get("token", "")
    try:
        queue.extend(project=access.project, user=access.user, assignment_id=look.pk, token=token)
    except Conflict as refusal:
        return HttpResponse(refusal.message, status=409, content_type="text/plain")
    return HttpResponse(status=204)


@require_POST
@project_page(Role.ANNOTATOR)
def release(request: HttpRequest, access: Access, assignment_id: int) -> HttpResponse:
    """Give an item back that was fetched ahead and not shown."""
    look = _require_look(access, assignment_id)
    token = request.POST.get("token", "")
    try:
        queue.release_look(
            project=access.project, user=access.user, assignment_id=look.pk, token=token
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
        flagged=data["flagged"],
    )


def _by_another(request: HttpRequest, access: Access) -> bool:
    """Tell whether the page was opened by another person than who is signed in now.

    An answer may have been kept for long in a browser that several people use.
    """
    person = request.POST.get("person", "")
    return person != "" and person != str(access.user.pk)


def _somebody_else() -> HttpResponse:
    return HttpResponse(SOMEBODY_ELSE, status=401, content_type="text/plain")


def _require_look(access: Access, assignment_id: int) -> Assignment:
    """Answer 404 for a look of no or another project."""
    return get_object_or_404(Assignment, project=access.project, pk=assignment_id)
