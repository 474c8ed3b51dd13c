"""Texts that two models have read, and what people said of them."""

from datetime import timedelta

from django.utils import timezone

from classifier.models import Pair, Trial
from labeling.models import Item, Resolution
from labeling.statistics.text import text_hash
from tests.classifier.predictions import make_prediction


def make_pair(trial: Trial, champion: str, challenger: str | None, **fields: object) -> Pair:
    """Store what the champion answered and the challenger, silent, said; None: it failed."""
    prediction = make_prediction(trial.champion, champion, 0.9)
    label = trial.project.labels.get(name=challenger) if challenger else None
    differs = challenger is not None and challenger != champion
    return Pair.objects.create(
        trial=trial,
        prediction=prediction,
        model_version=trial.challenger,
        label=label,
        confidence=0.7 if label else None,
        differs=differs,
        **fields,
    )


def judge(pair: Pair, truth: str, *, minutes: int = 0) -> None:
    """Let people, who were asked about a pair, say what is right."""
    title = pair.prediction.title
    item = Item.objects.create(
        project=pair.trial.project,
        external_id=title,
        title=title,
        text_hash=text_hash(title, ""),
        draw=1,
    )
    Resolution.objects.create(
        project=pair.trial.project,
        item=item,
        label=pair.trial.project.labels.get(name=truth),
        method="agreement",
        resolved_at=timezone.now() + timedelta(minutes=minutes),
    )
    Pair.objects.filter(pk=pair.pk).update(item=item, asked_at=timezone.now(), asked="asked")


def won(trial: Trial, count: int) -> None:
    """Let the challenger alone be right on some items."""
    for number in range(count):
        judge(make_pair(trial, "alpha", "beta"), "beta", minutes=number)


def lost(trial: Trial, count: int) -> None:
    """Let the champion alone be right on some items."""
    for number in range(count):
        judge(make_pair(trial, "alpha", "beta"), "alpha", minutes=number)
