"""What a look at drift compares."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
from django.db.models import Count, Q
from django.utils import timezone
from numpy.typing import NDArray

from classifier.models import HoldoutPrediction, ModelVersion, Prediction, RowUse
from classifier.recipes.text import join_text
from feedback.statistics.drift import NEEDED
from labeling.models import Project

Floats = NDArray[np.float64]
WINDOW_DAYS = 14
MOST_RECENT = 1_000
MOST_REFERENCE = 2_000
COMPARED_DAYS = 90


@dataclass(frozen=True)
class Answers:
    """What a model said: how often each label, and how sure it was each time."""

    mix: Counter[str] = field(default_factory=Counter)
    confidence: Floats = field(default_factory=lambda: np.empty(0))


@dataclass(frozen=True)
class Material:
    """The two sides of each check.

    Attributes:
        reference: texts of the champion's training snapshot.
        window: recent texts that are not among them, each once, with the prediction's id.
        said_before, said_now: the champion's answers.
        disputed_before, disputed_now: (disputed, compared) items by when they were settled.
        since, until: the window in time; None without predictions.
    """

    reference: list[str]
    window: list[tuple[str, str]]
    said_before: Answers
    said_now: Answers
    disputed_before: tuple[int, int]
    disputed_now: tuple[int, int]
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True)
class _Recent:
    pk: str
    text: str
    label: str
    confidence: float
    by_champion: bool
    created_at: datetime


def material_of(project: Project, champion: ModelVersion, *, seed: int) -> Material:
    """Read both sides; of large snapshots a random part, drawn by `seed`."""
    recent = _recent(project, champion)
    reference = _reference(champion, np.random.default_rng(seed))
    since = recent[-1].created_at if recent else None
    now = timezone.now()
    window_start = now - timedelta(days=WINDOW_DAYS)
    return Material(
        reference=sorted(reference),
        window=_fresh(recent, _all_of(champion, recent)),
        said_before=_said_before(project, champion, since or now),
        said_now=_answers([(one.label, one.confidence) for one in recent if one.by_champion]),
        disputed_before=_disputed(
            project, window_start - timedelta(days=COMPARED_DAYS), window_start
        ),
        disputed_now=_disputed(project, window_start, now),
        since=since,
        until=recent[0].created_at if recent else None,
    )


def _recent(project: Project, champion: ModelVersion) -> list[_Recent]:
    since = timezone.now() - timedelta(days=WINDOW_DAYS)
    rows = Prediction.objects.filter(project=project, created_at__gte=since)
    values = rows.order_by("-created_at", "-id").values_list(
        "pk", "title", "body", "label__name", "confidence", "model_version_id", "created_at"
    )
    return [
        _Recent(str(pk), join_text(title, body), label, sure, model == champion.pk, created_at)
        for pk, title, body, label, sure, model, created_at in values[:MOST_RECENT]
    ]


def _reference(champion: ModelVersion, rng: np.random.Generator) -> list[str]:
    pool = champion.snapshot.rows.filter(split=RowUse.POOL).order_by()
    ids = sorted(pool.values_list("pk", flat=True))
    if len(ids) > MOST_REFERENCE:
        ids = [int(pk) for pk in rng.choice(ids, MOST_REFERENCE, replace=False)]
    rows = champion.snapshot.rows.filter(pk__in=ids).order_by("pk")
    return [join_text(title, body) for title, body in rows.values_list("title", "body")]


def _all_of(champion: ModelVersion, recent: list[_Recent]) -> set[str]:
    """Return which of the recent texts the snapshot holds, for whatever use."""
    if not recent:
        return set()
    pairs = champion.snapshot.rows.order_by().values_list("title", "body")
    wanted = {one.text for one in recent}
    return {text for title, body in pairs.iterator() if (text := join_text(title, body)) in wanted}


def _fresh(recent: list[_Recent], known: set[str]) -> list[tuple[str, str]]:
    """Return each text once that the model has not learned from."""
    first = {one.text: one.pk for one in reversed(recent) if one.text not in known}
    return [(pk, text) for text, pk in first.items()]


def _said_before(project: Project, champion: ModelVersion, until: datetime) -> Answers:
    """Return the first answers that the champion gave; of a new one those to the holdout."""
    since = champion.approved_at or champion.created_at
    rows = Prediction.objects.filter(
        project=project, model_version=champion, created_at__gte=since, created_at__lt=until
    ).order_by("created_at", "id")
    found = list(rows.values_list("label__name", "confidence")[:MOST_RECENT])
    if len(found) < NEEDED:
        holdout = HoldoutPrediction.objects.filter(evaluation__model_version=champion)
        found = list(holdout.order_by("pk").values_list("predicted", "confidence"))
    return _answers(found)


def _answers(rows: list[tuple[str, float]]) -> Answers:
    mix = Counter(label for label, _ in rows)
    return Answers(mix, np.array([sure for _, sure in rows], dtype=np.float64))


def _disputed(project: Project, since: datetime, until: datetime) -> tuple[int, int]:
    """Return how many of the items settled in a time were disputed, and how many compared."""
    settled = project.resolutions.filter(
        resolved_at__gte=since, resolved_at__lt=until, item__agreement__isnull=False
    ).order_by()
    found = settled.aggregate(
        disputed=Count("pk", filter=Q(item__agreement__lt=1.0)), compared=Count("pk")
    )
    return found["disputed"], found["compared"]
