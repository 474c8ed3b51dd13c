"""Which labels annotators give where the item's label is another."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from labeling.access import Access, project_page
from labeling.models import Label, Role
from labeling.quality import ANSWERS_READ, newest_answers
from labeling.quality_confusion import Mixed, confusion_of, finished_votes, told_apart

HOTTEST = 10


@dataclass(frozen=True)
class Cell:
    """A count, how warm it is coloured (0 to 10), and the filters that list its items."""

    count: int
    heat: int
    diagonal: bool
    query: str


@require_safe
@project_page(Role.ANNOTATOR)
def confusion(request: HttpRequest, access: Access) -> HttpResponse:
    """Show who tells which label how well, and the confusion of all or of one person."""
    labels = list(access.project.labels.all())
    votes = finished_votes(newest_answers(access.project), access)
    rows = confusion_of(votes, labels)
    people = told_apart(rows, labels)
    names = [person.username for person in people]
    name = request.GET.get("annotator", "")
    person = name if name in names else ""
    context = {
        "answers_read": ANSWERS_READ,
        "everybody": access.may(Role.REVIEWER),
        "labels": labels,
        "people": people,
        "names": names,
        "person": person,
        "votes": len(votes),
        "matrix": _matrix([row for row in rows if person in {"", row.username}], labels, person),
    }
    return render(request, "labeling/quality_confusion.html", context)


def _matrix(
    rows: Iterable[Mixed], labels: Sequence[Label], person: str
) -> list[tuple[Label, int, list[Cell]]]:
    """Return a row for each label of items: its votes, and a cell for each label that was given."""
    counts: Counter[tuple[int, int]] = Counter()
    for row in rows:
        counts[row.label.pk, row.given.pk] += row.count
    matrix = []
    for label in labels:
        total = sum(counts[label.pk, given.pk] for given in labels)
        cells = [_cell(counts[label.pk, given.pk], total, label, given, person) for given in labels]
        matrix.append((label, total, cells))
    return matrix


def _cell(count: int, total: int, label: Label, given: Label, person: str) -> Cell:
    filters = {"label": label.name, "gave": given.name}
    if person:
        filters["annotator"] = person
    heat = ceil(HOTTEST * count / total) if total else 0
    return Cell(count, heat, label == given, urlencode(filters))
