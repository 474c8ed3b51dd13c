"""What is done with a batch of asks: predict, store, and only then answer."""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import structlog

from classifier.prediction_rows import new_ids
from classifier.scoring import Score, route_of
from classifier.serving import store
from classifier.serving.asks import Ask
from classifier.serving.models import Champion, Champions
from classifier.serving.problems import Problem
from classifier.serving.shares import Challengers, share_out
from classifier.serving.store import Tag

REUSED = "Idempotency-Key: it was used before with another title, body or external_id."
FAILED = "The model failed on this text; the log has the details."
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """A prediction that is stored, and whether an earlier call had stored it.

    `report_url` is the link for saying that it is wrong; None where there is none.
    """

    tag: Tag
    repeated: bool
    report_url: str | None

    @property
    def content(self) -> dict[str, Any]:
        """What the caller is told: the same at every repetition."""
        tag = self.tag
        return {
            "prediction_id": tag.id,
            "label": tag.label,
            "confidence": tag.confidence,
            # PostgreSQL keeps them in an order of its own, and a repetition reads them from there.
            "probabilities": dict(sorted(tag.probabilities.items())),
            "model_version": tag.model_number,
            "route": tag.route,
            "threshold": tag.threshold,
            "latency_ms": tag.latency_ms,
            "report_url": self.report_url,
        }


def tag_all(
    champions: Champions, challengers: Challengers, asks: Sequence[Ask]
) -> list[Answer | Problem]:
    """Return an answer or a refusal for each ask, in its place; what is answered is stored.

    Raises:
        django.db.Error: the database failed, and none of these may be answered.
    """
    earlier = store.stored(asks)
    drafts = _predict(champions, challengers, [ask for ask in asks if ask.identity not in earlier])
    new = [draft for draft in drafts.values() if isinstance(draft, Tag)]
    if new and not store.save(new):
        # Another call with the same key may have been first: then its answer counts.
        earlier |= store.stored(ask for ask in asks if ask in drafts)
    return [
        _outcome(champions, ask, earlier.get(ask.identity) or drafts[ask], drafts.get(ask))
        for ask in asks
    ]


def fresh(outcomes: Sequence[Answer | Problem]) -> list[Tag]:
    """Return the predictions that were made for these outcomes, not those of earlier calls."""
    return [each.tag for each in outcomes if isinstance(each, Answer) and not each.repeated]


def _predict(
    champions: Champions, challengers: Challengers, asks: Sequence[Ask]
) -> dict[Ask, Tag | Problem]:
    drafts: dict[Ask, Tag | Problem] = {}
    for project_id, group in _by_project(asks).items():
        try:
            champion = champions.of(project_id, group[0].project)
        except Problem as problem:
            drafts |= dict.fromkeys(group, problem)
        else:
            drafts |= _shared(share_out(champion, challengers, group))
    return drafts


def _shared(parts: Sequence[tuple[Champion, list[Ask]]]) -> dict[Ask, Tag | Problem]:
    """Let each answer its part; where a canary fails, the champion answers for it."""
    drafts: dict[Ask, Tag | Problem] = {}
    *canaries, (champion, rest) = parts
    for canary, part in canaries:
        try:
            drafts |= _drafts(canary, part) if part else {}
        except Exception:
            log.exception("a canary failed", model=canary.version.number, texts=len(part))
            rest = rest + part
    return {**drafts, **(_surely(champion, rest) if rest else {})}


def _surely(champion: Champion, asks: Sequence[Ask]) -> Mapping[Ask, Tag | Problem]:
    """Return a draft for each ask, or a refusal for one that fails: it spoils no other."""
    try:
        return _drafts(champion, asks)
    except Exception:
        if len(asks) == 1:
            log.exception("a champion failed", model=champion.version.number)
            return {asks[0]: Problem(500, "bug", FAILED)}
        half = len(asks) // 2
        return {**_surely(champion, asks[:half]), **_surely(champion, asks[half:])}


def _by_project(asks: Sequence[Ask]) -> Mapping[int, list[Ask]]:
    groups: defaultdict[int, list[Ask]] = defaultdict(list)
    for ask in asks:
        groups[ask.project_id].append(ask)
    return groups


def _drafts(champion: Champion, asks: Sequence[Ask]) -> dict[Ask, Tag]:
    scores = champion.scorer.score([(ask.wording.title, ask.wording.body) for ask in asks])
    made, now = zip(asks, scores, new_ids(len(asks)), strict=True), datetime.now(UTC)
    return {ask: _draft(champion, ask, score, new_id, now) for ask, score, new_id in made}


def _draft(champion: Champion, ask: Ask, score: Score, new_id: UUID, now: datetime) -> Tag:
    wording, version = ask.wording, champion.version
    threshold = champion.thresholds.of(score.label.name)
    return Tag(
        id=new_id,
        project_id=ask.project_id,
        model_version_id=version.pk,
        model_number=version.number,
        label_id=score.label.pk,
        label=score.label.name,
        title=wording.title,
        body=wording.body,
        external_id=wording.external_id,
        confidence=score.confidence,
        probabilities=score.probabilities,
        route=route_of(score.confidence, threshold).value,
        threshold=threshold,
        latency_ms=round((time.perf_counter() - ask.arrived) * 1000, 3),
        requested_by_id=ask.user_id,
        request_id=ask.request_id,
        idempotency_key=ask.idempotency_key,
        created_at=now,
    )


def _outcome(
    champions: Champions, ask: Ask, found: Tag | Problem, own: Tag | Problem | None
) -> Answer | Problem:
    if isinstance(found, Problem):
        return found
    if found.text != ask.wording.text:
        return Problem(422, "idempotency_key_reused", REUSED)
    repeated = not (isinstance(own, Tag) and own.id == found.id)
    return Answer(found, repeated, champions.report_url(found))
