"""Predictions that were drawn for people, and what people decided."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from classifier.models import ModelVersion, Prediction
from feedback.models import Destination, Routing
from labeling.models import Item, Resolution, ResolutionMethod, Task
from labeling.statistics.text import text_hash
from tests.classifier.predictions import make_prediction


def draw(
    model: ModelVersion,
    said: str,
    truth: str = "",
    *,
    confidence: float = 0.5,
    probability: float = 1.0,
    days: int = 0,
    method: str = ResolutionMethod.ADJUDICATION,
    before: bool = False,
    lot: float | None = None,
    by_lot: bool = True,
    **fields: Any,
) -> Prediction:
    """Make a prediction of some days ago that people were asked about, and decided where `truth`.

    `before`: they had decided before the prediction was made. `lot`: it waits for its turn, and is
    asked before that with this chance; `by_lot`: it was.
    """
    made = make_prediction(model, said, confidence, **fields)
    when = timezone.now() - timedelta(days=days)
    Prediction.objects.filter(pk=made.pk).update(created_at=when)
    name = f"drawn-{made.pk}"
    item = Item.objects.create(
        project=model.project,
        external_id=name,
        title=made.title,
        text_hash=text_hash(name, ""),
        draw=1,
    )
    _route(made, item, probability, when=when, lot=lot, by_lot=by_lot)
    if truth:
        Resolution.objects.create(
            project=model.project,
            item=item,
            label=model.project.labels.get(name=truth),
            method=method,
            resolved_at=when + timedelta(minutes=-1 if before else 1),
        )
    return made


def _route(
    made: Prediction,
    item: Item,
    probability: float,
    *,
    when: datetime,
    lot: float | None,
    by_lot: bool,
) -> None:
    drawn = lot is not None and by_lot
    Routing.objects.create(
        project=made.project,
        prediction=made,
        item=item,
        destination=Destination.REVIEW if probability == 1.0 else Destination.AUDIT,
        task=Task.objects.create(project=made.project, item=item, reason="audit", state="closed"),
        outcome="asked",
        asked_at=when if lot is None else None,
        lot_share=lot or 0.0,
        by_lot=drawn,
        lot_at=when if drawn else None,
        inclusion_probability=probability,
    )
