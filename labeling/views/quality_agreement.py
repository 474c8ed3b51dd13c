"""How far the annotators agree, by every coefficient and cut by what may explain it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from labeling.access import Access, project_page
from labeling.models import Role
from labeling.quality import ANSWERS_READ, newest_answers
from labeling.quality_agreement import (
    PAIRS_SHOWN,
    SOURCES_SHOWN,
    coefficients_of,
    guidelines_of,
    pairs_of,
    sources_of,
)
from labeling.statistics.agreement import Coefficient

TITLES = {
    Coefficient.PERCENT: ("Percent agreement", "share of agreeing pairs; chance is not taken off"),
    Coefficient.ALPHA: ("Krippendorff's alpha", "nominal; items with one answer are left out"),
    Coefficient.FLEISS: ("Fleiss' kappa", "chance from all answers, single ones too"),
    Coefficient.AC1: ("Gwet's AC1", "holds where nearly all answers are for one label"),
}


@require_safe
@project_page(Role.REVIEWER)
def agreement(request: HttpRequest, access: Access) -> HttpResponse:
    """Show the coefficients, and agreement by pair, version of the guideline and source."""
    answers, labels = newest_answers(access.project), list(access.project.labels.all())
    context = {
        "answers_read": ANSWERS_READ,
        "coefficients": [
            (*TITLES[row.coefficient], row.found) for row in coefficients_of(answers, labels)
        ],
        "pairs": pairs_of(answers, labels),
        "pairs_shown": PAIRS_SHOWN,
        "guidelines": guidelines_of(access.project, answers, labels),
        "sources": sources_of(access.project, answers, labels),
        "sources_shown": SOURCES_SHOWN,
        "everybody": True,
    }
    return render(request, "labeling/quality_agreement.html", context)
