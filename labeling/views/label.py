"""The label page: its frame, the looks that it asks for, and the last answers."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.crypto import get_random_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from labeling.access import Access, project_page
from labeling.answers import last_answers
from labeling.guidelines import news_for
from labeling.leasing import WITH_CASE
from labeling.markdown import to_html
from labeling.models import SKIP_REASONS, AfterSkip, Assignment, LookState, Project, Role
from labeling.views.label_reply import PLAIN_TAB, Said, reply, show

SKIP_WORDS = {
    "unclear": "I cannot decide",
    "out_of_scope": "None of the labels fits",
    "broken": "The text is broken",
    "other": "Something else",
}
FOLLOWS = {
    AfterSkip.ANOTHER: "goes to another annotator, the second time to a reviewer",
    AfterSkip.REVIEWER: "goes to a reviewer",
    AfterSkip.NOBODY: "is closed without a label",
}
# Above this many labels, typing a part of the name is faster than finding the button.
FILTER_ABOVE = 10


@dataclass(frozen=True)
class SkipChoice:
    """A reason to skip: its key, its name, its words, and what follows from it."""

    key: str
    reason: str
    words: str
    follows: str


@never_cache
@require_safe
@project_page(Role.ANNOTATOR)
def label(request: HttpRequest, access: Access) -> HttpResponse:
    """Show the page's frame; its script asks for looks. Nothing changes by opening it."""
    newest = access.project.guidelines.select_related("created_by").first()
    labels = list(access.project.labels.all())
    context = {
        "guideline": newest,
        "guideline_html": to_html(newest.text) if newest else "",
        "news": news_for(access, newest),
        "labels": labels,
        "filter_labels": len(labels) > FILTER_ABOVE,
        "has_keywords": any(label.keywords for label in labels),
        "skip_choices": skip_choices(access.project),
        "manages": access.may(Role.MANAGER),
        "plain": next(iter(show(_plain_look(access), labels)), None),
        # A browser without scripts sends this one; with them each answer gets its own.
        "idempotency_key": get_random_string(32),
    }
    return render(request, "labeling/label.html", context)


@never_cache
@require_POST
@project_page(Role.ANNOTATOR)
def following(request: HttpRequest, access: Access) -> HttpResponse:
    """Give a tab the looks that it holds, topped up, or why there are none."""
    return reply(request, access, Said(counts=True))


@never_cache
@require_safe
@project_page(Role.ANNOTATOR)
def answers(request: HttpRequest, access: Access) -> HttpResponse:
    """List the person's last ten answers, each with its way back."""
    context = {"answers": last_answers(access.project, access.user), "project": access.project}
    return render(request, "labeling/label_answers.html", context)


def skip_choices(project: Project) -> list[SkipChoice]:
    """Return the reasons to skip with what follows from each in a project."""
    return [
        SkipChoice(str(number), reason, SKIP_WORDS[reason], FOLLOWS[_after(project, reason)])
        for number, reason in enumerate(SKIP_REASONS, 1)
    ]


def _after(project: Project, reason: str) -> AfterSkip:
    return AfterSkip(project.skip_rules.get(reason, AfterSkip.ANOTHER))


def _plain_look(access: Access) -> list[Assignment]:
    held = WITH_CASE.filter(
        project=access.project, annotator=access.user, state=LookState.LEASED, tab=PLAIN_TAB
    )
    return list(held.order_by("id")[:1])
