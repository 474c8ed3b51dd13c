"""A second reviewer's look at some of the decisions that reviewers make."""

from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from feedback.models import SecondLook
from feedback.policy import policy_of
from feedback.statistics.route_rules import draw_of
from labeling.models import (
    Adjudication,
    Item,
    Membership,
    Project,
    Role,
    Task,
    TaskReason,
    TaskState,
)
from labeling.queue import want_look
from labeling.reopen import UNDO_FOR, standing_decision

# Behind what nobody has decided yet.
PRIORITY = 5
FEWEST_REVIEWERS = 2
AT_ONCE = 200
# A second look came to the same as the first.
SAME = Q(label=F("decision__label")) | Q(label=None, decision__label=None)


def draw_second_look(decision: Adjudication) -> None:
    """Note that another reviewer is to look, blind, if a decision is drawn by a stored chance.

    A decision that replaces another, or is a second look itself, is not drawn, nor is any where
    no other reviewer is.
    """
    project = decision.project
    policy = policy_of(project)
    share = policy.recheck_share
    if not share or decision.supersedes_id is not None or decision.task is None:
        return
    if decision.task.reason == TaskReason.AUDIT or not _has_others(project):
        return
    draw = draw_of(policy.salt, f"decision {decision.pk}")
    if draw >= share:
        return
    SecondLook.objects.create(
        project=project, decision=decision, inclusion_probability=share, draw=draw
    )


def open_second_looks() -> int:
    """Open the cases of what was drawn a day ago; return how many.

    Until then a decision may be taken back; one that was, or was reopened, is not looked at.
    """
    ripe = SecondLook.objects.filter(waiting=True, created_at__lt=timezone.now() - UNDO_FOR)
    return sum(_open(pk) for pk in list(ripe.values_list("pk", flat=True)[:AT_ONCE]))


def looked_twice(project: Project) -> QuerySet[SecondLook]:
    """Return the second looks that were decided, with the `label` that they came to."""
    newest = Adjudication.objects.filter(task=OuterRef("task")).order_by("-id")
    looks = SecondLook.objects.filter(project=project, task__state=TaskState.CLOSED)
    both = looks.annotate(
        second=Subquery(newest.values("pk")[:1]), label=Subquery(newest.values("label")[:1])
    )
    return both.filter(second__isnull=False)


@transaction.atomic
def _open(pk: int) -> bool:
    waiting = SecondLook.objects.filter(pk=pk, waiting=True)
    look = waiting.select_for_update(skip_locked=True, no_key=True).first()
    if look is None:
        return False
    item = look.decision.item
    newest = standing_decision(item)
    if newest is not None and newest.pk == look.decision_id and not _waits(item):
        look.task, _ = want_look(
            project=look.project,
            item=item,
            reason=TaskReason.AUDIT,
            looks=0,
            priority=PRIORITY,
            review=True,
        )
    look.waiting = False
    look.save(update_fields=["task", "waiting"])
    return look.task is not None


def _waits(item: Item) -> bool:
    """Tell whether an item is looked at again anyhow, or was deleted."""
    live = Task.objects.filter(item=item).exclude(state=TaskState.CLOSED)
    return item.deletion_id is not None or live.exists()


def _has_others(project: Project) -> bool:
    reviewers = Membership.objects.filter(
        project=project, role__in=[Role.REVIEWER, Role.MANAGER], paused_at=None
    )
    return reviewers.count() >= FEWEST_REVIEWERS
