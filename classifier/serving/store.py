"""Predictions of one batch: found again by their idempotency key, or written in one commit."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection

from classifier.models import Prediction
from classifier.prediction_rows import insert_predictions
from classifier.serving.asks import Ask

T = TypeVar("T")
Identity = tuple[int, int | None, str | None]
COLUMNS = (
    "id",
    "project_id",
    "model_version_id",
    "label_id",
    "title",
    "body",
    "external_id",
    "confidence",
    "probabilities",
    "route",
    "threshold",
    "source",
    "latency_ms",
    "requested_by_id",
    "request_id",
    "idempotency_key",
    "created_at",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A prediction, as it is stored and answered."""

    id: UUID
    project_id: int
    model_version_id: int
    model_number: int
    label_id: int
    label: str
    title: str
    body: str
    external_id: str
    confidence: float
    probabilities: dict[str, float]
    route: str
    threshold: float
    latency_ms: float | None
    requested_by_id: int | None
    request_id: str
    idempotency_key: str | None
    created_at: datetime

    @property
    def identity(self) -> Identity:
        """What the idempotency key is unique within."""
        return (self.project_id, self.requested_by_id, self.idempotency_key)

    @property
    def text(self) -> tuple[str, str, str]:
        """What was tagged."""
        return (self.title, self.body, self.external_id)


def stored(asks: Iterable[Ask]) -> dict[Identity, Tag]:
    """Return what was stored under the idempotency keys of these asks.

    Raises:
        django.db.Error: the database does not answer.
    """
    keyed = [ask for ask in asks if ask.idempotency_key is not None]
    return _on_a_live_connection(lambda: _find(keyed)) if keyed else {}


def save(tags: Sequence[Tag]) -> bool:
    """Store new predictions, all or none; one whose key another call has used meanwhile is not.

    Returns:
        Whether each of them was stored by this very call.

    Raises:
        django.db.Error: the database does not answer. They may be stored all the same, where it
            went away after it had committed.
    """
    # In one order everywhere, so that two processes that store the same keys never deadlock.
    ordered = sorted(tags, key=lambda tag: (tag.idempotency_key or "", tag.project_id))
    rows = [_row(tag) for tag in ordered]
    return _on_a_live_connection(lambda: insert_predictions(COLUMNS, rows)) == len(tags)


def _row(tag: Tag) -> tuple[Any, ...]:
    """Return what stands in each of the columns."""
    return (
        tag.id,
        tag.project_id,
        tag.model_version_id,
        tag.label_id,
        tag.title,
        tag.body,
        tag.external_id,
        tag.confidence,
        tag.probabilities,
        tag.route,
        tag.threshold,
        "realtime",
        tag.latency_ms,
        tag.requested_by_id,
        tag.request_id,
        tag.idempotency_key,
        tag.created_at,
    )


def _find(keyed: Sequence[Ask]) -> dict[Identity, Tag]:
    found = Prediction.objects.order_by().filter(
        project__in={ask.project_id for ask in keyed},
        requested_by__in={ask.user_id for ask in keyed},
        idempotency_key__in={ask.idempotency_key for ask in keyed},
    )
    names = [name for name in Tag.__slots__ if name not in {"label", "model_number"}]
    tags = (
        Tag(label=row.pop("label__name"), model_number=row.pop("model_version__number"), **row)
        for row in found.values(*names, "label__name", "model_version__number")
    )
    return {tag.identity: tag for tag in tags}


def _on_a_live_connection(work: Callable[[], T]) -> T:
    """Return what `work` returns; a connection that turns out to be broken is replaced once.

    Asking before each batch whether it still lives would cost a round trip. Writing twice is no
    harm: a prediction keeps its id.
    """
    try:
        return work()
    except (OperationalError, InterfaceError):
        if connection.vendor == "sqlite" or connection.in_atomic_block or connection.is_usable():
            raise
        connection.close()
        return work()
