"""Reading what models said: the newest first, a page at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from classifier.models import Prediction
from labeling.models import Project

PAGE = 50
FILTERS = {
    "route": "route",
    "label": "label__name",
    "external_id": "external_id",
    "source": "source",
    "item": "item_id",
    "model_version": "model_version__number",
    "import": "item__import_job_id",
}
NUMBERS = ("item", "model_version", "import")
DIGITS = 18


@dataclass(frozen=True)
class Page:
    """Some predictions, and where the older ones begin."""

    rows: list[Prediction]
    older: str


def of_project(project: Project) -> QuerySet[Prediction]:
    """Return the predictions of a project with what every list of them shows."""
    predictions = Prediction.objects.filter(project=project)
    return predictions.select_related("label", "model_version").order_by("-created_at", "-id")


def filtered(predictions: QuerySet[Prediction], wanted: Mapping[str, str]) -> QuerySet[Prediction]:
    """Return those that match the values by name of FILTERS; an empty value matches any.

    A number that is none matches nothing.
    """
    chosen = {name: value for name, value in wanted.items() if value}
    if any("\x00" in value for value in chosen.values()):
        return predictions.none()
    if not all(_is_number(chosen[name]) for name in NUMBERS if name in chosen):
        return predictions.none()
    return predictions.filter(**{FILTERS[name]: value for name, value in chosen.items()})


def page(predictions: QuerySet[Prediction], before: str = "") -> Page:
    """Return the page that begins behind `before`, a mark that an earlier page gave as `older`.

    A mark that cannot be read gives the first page.
    """
    mark = _read(before)
    if mark is not None:
        created_at, pk = mark
        predictions = predictions.filter(
            Q(created_at__lt=created_at) | Q(created_at=created_at, pk__lt=pk)
        )
    rows = list(predictions[: PAGE + 1])
    more = len(rows) > PAGE
    return Page(rows[:PAGE], _mark(rows[PAGE - 1]) if more else "")


def _is_number(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= DIGITS


def _mark(last: Prediction) -> str:
    return f"{last.created_at.isoformat()}_{last.pk.hex}"


def _read(mark: str) -> tuple[datetime, UUID] | None:
    since, _, pk = mark.partition("_")
    try:
        created_at, last = datetime.fromisoformat(since), UUID(pk)
    except ValueError:
        return None
    return None if created_at.tzinfo is None else (created_at, last)
