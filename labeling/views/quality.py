"""How far the labels can be trusted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from labeling.access import Access, project_page
from labeling.anchoring import anchoring_of, off_figures
from labeling.charts import trend
from labeling.counting import CountOf, read_together
from labeling.models import Label, Project, Role, TaskState
from labeling.progress import items_of, label_counts, oldest_case, tasks_in
from labeling.quality import (
    ANSWERS_READ,
    AnnotatorRow,
    Answer,
    alpha_of,
    annotators_of,
    newest_answers,
)
from labeling.quality_agreement import labels_of, weeks_of
from labeling.quality_spots import spots_of
from labeling.quality_worst import disputed_of
from labeling.skills import people_seen_by
from labeling.statistics.agreement import Agreement

# Krippendorff (2018, Content Analysis, 4th ed., ch. 12): rely on .80 and more, conclude nothing
# but tentatively from less than .667.
RELIABLE, TENTATIVE = 0.8, 0.667
# From two points on there is a line.
FEWEST_POINTS = 2
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
    counts = label_counts(access.project)
    labels = [label for label, _ in counts]
    alpha = alpha_of(answers, labels)
    bars = _bars(counts)
    checked = people_seen_by(access)
    skills = {person.username: person for person in checked}
    shown = rows if everybody else mine
    context = {
        "alpha": alpha,
        "verdict": _verdict(alpha),
        "answers_read": ANSWERS_READ,
        "votes": sum(row.votes for row in rows),
        "people": len(rows),
        "rows": shown,
        "table": [(row, skills.get(row.username)) for row in shown],
        "everybody": everybody,
        "labeled": sum(count for _, count in counts),
        "bars": bars,
        "chart_height": ROW * len(bars) + 8,
        "bar_left": BAR_LEFT,
        "checked": checked,
        **_standing(access.project, everybody=everybody),
    }
    if everybody:
        context |= _for_reviewers(access.project, answers, labels, rows, alpha)
    return render(request, "labeling/quality.html", context)


def _standing(project: Project, *, everybody: bool) -> dict[str, Any]:
    """Return how many items there are and wait; for reviewers, why suggestions are off, too."""
    off = off_figures(project) if everybody and not project.suggestions_on else {}
    found = read_together(
        project,
        total=CountOf(items_of(project)),
        in_review=CountOf(tasks_in(project, TaskState.REVIEW)),
        case_since=oldest_case(project),
        **off,
    )
    known = found.get("off_created_at") is not None
    told = {name: found.pop(f"off_{name}") for name in ("actor", "created_at", "reason") if off}
    return found | {"why_off": told if known else None}


def _for_reviewers(
    project: Project,
    answers: Sequence[Answer],
    labels: Sequence[Label],
    rows: Sequence[AnnotatorRow],
    alpha: Agreement,
) -> dict[str, Any]:
    by_label, weeks = labels_of(answers, labels), weeks_of(answers, labels)
    values = [(week, week.alpha.value, week.alpha.low, week.alpha.high) for week in weeks]
    defined = sum(week.alpha.value is not None for week in weeks)
    return {
        "anchoring": anchoring_of(project),
        "by_label": by_label,
        "weeks": weeks,
        "trend": trend(values, marks=(TENTATIVE, RELIABLE)) if defined >= FEWEST_POINTS else None,
        "disputed": len(disputed_of(answers)),
        "spots": spots_of(labels=by_label, people=rows, weeks=weeks, whole=alpha),
    }


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
    if alpha.value >= TENTATIVE:
        return "warn", "People seem to agree, but too few items with two votes say so."
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
