"""Predictions of one batch: found again by their idempotency key, or written in one commit."""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import QuerySet

from classifier.models import Prediction
from classifier.serving.asks import Ask

Identity = tuple[int, int | None, str | None]


def stored(asks: Iterable[Ask]) -> dict[Identity, Prediction]:
    """Return the predictions that were stored under the idempotency keys of these asks."""
    keyed = [ask for ask in asks if ask.idempotency_key is not None]
    if not keyed:
        return {}
    found = _by_identity(
        projects={ask.project_id for ask in keyed},
        users={ask.user_id for ask in keyed},
        keys={ask.idempotency_key for ask in keyed if ask.idempotency_key is not None},
    )
    return {identity_of(prediction): prediction for prediction in found}


@transaction.atomic
def save(predictions: Sequence[Prediction]) -> None:
    """Store new predictions, all or none; one whose key another call has used meanwhile is not.

    Raises:
        django.db.Error: nothing was stored.
    """
    Prediction.objects.bulk_create(p for p in predictions if p.idempotency_key is None)
    # In one order everywhere, so that two processes that store the same keys never deadlock.
    keyed = sorted(
        (p for p in predictions if p.idempotency_key is not None),
        key=lambda p: (p.project_id, p.requested_by_id, p.idempotency_key),
    )
    Prediction.objects.bulk_create(keyed, ignore_conflicts=True)


def identity_of(prediction: Prediction) -> Identity:
    """Return what the idempotency key of a prediction is unique within."""
    return (prediction.project_id, prediction.requested_by_id, prediction.idempotency_key)


def _by_identity(*, projects: set[int], users: set[int], keys: set[str]) -> QuerySet[Prediction]:
    return Prediction.objects.select_related("label", "model_version").filter(
        project__in=projects, requested_by__in=users, idempotency_key__in=keys
    )
