"""Where every prediction goes: accepted, to people, or to people for an audit.

The decision costs no look and is made of all that came in. Whom it sends to people waits for
`feedback.asking`, which opens looks as the caps of the day allow.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from classifier.models import Prediction
from feedback.known_words import label_names, rules_of, signals_of
from feedback.models import Destination, Routing, RoutingPolicy
from feedback.policy import locked_policy
from feedback.statistics.audit_budget import Bucket, filled, lots_of, share_of, spent
from feedback.statistics.route_rules import Decision, Inputs, decide, draw_of
from labeling.intake import ensure_item
from labeling.models import Item

AT_ONCE, ROUNDS = 2000, 10
# Of what goes to people this share is drawn by lot, where the tokens suffice.
LOT_SHARE = 0.1
READ = (
    *("project_id", "item_id", "label_id", "model_version_id", "model_version__created_at"),
    *("title", "body", "probabilities", "threshold"),
)


def route_predictions() -> int:
    """Route what came in, the oldest first; return how many were routed.

    Each prediction is routed once, however many workers do this at a time. The cost grows with
    what came in, not with what was there before. What is left over waits for the next call.
    """
    routed = 0
    for _ in range(ROUNDS):
        waiting = Prediction.objects.filter(routed=False).order_by("created_at", "id")
        found = list(waiting.values_list("pk", "project_id")[:AT_ONCE])
        for project_id in sorted({project for _, project in found}):
            routed += route(project_id, [pk for pk, project in found if project == project_id])
        if len(found) < AT_ONCE:
            break
    return routed


@transaction.atomic
def route(project_id: int, prediction_ids: Sequence[UUID]) -> int:
    """Route these predictions of a project that nobody has routed yet; return how many."""
    policy = locked_policy(project_id)
    waiting = Prediction.objects.filter(
        project=project_id, pk__in=prediction_ids, routed=False
    ).order_by("created_at", "id")
    found = waiting.select_related("model_version").only("pk", "created_at", *READ)
    predictions = list(found.select_for_update(no_key=True, of=("self",)))
    if not predictions:
        return 0
    given = _inputs(policy, predictions)
    share, lots = _shares(policy, [decide(one) for one in given])
    given = [replace(one, audit_share=share) for one in given]
    now = timezone.now()
    Routing.objects.bulk_create(
        _routing(prediction, one, now, lots)
        for prediction, one in zip(predictions, given, strict=True)
    )
    waiting.update(routed=True)
    return len(predictions)


def inputs_of(routing: Routing) -> Inputs:
    """Return what a stored route rests on: `decide` gives the same route from it again."""
    prediction = routing.prediction
    return Inputs(
        probabilities=prediction.probabilities,
        threshold=prediction.threshold,
        near_tie=routing.near_tie,
        novelty=routing.novelty,
        novelty_limit=routing.novelty_limit,
        broken_rule=routing.broken_rule,
        audit_share=routing.audit_share,
        draw=routing.draw or 0.0,
    )


def item_of(prediction: Prediction) -> Item:
    """Return the item that a prediction is about; a text that is no item yet becomes one."""
    if prediction.item is not None:
        return prediction.item
    return ensure_item(
        project=prediction.project,
        external_id=prediction.external_id,
        title=prediction.title,
        body=prediction.body,
    )


def _inputs(policy: RoutingPolicy, predictions: Sequence[Prediction]) -> list[Inputs]:
    rules, names = rules_of(policy.project_id), label_names(policy.project_id)
    return [
        Inputs(
            probabilities=prediction.probabilities,
            threshold=prediction.threshold,
            near_tie=policy.near_tie,
            novelty_limit=policy.novelty_limit,
            audit_share=0.0,
            draw=draw_of(policy.salt, prediction.pk),
            **asdict(signals_of(prediction, names[prediction.label_id], rules)),
        )
        for prediction in predictions
    ]


def _shares(policy: RoutingPolicy, decided: Sequence[Decision]) -> tuple[float, float]:
    """Return the share of the accepted that is audited, and of the rest that is looked at by lot.

    Both are taken out of the day's budget.
    """
    reviews = sum(one.destination == Destination.REVIEW.value for one in decided)
    accepted, cap = len(decided) - reviews, lots_of(policy.review_cap)
    share, audits = _drawn(
        _bucket(policy.tokens, policy.tokens_at, policy.audit_cap), policy.audit_share, accepted
    )
    lot, lots = _drawn(_bucket(policy.lot_tokens, policy.lot_tokens_at, cap), LOT_SHARE, reviews)
    policy.tokens, policy.tokens_at = audits.tokens, audits.at
    policy.lot_tokens, policy.lot_tokens_at = lots.tokens, lots.at
    policy.save(update_fields=["tokens", "tokens_at", "lot_tokens", "lot_tokens_at"])
    return share, lot


def _bucket(tokens: float | None, at: datetime | None, cap: int) -> Bucket:
    before = None if tokens is None or at is None else Bucket(tokens, at)
    return filled(before, cap, timezone.now())


def _drawn(bucket: Bucket, wanted: float, count: int) -> tuple[float, Bucket]:
    share = share_of(bucket, wanted, count)
    return share, spent(bucket, share, count)


def _routing(prediction: Prediction, given: Inputs, now: datetime, lots: float) -> Routing:
    decision = decide(given)
    stored: dict[str, Any] = {
        name: getattr(given, name)
        for name in ("draw", "near_tie", "novelty", "novelty_limit", "broken_rule", "audit_share")
    }
    accepted = decision.destination == Destination.ACCEPT.value
    lot_share = lots if decision.destination == Destination.REVIEW.value else 0.0
    return Routing(
        prediction=prediction,
        project_id=prediction.project_id,
        item_id=prediction.item_id,
        destination=decision.destination.value,
        reason=decision.reason.value,
        inclusion_probability=decision.inclusion_probability,
        value=decision.value,
        lot_share=lot_share,
        by_lot=given.draw < lot_share,
        asked_at=now if accepted else None,
        **stored,
    )
