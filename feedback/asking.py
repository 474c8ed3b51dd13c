"""Asking people about what was routed to them: audits all of them, the rest by worth and cap.

What a cap leaves waiting is not like what was asked: it is what the models were surer of. So a part
of each day's looks is given to it by lot, with a chance that is stored. An answer that was asked by
lot keeps its place among those that wait, and takes up no look of the cap when its turn comes:
whether a turn comes then never depends on the own lot, so that the chance is 1 for what had its
turn, and that of the lot for what has not.
"""

from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from feedback.models import (
    Destination,
    Report,
    RouteReason,
    Routing,
    RoutingPolicy,
    SettledBy,
)
from feedback.policy import locked_policy
from feedback.routing import item_of
from feedback.second_look import SAME, looked_twice
from feedback.statistics.audit_budget import lots_of
from labeling.counting import CountOf, read_together
from labeling.errors import DomainError
from labeling.models import Item, Project, Split, Task, TaskReason
from labeling.queue import want_look

AT_ONCE = 500
LOWEST_PRIORITY, PRIORITY_STEPS = 10, 9
# Above what models are unsure of and what users report: which audit is answered first must not
# depend on anything that was said of it.
AUDIT_PRIORITY = 25
# The same for what is asked by lot: among looks at doubts nothing is answered before it.
LOT_PRIORITY = LOWEST_PRIORITY + PRIORITY_STEPS
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Backlog:
    """What waits because of the caps, and what became of second looks.

    Attributes:
        waiting: predictions whose look is not opened yet.
        asked_today: looks that were opened today.
        reports_waiting: reports that are stored and whose case is not opened yet.
        looked_twice: decisions that a second reviewer has decided, too.
        agreed: on how many of those both say the same.
    """

    waiting: int
    asked_today: int
    reports_waiting: int
    looked_twice: int
    agreed: int


def ask_people() -> int:
    """Open the looks that the caps allow today; return how many predictions were seen to.

    Each is one transaction and is seen to once, however many workers do this at a time; one that
    cannot be asked about keeps the reason and does not stop the others.
    """
    waits = _waiting().filter(project=OuterRef("pk"))
    projects = Project.objects.filter(Exists(waits)).values_list("pk", flat=True)
    return sum(_ask_in(project_id) for project_id in list(projects))


def backlog_of(project: Project) -> Backlog:
    """Return what waits in a project because of the caps, in one query."""
    twice = looked_twice(project)
    return Backlog(
        **read_together(
            project,
            waiting=CountOf(
                _waiting().filter(project=project, destination=Destination.REVIEW, lot_at=None)
            ),
            asked_today=CountOf(_asked_today(project.pk)),
            reports_waiting=CountOf(Report.objects.filter(project=project, waiting=True)),
            looked_twice=CountOf(twice),
            agreed=CountOf(twice.filter(SAME)),
        )
    )


def priority_of(value: float) -> int:
    """Return the priority of a look: 10, and up to 9 more the more it is worth (0 to 1)."""
    return LOWEST_PRIORITY + round(PRIORITY_STEPS * value)


def _waiting() -> QuerySet[Routing]:
    # The condition is that of the index routing_waiting.
    return Routing.objects.filter(~Q(destination="accept"), asked_at=None)


def _today() -> datetime:
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)


def _asked(project_id: int) -> QuerySet[Routing]:
    return Routing.objects.filter(
        project=project_id, destination=Destination.REVIEW, task__isnull=False
    )


def _asked_today(project_id: int) -> QuerySet[Routing]:
    by_turn = Q(asked_at__gte=_today(), lot_at=None)
    return _asked(project_id).filter(by_turn | Q(by_lot=True, lot_at__gte=_today()))


def _turns_left(policy: RoutingPolicy) -> int:
    """Return how many looks may still be opened today by worth: those by lot are set apart."""
    cap = policy.review_cap - lots_of(policy.review_cap)
    return cap - _asked(policy.project_id).filter(asked_at__gte=_today(), lot_at=None).count()


def _ask_in(project_id: int) -> int:
    mine = _waiting().filter(project=project_id)
    audits = mine.filter(destination=Destination.AUDIT).order_by("id")
    reviews = mine.filter(destination=Destination.REVIEW).order_by(F("value").desc(), "id")
    seen_to = sum(_tried(pk) for pk in list(audits.values_list("pk", flat=True)[:AT_ONCE]))
    for pk in list(reviews.values_list("pk", flat=True)[:AT_ONCE]):
        done = _tried(pk)
        if not done:
            break
        seen_to += done
    drawn = mine.filter(by_lot=True, lot_at=None).order_by("id")
    for pk in list(drawn.values_list("pk", flat=True)[:AT_ONCE]):
        seen_to += _tried(pk, by_lot=True)
    return seen_to


def _tried(routing_id: int, *, by_lot: bool = False) -> bool:
    try:
        return ask(routing_id, by_lot=by_lot)
    except DomainError as error:
        log.warning("people not asked", routing=routing_id, reason=error.message)
        _close(routing_id, error.message)
        return True


@transaction.atomic
def ask(routing_id: int, *, by_lot: bool = False) -> bool:
    """Ask people about one routed prediction; False where today's cap does not allow it.

    With `by_lot` it is asked before its turn, for which it goes on waiting.

    Raises:
        DomainError: the item cannot be looked at.
    """
    found = Routing.objects.select_related("prediction__project", "prediction__model_version")
    routing = found.select_related("prediction__item", "prediction__label").get(pk=routing_id)
    policy = locked_policy(routing.project_id)
    routing.refresh_from_db(fields=["asked_at", "lot_at"])
    if routing.asked_at is not None or (by_lot and routing.lot_at is not None):
        return True
    by_worth = routing.destination == Destination.REVIEW and not by_lot
    if by_worth and _turns_left(policy) <= 0:
        return False
    if routing.lot_at is None:
        routing.item = item_of(routing.prediction)
        _act(routing, routing.item, policy, by_lot=by_lot)
    setattr(routing, "lot_at" if by_lot else "asked_at", timezone.now())
    routing.save(update_fields=["item", "task", "outcome", "settled_by", "asked_at", "lot_at"])
    return True


def _act(routing: Routing, item: Item, policy: RoutingPolicy, *, by_lot: bool) -> None:
    """Want a look at the item, unless people have settled it; note what came of it."""
    settled = settled_by(item)
    if settled is None:
        routing.task, routing.outcome = _want(routing, item, policy, by_lot=by_lot)
    else:
        routing.settled_by, routing.outcome = settled, settled.label


def _want(
    routing: Routing, item: Item, policy: RoutingPolicy, *, by_lot: bool
) -> tuple[Task | None, str]:
    prediction = routing.prediction
    if routing.destination == Destination.AUDIT:
        return want_look(
            project=prediction.project,
            item=item,
            reason=TaskReason.AUDIT,
            looks=prediction.project.overlap,
            priority=AUDIT_PRIORITY,
        )
    return want_look(
        project=prediction.project,
        item=item,
        reason=TaskReason.LOW_CONFIDENCE,
        looks=policy.looks,
        priority=LOT_PRIORITY if by_lot else priority_of(routing.value),
        suggestion=prediction.label,
        confidence=prediction.confidence,
        source=f"model {prediction.model_version.number}",
        note=_note(routing, item),
        review=policy.to_reviewers,
    )


def _note(routing: Routing, item: Item) -> str:
    """Return what to tell people: nothing of the model where a look at the item is blind."""
    if item.split == Split.HOLDOUT:
        return ""
    if routing.reason == RouteReason.RULE:
        return f"The model's answer breaks the behavioural rule {routing.broken_rule}."
    if routing.reason == RouteReason.NOVEL:
        return f"The model never saw {routing.novelty or 0:.0%} of the words of this text."
    return ""


def settled_by(item: Item) -> SettledBy | None:
    """Return how people have settled an item, if they have: they outrank a model."""
    if item.deletion_id is not None:
        return SettledBy.DELETED
    resolution = getattr(item, "resolution", None)
    if resolution is not None:
        return SettledBy(resolution.method)
    if item.adjudications.standing().exists():
        return SettledBy.OUT_OF_SCOPE
    return None


def _close(routing_id: int, reason: str) -> None:
    Routing.objects.filter(pk=routing_id, asked_at=None).update(
        outcome=f"not asked: {reason}"[:200], asked_at=timezone.now()
    )
