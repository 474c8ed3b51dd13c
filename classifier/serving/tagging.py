"""What is done with a batch of asks: predict, store, and only then answer."""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from classifier.models import Prediction, Source
from classifier.scoring import Score, route_of
from classifier.serving import store
from classifier.serving.asks import Ask
from classifier.serving.models import Champion, Champions
from classifier.serving.problems import Problem

REUSED = "Idempotency-Key: it was used before with another title, body or external_id."


@dataclass(frozen=True)
class Answer:
    """A prediction that is stored, and whether an earlier call had stored it."""

    prediction: Prediction
    repeated: bool

    @property
    def content(self) -> dict[str, Any]:
        """What the caller is told: the same at every repetition."""
        given = self.prediction
        return {
            "prediction_id": str(given.pk),
            "label": given.label.name,
            "confidence": given.confidence,
            "probabilities": given.probabilities,
            "model_version": given.model_version.number,
            "route": given.route,
            "threshold": given.threshold,
            "latency_ms": given.latency_ms,
        }


def tag_all(champions: Champions, asks: Sequence[Ask]) -> list[Answer | Problem]:
    """Return an answer or a refusal for each ask, in its place; what is answered is stored.

    Raises:
        django.db.Error: the database failed, and none of these may be answered.
    """
    earlier = store.stored(asks)
    drafts = _predict(champions, [ask for ask in asks if ask.identity not in earlier])
    fresh = [draft for draft in drafts.values() if isinstance(draft, Prediction)]
    if fresh:
        store.save(fresh)
        # Another call with the same key may have been first: then its answer counts.
        earlier |= store.stored(ask for ask in asks if ask in drafts)
    return [
        _outcome(ask, earlier.get(ask.identity) or drafts[ask], drafts.get(ask)) for ask in asks
    ]


def _predict(champions: Champions, asks: Sequence[Ask]) -> dict[Ask, Prediction | Problem]:
    drafts: dict[Ask, Prediction | Problem] = {}
    for project_id, group in _by_project(asks).items():
        try:
            champion = champions.of(project_id, group[0].wording.project)
        except Problem as problem:
            drafts |= dict.fromkeys(group, problem)
        else:
            drafts |= _drafts(champion, group)
    return drafts


def _by_project(asks: Sequence[Ask]) -> Mapping[int, list[Ask]]:
    groups: defaultdict[int, list[Ask]] = defaultdict(list)
    for ask in asks:
        groups[ask.project_id].append(ask)
    return groups


def _drafts(champion: Champion, asks: Sequence[Ask]) -> dict[Ask, Prediction]:
    scores = champion.scorer.score([(ask.wording.title, ask.wording.body) for ask in asks])
    return {ask: _draft(champion, ask, score) for ask, score in zip(asks, scores, strict=True)}


def _draft(champion: Champion, ask: Ask, score: Score) -> Prediction:
    return Prediction(
        id=uuid4(),
        project_id=ask.project_id,
        model_version=champion.version,
        external_id=ask.wording.external_id,
        title=ask.wording.title,
        body=ask.wording.body,
        label=score.label,
        confidence=score.confidence,
        probabilities=score.probabilities,
        route=route_of(score.confidence, champion.threshold),
        threshold=champion.threshold,
        source=Source.REALTIME,
        latency_ms=round((time.perf_counter() - ask.arrived) * 1000, 3),
        requested_by_id=ask.user_id,
        request_id=ask.request_id,
        idempotency_key=ask.idempotency_key,
    )


def _outcome(
    ask: Ask, found: Prediction | Problem, own: Prediction | Problem | None
) -> Answer | Problem:
    if isinstance(found, Problem):
        return found
    if (found.title, found.body, found.external_id) != ask.wording.text:
        return Problem(422, "idempotency_key_reused", REUSED)
    first = isinstance(own, Prediction) and own.pk == found.pk
    return Answer(found, repeated=not first)
