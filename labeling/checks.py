"""Checking annotators: gold items and their own earlier items among what they label, unmarked.

Whether a look is a check is drawn at random at each claim, and the check's task is the record of
the draw. A hash of project, person and answers would give the same without a record, but counting
a person's answers costs more the more they are, and two tabs that claim at once would draw alike.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from secrets import SystemRandom

from django.db import transaction
from django.db.models import Exists, F, Max, Min, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from labeling.events import record
from labeling.heads import task_to_wait_for
from labeling.looks import HELD, audience_of, lease
from labeling.models import (
    CHECK_PRIORITY,
    Adjudication,
    Annotation,
    Assignment,
    Item,
    ItemStatus,
    LookState,
    Membership,
    Project,
    ResolutionMethod,
    Split,
    Task,
    TaskReason,
    TaskState,
)

# A repeat comes after so many other answers, and from among so many before these.
APART, REACH = 20, 200
# Holdout items that are read at most on each side of a random one, so that no claim costs more.
NEAR = 300
DECIDED = (ResolutionMethod.ADJUDICATION, ResolutionMethod.IMPORTED)
_chance = SystemRandom()


@dataclass(frozen=True)
class Target:
    """An item to check by, and the label that is expected."""

    item: int
    expected: int


@dataclass
class Checks:
    """The checks among the looks that a tab of a user asks for at once.

    Attributes:
        project: whose queue.
        user: who asks.
        tab: which tab is to hold them.
        gold_looks: how many gold items the user was given; None where that was not read.
    """

    project: Project
    user: User
    tab: str
    gold_looks: int | None

    def lease(self) -> Assignment | None:
        """Lease a check in place of the next look, where one is due.

        Returns:
            The look with its task and item; None where no check is due, nothing is left to check
            by, or no other look waits among which it could pass unnoticed.
        """
        for reason in self._due():
            if reason == TaskReason.GOLD and self._ends is None:
                continue
            if task_to_wait_for(self.project, self.user) is None:
                return None
            firsts = self.project.gold_first
            up_to = firsts if reason == TaskReason.GOLD and self._given < firsts else None
            look = _lease(self.project, self.user, self.tab, reason, up_to)
            if look is not None:
                self._given += reason == TaskReason.GOLD
                return look
        return None

    def _due(self) -> Iterator[TaskReason]:
        """Yield which check is due; another only if the one before it could not be had."""
        project = self.project
        firsts = project.gold_first > 0 and self._given < project.gold_first
        if firsts:
            yield TaskReason.GOLD
        if not project.gold_rate and not project.repeat_rate:
            return
        drawn = _chance.random()
        if drawn < project.gold_rate:
            if not firsts:
                yield TaskReason.GOLD
        elif drawn < project.gold_rate + project.repeat_rate:
            yield TaskReason.REPEAT

    @cached_property
    def _given(self) -> int:
        if self.gold_looks is not None:
            return self.gold_looks
        found = Membership.objects.filter(project=self.project, user=self.user)
        given = found.values_list("gold_looks", flat=True).first()
        return self.project.gold_first if given is None else given

    @cached_property
    def _ends(self) -> tuple[int, int] | None:
        return _bounds(self.project)


def _bounds(project: Project) -> tuple[int, int] | None:
    """Return the lowest and the highest id in the gold holdout; None where it is empty."""
    ends = _holdout(project).aggregate(low=Min("pk"), high=Max("pk"))
    return None if ends["low"] is None else (ends["low"], ends["high"])


@transaction.atomic
def _lease(
    project: Project, user: User, tab: str, reason: TaskReason, up_to: int | None
) -> Assignment | None:
    """Lease a check; None where there is nothing to check by, or `up_to` gold items were given."""
    # One at a time for each member: two tabs must not draw the same item.
    members = Membership.objects.filter(project=project, user=user, paused_at=None)
    member = members.select_for_update().first()
    if member is None or (up_to is not None and member.gold_looks >= up_to):
        return None
    find = _gold if reason == TaskReason.GOLD else _earlier
    target = find(project, user)
    if target is None:
        return None
    if reason == TaskReason.GOLD:
        members.update(gold_looks=F("gold_looks") + 1)
    return _open(project, user, tab, reason, target)


def _open(project: Project, user: User, tab: str, reason: TaskReason, target: Target) -> Assignment:
    task = Task.objects.create(
        project=project,
        item=Item.objects.get(pk=target.item),
        reason=reason,
        priority=CHECK_PRIORITY,
        wanted=1,
        blind=True,
        reserved=[user.pk],
        checked=user,
        expected_id=target.expected,
        state=TaskState.CLOSED,
        closed_at=timezone.now(),
    )
    look = Assignment(
        project=project,
        task=task,
        slot=1,
        priority=CHECK_PRIORITY,
        audience=audience_of([user.pk], ()),
    )
    look.save()
    record(project=project, actor=None, verb="opened", subject=task, after=reason)
    return lease(look, user, minutes=project.lease_minutes, tab=tab)


def _gold(project: Project, user: User) -> Target | None:
    """Return a gold item near a random place that the user has never had to do with."""
    bounds = _bounds(project)
    if bounds is None:
        return None
    place = _chance.randint(*bounds)
    for side, order in ((Q(pk__lte=place), "-pk"), (Q(pk__gt=place), "pk")):
        near = _holdout(project).filter(side).order_by(order).values("pk")[:NEAR]
        decided = Item.objects.filter(
            pk__in=near, status=ItemStatus.LABELED, resolution__method__in=DECIDED
        )
        unknown = _unknown_to(user, decided).order_by(order)
        found = unknown.values_list("pk", "resolution__label")[:1]
        for item, label in found:
            return Target(item, label)
    return None


def _holdout(project: Project) -> QuerySet[Item]:
    return Item.objects.filter(project=project, split=Split.HOLDOUT)


def _unknown_to(user: User, items: QuerySet[Item]) -> QuerySet[Item]:
    """Leave out what a user has looked at, answered, decided or been kept as a check."""
    item = OuterRef("pk")
    looks = Assignment.objects.filter(task__item=item, annotator=user, state__in=HELD)
    decisions = Adjudication.objects.filter(
        item=item, decided_by=user, method=ResolutionMethod.ADJUDICATION
    )
    return items.filter(
        ~Exists(Task.objects.filter(item=item, checked=user)),
        ~Exists(looks),
        ~Exists(Annotation.objects.filter(item=item, annotator=user)),
        ~Exists(decisions),
    )


def _earlier(project: Project, user: User) -> Target | None:
    """Return an item that the user answered a while ago, and what the answer was."""
    done = Assignment.objects.filter(project=project, annotator=user, state=LookState.DONE)
    while_ago = done.order_by("-done_at").values("pk")[APART : APART + REACH]
    answers = Annotation.objects.live().filter(
        ~Exists(Task.objects.filter(item=OuterRef("item"), checked=user)),
        assignment__in=while_ago,
        annotator=user,
        imported=False,
        item__deletion=None,
        label__isnull=False,
    )
    found = list(answers.order_by("pk").values_list("item_id", "label_id"))
    if not found:
        return None
    item, label = _chance.choice(found)
    return None if label is None else Target(item, label)
