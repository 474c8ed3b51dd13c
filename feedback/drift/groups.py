"""Sending what the model has nothing like to labeling."""

from django.db import transaction
from django.shortcuts import get_object_or_404
from django.utils import timezone

from classifier.models import Prediction
from feedback.asking import settled_by
from feedback.models import DriftGroup
from feedback.policy import policy_of
from feedback.routing import item_of
from labeling.access import Access
from labeling.errors import Conflict, Invalid
from labeling.events import record
from labeling.models import TaskReason
from labeling.queue import want_look

PRIORITY = 15
MOST = 100


def send_group(*, access: Access, check_id: int, number: int, count: int) -> int:
    """Ask for looks at the most typical texts of a group; return how many were asked for.

    What people have settled already is left out.

    Raises:
        Http404: the project has no such group.
        Invalid: the count is not between 1 and 100.
        Conflict: the group was sent already.
    """
    if not 1 <= count <= MOST:
        raise Invalid(f"count: it must lie between 1 and {MOST}.")
    groups = DriftGroup.objects.filter(check_made__project=access.project)
    group = get_object_or_404(groups, check_made=check_id, number=number)
    return _send(access, group, count)


@transaction.atomic
def _send(access: Access, group: DriftGroup, count: int) -> int:
    won = DriftGroup.objects.filter(pk=group.pk, sent_at=None).update(sent_at=timezone.now())
    if not won:
        raise Conflict(f"Group {group.number} was sent to labeling already.")
    rows = Prediction.objects.filter(project=access.project, pk__in=group.predictions[:count])
    looks = policy_of(access.project).looks
    asked = sum(
        _ask(access, group, prediction, looks)
        for prediction in rows.select_related("project", "label", "model_version", "item")
    )
    DriftGroup.objects.filter(pk=group.pk).update(asked=asked)
    record(
        project=access.project,
        actor=access.user,
        verb="sent to labeling",
        subject=group,
        after=f"{asked} items",
    )
    return asked


def _ask(access: Access, group: DriftGroup, prediction: Prediction, looks: int) -> bool:
    item = item_of(prediction)
    if settled_by(item) is not None:
        return False
    want_look(
        project=access.project,
        item=item,
        reason=TaskReason.DRIFT,
        looks=looks,
        priority=PRIORITY,
        actor=access.user,
        suggestion=prediction.label,
        confidence=prediction.confidence,
        source=f"model {prediction.model_version.number}",
        note=f"Unlike what the model learned from: {', '.join(group.words[:4])}",
    )
    return True
