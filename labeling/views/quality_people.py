"""What checks say about annotators: the table, one person's answers to checks, lifting."""

import csv

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from labeling import vigilance
from labeling.access import Access, project_page
from labeling.models import CHECKS, Membership, Role
from labeling.pagination import keyset
from labeling.skills import PersonSkill, first_answers, people_seen_by, person_seen_by
from labeling.spreadsheet_text import neutralise
from labeling.views.refusals import RefusalsTold

COLUMNS = (
    *("person", "gold_right", "gold_answered", "skill", "skill_low", "skill_high"),
    *("same_twice", "asked_twice", "consistency", "consistency_low", "consistency_high"),
    *("warning", "review_since", "paused"),
)


@require_safe
@project_page(Role.ANNOTATOR)
def person(request: HttpRequest, access: Access, user_id: int) -> HttpResponse:
    """Show one member's figures and, to whom it may be told, each answer to a check."""
    member = _member_or_404(access, user_id)
    figures = person_seen_by(access, member)
    told = access.may(Role.REVIEWER) or access.project.gold_show
    kind = request.GET.get("kind", "")
    answers = first_answers(access.project, member.user).select_related(
        "item", "label", "assignment__task__expected"
    )
    if kind in CHECKS:
        answers = answers.filter(assignment__task__reason=kind)
    page = keyset(request.GET, answers if told else answers.none())
    context = {
        "person": figures,
        "page": page,
        "kind": kind,
        "told": told,
        "everybody": access.may(Role.REVIEWER),
        "manages": access.may(Role.MANAGER),
    }
    return render(request, "labeling/quality_person.html", context)


@require_POST
@project_page(Role.MANAGER)
def lift(request: HttpRequest, access: Access, user_id: int) -> HttpResponse:
    """Take back what followed from a member's gold items."""
    member = _member_or_404(access, user_id)
    with RefusalsTold(request):
        vigilance.lift(access=access, membership_id=member.pk)
        messages.success(request, f"Lifted. {member.user} is judged by new gold items alone.")
    return redirect("quality-person", access.project.slug, user_id)


@require_safe
@project_page(Role.ANNOTATOR)
def table(request: HttpRequest, access: Access) -> HttpResponse:
    """Return the figures as CSV."""
    name = f"{access.project.slug}-people.csv"
    response = HttpResponse(
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
    lines = csv.writer(response)
    lines.writerow(COLUMNS)
    lines.writerows(_row(person) for person in people_seen_by(access))
    return response


def _row(person: PersonSkill) -> list[object]:
    skill, twice = person.skill, person.consistency
    gold = (skill.right, skill.answered, skill.mean, skill.low, skill.high) if skill else (0, 0)
    return [
        neutralise(person.username),
        *gold,
        *("",) * (5 - len(gold)),
        *(twice.hits, twice.total, twice.value, twice.low, twice.high),
        neutralise(person.warning),
        person.review_since.isoformat() if person.review_since else "",
        "yes" if person.paused else "no",
    ]


def _member_or_404(access: Access, user_id: int) -> Membership:
    members = Membership.objects.select_related("user")
    return get_object_or_404(members, project=access.project, user=user_id)
