"""What the label page gets back from each of its requests: what came of it, and its next looks."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from labeling.access import Access
from labeling.errors import DomainError, Invalid
from labeling.forms.annotate import TabForm
from labeling.highlight import highlighter
from labeling.lessons import Lesson
from labeling.models import Assignment, Item, Label, Role
from labeling.no_work import NoWork, why_nothing_waits
from labeling.pace import pace_of
from labeling.queue import claim_many
from labeling.views.parts import wants_part

# The look on screen and the one after it, so that the next is there at once.
AHEAD = 2
PLAIN_TAB = ""


@dataclass(frozen=True)
class Said:
    """What an act came to: an answer saved, one taken back, or trouble.

    `lesson` says how an answer to a gold item compares, where the project tells that.
    """

    text: str = ""
    trouble: str = ""
    status: int = 200
    first: int = 0
    counts: bool = False
    lesson: Lesson | None = None


@dataclass(frozen=True)
class Shown:
    """A look as the page shows it, with the labels' keywords marked; blind ones suggest nothing."""

    look: Assignment
    title: str
    body: str
    suggestion: Label | None

    @property
    def item(self) -> Item:
        """Return the item that is looked at."""
        return self.look.task.item


def refused(refusal: DomainError) -> Said:
    """Return what to say of a refusal."""
    # Those that were not found or may not be done read the same to the page: it did not happen.
    status = 422 if isinstance(refusal, Invalid) else 409
    return Said(trouble=refusal.message, status=status)


def reply(request: HttpRequest, access: Access, said: Said) -> HttpResponse:
    """Answer an act: with the tab's looks, or for a plain form with the page again."""
    if not wants_part(request):
        return _plain(request, access, said)
    form = TabForm(request.POST)
    form.is_valid()
    looks, why = _looks(access, form.cleaned_data.get("tab", ""))
    context = {
        "access": access,
        "project": access.project,
        "said": said,
        "looks": show(looks, access.project.labels.all() if looks else ()),
        "pace": pace_of(access.project, access.user) if said.counts or not looks else None,
        "why": why,
        "manages": access.may(Role.MANAGER),
    }
    return render(request, "labeling/label_reply.html", context, status=said.status)


def show(looks: list[Assignment], labels: Iterable[Label]) -> list[Shown]:
    """Return looks as the page shows them, with the keywords of these labels marked."""
    marks = highlighter(labels)
    return [
        Shown(
            look=look,
            title=marks.mark(look.task.item.title),
            body=marks.mark(look.task.item.body),
            suggestion=look.task.offered,
        )
        for look in looks
    ]


def _plain(request: HttpRequest, access: Access, said: Said) -> HttpResponse:
    if said.trouble:
        messages.error(request, said.trouble)
    elif said.text:
        messages.success(request, said.text)
    if said.lesson:
        messages.info(request, said.lesson.text)
    _, why = _looks(access, PLAIN_TAB, wanted=1)
    if why is not None:
        messages.info(request, " ".join([why.title, *why.facts, *why.hints]))
    return redirect("label", access.project.slug)


def _looks(access: Access, tab: str, wanted: int = AHEAD) -> tuple[list[Assignment], NoWork | None]:
    """Return the looks that a tab holds, topped up, or why there are none."""
    project, user = access.project, access.user
    try:
        looks = claim_many(
            project=project, user=user, tab=tab, wanted=wanted, gold_looks=access.gold_looks
        )
    except DomainError as refusal:
        return [], NoWork(refusal.message)
    return looks, None if looks else why_nothing_waits(project, user, role=access.role)
