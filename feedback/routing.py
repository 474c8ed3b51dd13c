"""What becomes of predictions that the model was not sure of: a person looks at each."""

from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import QuerySet

from classifier.models import Prediction, Route
from feedback.models import Routing, RoutingPolicy
from labeling.errors import DomainError
from labeling.intake import ensure_item
from labeling.models import Item, Project, Task, TaskReason
from labeling.queue import want_look

AT_ONCE = 500
LOWEST_PRIORITY, PRIORITY_STEPS = 10, 9
log = structlog.get_logger(__name__)


def unrouted() -> QuerySet[Prediction]:
    """Return the predictions for review that nothing was done about yet, the oldest first."""
    waiting = Prediction.objects.filter(route=Route.REVIEW, routing=None)
    return waiting.order_by("created_at", "id")


def route_predictions() -> int:
    """Ask people to look at what the models were not sure of; return how many were routed.

    Each prediction is one transaction and is routed once, however many workers do this at a time;
    one that cannot be routed is logged and does not stop the others.
    """
    routed = 0
    for pk in list(unrouted().values_list("pk", flat=True)[:AT_ONCE]):
        try:
            routed += route(pk) is not None
        except DomainError as error:
            log.warning("prediction not routed", prediction=str(pk), reason=error.message)
    return routed


@transaction.atomic
def route(prediction_id: UUID) -> Routing | None:
    """Route one prediction; None where another worker has done so or is about to."""
    waiting = Prediction.objects.filter(pk=prediction_id, route=Route.REVIEW)
    prediction = waiting.select_for_update(skip_locked=True, no_key=True).first()
    if prediction is None or Routing.objects.filter(prediction=prediction).exists():
        return None
    task, outcome = _act(prediction, item_of(prediction))
    return Routing.objects.create(prediction=prediction, task=task, outcome=outcome)


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


def policy_of(project: Project) -> RoutingPolicy:
    """Return how a project's uncertain predictions reach people: its own policy or the default."""
    return RoutingPolicy.objects.filter(project=project).first() or RoutingPolicy(project=project)


def priority_of(confidence: float) -> int:
    """Return the priority of a look at a prediction: 10, and up to 9 more the less sure it is."""
    return LOWEST_PRIORITY + round(PRIORITY_STEPS * (1 - confidence))


def _act(prediction: Prediction, item: Item) -> tuple[Task | None, str]:
    decided = _decided(item)
    if decided:
        return None, decided
    return want_look(
        project=prediction.project,
        item=item,
        reason=TaskReason.LOW_CONFIDENCE,
        looks=policy_of(prediction.project).looks,
        priority=priority_of(prediction.confidence),
        suggestion=prediction.label,
        confidence=prediction.confidence,
        source=f"model {prediction.model_version.number}",
    )


def _decided(item: Item) -> str:
    """Return how people have settled an item, '' where they have not: they outrank a model."""
    if item.deletion_id is not None:
        return "a manager had deleted the item"
    resolution = getattr(item, "resolution", None)
    if resolution is not None:
        return f"people had labeled the item by {resolution.get_method_display()}"
    if item.adjudications.exists():
        return "a reviewer had put the item out of scope"
    return ""
