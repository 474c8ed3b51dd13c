"""How far the labels can be trusted."""

from dataclasses import dataclass

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from labeling.access import Access, project_page
from labeling.anchoring import anchoring_of, why_off
from labeling.models import Label, Project, Role, TaskState
from labeling.progress import item_counts, waiting
from labeling.quality import annotators, project_alpha
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
    rows = annotators(access.project)
    everybody = access.may(Role.REVIEWER)
    mine = [row for row in rows if row.username == access.user.username]
    alpha = project_alpha(access.project)
    bars = _bars(access.project)
    context = {
        "alpha": alpha,
        "verdict": _verdict(alpha),
        "votes": sum(row.votes for row in rows),
        "people": len(rows),
        "rows": rows if everybody else mine,
        "everybody": everybody,
        "counts": item_counts(access.project),
        "disputed": waiting(access.project, TaskState.REVIEW),
        "bars": bars,
        "chart_height": ROW * len(bars) + 8,
        "bar_left": BAR_LEFT,
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


def _bars(project: Project) -> list[Bar]:
    labels = list(project.labels.annotate(count=Count("resolutions")).order_by("position", "id"))
    total = sum(label.count for label in labels) or 1
    most = max((label.count for label in labels), default=0) or 1
    return [
        Bar(
            label=label,
            count=label.count,
            percent=100 * label.count / total,
            y=4 + ROW * index + 5,
            middle=4 + ROW * index + 17,
            width=round(BAR_WIDTH * label.count / most),
        )
        for index, label in enumerate(labels)
    ]
