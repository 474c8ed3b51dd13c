"""Approving many answers of the live model at once: those alone that its promise covers."""

from collections.abc import Collection

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import User
from classifier.deploy import champion_of, in_force
from classifier.models import Deployment
from feedback.models import Destination, RouteReason, Routing
from labeling.access import Access
from labeling.adjudicate import decide
from labeling.errors import Conflict
from labeling.models import Annotation, Project, TaskReason, TaskState
from labeling.opinion import ask_opinion

SHOWN = 50
COMMENT = "Approved together with others: the promise of the model covers it."
NONE = "None of these is covered by the promise any more: decide each on the review page."


def approvable(project: Project, user: User) -> QuerySet[Routing]:
    """Return what a reviewer may approve together with others, the surest first.

    Those are cases of nothing but low confidence, which the threshold that is in force now would
    accept, by the model that the promise is about. Where accepting is closed or nothing is
    promised, where somebody has labeled the item, reported it or hidden the model's answer, each
    case is decided by itself.
    """
    deployment = Deployment.objects.filter(
        project=project, promise_error__isnull=False, closed_at=None
    ).first()
    champion = champion_of(project)
    if deployment is None or champion is None:
        return Routing.objects.none()
    answers = Annotation.objects.filter(item=OuterRef("item"), label__isnull=False)
    return (
        Routing.objects.filter(
            ~Exists(answers),
            in_force(deployment).accepted(
                confidence="prediction__confidence", label="prediction__label__name"
            ),
            project=project,
            destination=Destination.REVIEW,
            reason=RouteReason.LOW_CONFIDENCE,
            prediction__model_version=champion,
            task__state=TaskState.REVIEW,
            task__reason=TaskReason.LOW_CONFIDENCE,
            task__blind=False,
            task__suggestion_hidden=False,
        )
        .select_related("prediction__label", "item")
        .order_by("-prediction__confidence", "id")
    )


@transaction.atomic
def approve_many(*, access: Access, routing_ids: Collection[int]) -> int:
    """Decide cases by the model's label, all or none; return how many.

    Each decision notes that its maker had been told what the model says.

    Raises:
        Conflict: one of them is not, or no longer, covered by the promise.
    """
    wanted = set(routing_ids)
    found = list(approvable(access.project, access.user).filter(pk__in=wanted))
    if not wanted or len(found) != len(wanted):
        raise Conflict(NONE if wanted else "Choose at least one.")
    for routing in found:
        task_id = routing.task_id or 0
        ask_opinion(project=access.project, user=access.user, task_id=task_id)
        decide(
            project=access.project,
            user=access.user,
            task_id=task_id,
            label_name=routing.prediction.label.name,
            comment=COMMENT,
        )
    return len(found)
