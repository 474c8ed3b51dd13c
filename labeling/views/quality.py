"""How far the labels can be trusted."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from labeling.access import Access, project_page
from labeling.anchoring import anchoring_of, why_off
from labeling.counting import CountOf, read_together
from labeling.models import Label, Role, TaskState
from labeling.progress import items_of, label_counts, oldest_case, tasks_in
from labeling.quality import ANSWERS_READ, alpha_of, annotators_of, newest_answers
from labeling.skills import people_seen_by
from labeling.statistics.agreement import Agreement

# Krippendorff (2018, Content Analysis, 4th ed., ch. 12): rely on .80 and more, conclude nothing
# but tentatively from less than .667.
RELIABLE, TENTATIVE = 0.8, 0.667
ROW, BAR_LEFT, BAR_WIDTH = 26, 200, 230


@dataclass(frozen=True)
class Bar:
    """One label's share of the labeled items, with its place in the drawing."""

    label: Label
    count: int
    percent: float
    y: int
    middle: int
    width: int


@require_safe
@project_page(Role.ANNOTATOR)
def quality(request: HttpRequest, access: Access) -> HttpResponse:
    """Show the agreement, the annotators and the labels given so far."""
    answers = newest_answers(access.project)
    rows = annotators_of(answers)
    everybody = access.may(Role.REVIEWER)
    mine = [row for row in rows if row.username == access.user.username]
    labels = label_counts(access.project)
    alpha = alpha_of(answers, [label for label, _ in labels])
    bars = _bars(labels)
    context = {
        "alpha": alpha,
        "verdict": _verdict(alpha),
        "answers_read": ANSWERS_READ,
        "votes": sum(row.votes for row in rows),
        "people": len(rows),
        "rows": rows if everybody else mine,
        "everybody": everybody,
        "labeled": sum(count for _, count in labels),
        **read_together(
            access.project,
            total=CountOf(items_of(access.project)),
            in_review=CountOf(tasks_in(access.project, TaskState.REVIEW)),
            case_since=oldest_case(access.project),
        ),
        "bars": bars,
        "chart_height": ROW * len(bars) + 8,
        "bar_left": BAR_LEFT,
        "checked": people_seen_by(access),
    }
    if everybody:
        context |= {"anchoring": anchoring_of(access.project), "why_off": why_off(access.project)}
    return render(request, "labeling/quality.html", context)


def _verdict(alpha: Agreement) -> tuple[str, str]:
    """Return the state and the sentence for a coefficient, judged by its lower bound."""
    if alpha.value is None:
        return "info", alpha.reason
    if alpha.low is None:
        return "info", alpha.reason
    if alpha.low >= RELIABLE:
        return "ok", "People agree far beyond chance: the labels can be relied on."
    if alpha.low >= TENTATIVE:
        return "warn", "People mostly agree: draw only tentative conclusions from the labels yet."
    return "bad", "People disagree too often: the guideline or the labels need work."


def _bars(labels: Sequence[tuple[Label, int]]) -> list[Bar]:
    total = sum(count for _, count in labels) or 1
    most = max((count for _, count in labels), default=0) or 1
    return [
        Bar(
            label=label,
            count=count,
            percent=100 * count / total,
            y=4 + ROW * index + 5,
            middle=4 + ROW * index + 17,
            width=round(BAR_WIDTH * count / most),
        )
        for index, (label, count) in enumerate(labels)
    ]
