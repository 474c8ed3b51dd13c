"""A random history of work, checked after each step against what must always be true."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db.models import Count, Q

from accounts.models import User
from labeling.access import Access
from labeling.adjudicate import decide, send_back
from labeling.annotate import submit, undo
from labeling.errors import Conflict
from labeling.models import (
    Annotation,
    Assignment,
    Item,
    LookState,
    Project,
    Role,
    Task,
    TaskState,
)
from labeling.pausing import pause, resume
from labeling.queue import claim, claim_many, release_look, skip
from labeling.reserving import reserve
from labeling.resolve import recompute, votes_of
from labeling.statistics.consensus import Outcome
from labeling.statistics.consensus import decide as consensus
from tests.conftest import join

STEPS = 100
LABELS = ("alpha", "beta", "gamma")
START = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass
class Walk:
    """Four annotators and a reviewer who do whatever comes to mind; what they were promised."""

    project: Project
    people: list[User]
    reviewer: User
    manager: Access
    chance: random.Random
    held: dict[int, Assignment] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)

    def step(self) -> None:
        """Let one person do one thing; a refusal is an outcome like any other."""
        user = self.chance.choice(self.people)
        names = (
            *("take", "give", "give", "give", "give", "pass_on", "take_back", "take_back", "judge"),
            *("look_ahead", "let_go", "pause_or_resume", "reserve"),
        )
        name = self.chance.choice(names)
        try:
            getattr(self, name)(user)
            self.done[name] += 1
        except Conflict:
            self.done["refused"] += 1

    def take(self, user: User) -> Assignment | None:
        """Claim, and never be given what one holds an answer to."""
        look = claim(project=self.project, user=user)
        if look is None:
            return None
        mine = Annotation.objects.live().filter(item=look.task.item, annotator=user)
        assert not mine.exists()
        assert look.task.state == TaskState.OPEN
        self.held[user.pk] = look
        return look

    def give(self, user: User) -> None:
        """Answer what one holds, or believes to hold; then send the same again."""
        look = self.held.get(user.pk) or self.take(user)
        if look is None:
            return
        self.held.pop(user.pk, None)
        label = self.chance.choices(LABELS, (6, 2, 1))[0]
        sent: dict[str, Any] = {
            "project": self.project,
            "user": user,
            "assignment_id": look.pk,
            "token": look.token,
            "label_name": label,
            "idempotency_key": uuid4().hex,
            "flagged": self.chance.random() < 0.1,
        }
        first = submit(**sent)
        assert submit(**(sent | {"label_name": "gamma"})) == first

    def pass_on(self, user: User) -> None:
        """Skip what one holds."""
        look = self.held.pop(user.pk, None)
        if look is not None:
            skip(
                project=self.project,
                user=user,
                assignment_id=look.pk,
                token=look.token,
                reason="unclear",
            )

    def take_back(self, user: User) -> None:
        """Undo; every other item that one held is free again."""
        self.held[user.pk] = undo(project=self.project, user=user)

    def look_ahead(self, user: User) -> None:
        """Hold up to three looks in another tab, none of an item held elsewhere."""
        looks = claim_many(project=self.project, user=user, tab="ahead", wanted=3)
        mine = Assignment.objects.filter(annotator=user, state=LookState.LEASED)
        items = list(mine.values_list("task__item", flat=True))
        assert len(set(items)) == len(items)
        assert {look.pk for look in looks} <= set(mine.values_list("pk", flat=True))

    def let_go(self, user: User) -> None:
        """Give a look back that one holds, or believes to hold."""
        look = self.held.pop(user.pk, None)
        if look is not None:
            named: dict[str, Any] = {"assignment_id": look.pk, "token": look.token}
            release_look(project=self.project, user=user, **named)

    def pause_or_resume(self, user: User) -> None:
        """Pause somebody who then holds nothing, or end a pause."""
        member = self.project.memberships.get(user=user)
        if member.paused_at is not None:
            resume(access=self.manager, membership_id=member.pk)
            return
        if self.chance.random() < 0.3:
            pause(access=self.manager, membership_id=member.pk, reason="a while")
            held = Assignment.objects.filter(annotator=user, state=LookState.LEASED)
            assert not held.exists()

    def reserve(self, user: User) -> None:
        """Keep an item for one person, or let everybody have it again."""
        item = self.chance.choice(list(self.project.items.order_by("pk")))
        users = [user.pk] if self.chance.random() < 0.4 else []
        reserve(access=self.manager, item_ids=[item.pk], user_ids=users)

    def judge(self, _: User) -> None:
        """Let the reviewer decide a case, or send it back."""
        case = Task.objects.filter(project=self.project, state=TaskState.REVIEW).first()
        if case is None:
            return
        verb: dict[str, Any] = {"project": self.project, "user": self.reviewer, "task_id": case.pk}
        if self.chance.random() < 0.3:
            send_back(**verb, comment="again")
        else:
            decide(**verb, label_name=self.chance.choice([*LABELS, None]))


def check(project: Project) -> None:
    """Fail where DESIGN's rules on looks, votes and labels do not hold."""
    looks = Assignment.objects.filter(project=project)
    waiting = Q(state__in=[LookState.FREE, LookState.LEASED])
    assert not looks.filter(waiting).exclude(task__state=TaskState.OPEN).exists()
    assert not (
        Annotation.objects.live()
        .values("assignment__task", "annotator")
        .annotate(count=Count("pk"))
        .filter(count__gt=1)
        .exists()
    )
    assert not Annotation.objects.live().exclude(assignment__state=LookState.DONE).exists()
    for task in Task.objects.filter(project=project):
        check_task(task)


def check_task(task: Task) -> None:
    """Fail where a task's state does not follow from its looks, votes and decisions."""
    looks = Counter(task.assignments.values_list("state", flat=True))
    votes = [vote.label_id for vote in votes_of(task)]
    assert looks[LookState.DONE] == len(votes)
    standing = looks[LookState.FREE] + looks[LookState.LEASED]
    if task.state == TaskState.OPEN:
        assert standing >= 1
    if looks[LookState.FREE]:
        assert len(votes) + standing <= max(task.wanted, len(votes) + 1)
    if task.state == TaskState.CLOSED and not task.adjudications.exists():
        verdict = consensus(votes, wanted=task.wanted, limit=max(task.wanted, len(votes)))
        assert verdict.outcome is Outcome.AGREED


@pytest.fixture(params=[(2, 1), (2, 2), (3, 1), (3, 2)], ids=str)
def walk(
    request: pytest.FixtureRequest,
    project: Project,
    reviewer: User,
    manager_access: Access,
    make_item: Callable[..., Item],
) -> Walk:
    """Two dozen items and four annotators, with at most two or three looks, from two seeds."""
    project.max_looks, seed = request.param
    project.save()
    for _ in range(24):
        make_item()
    people = [join(project, name, Role.ANNOTATOR) for name in ("ann", "bob", "cem", "dot")]
    return Walk(project, people, reviewer, manager_access, random.Random(seed))


def test_random_history(walk: Walk) -> None:
    now = START
    for step in range(STEPS):
        now += timedelta(minutes=walk.chance.choice([1, 1, 1, 1, 20]))
        with time_machine.travel(now, tick=False):
            before = list(Annotation.objects.order_by("id").values())
            walk.step()
            assert list(Annotation.objects.order_by("id").values())[: len(before)] == before
            check(walk.project)
            if step % 10 == 0:
                assert recompute(project=walk.project) == 0
    assert recompute(project=walk.project) == 0
    assert walk.done["give"] > STEPS / 10
    assert walk.done["take_back"] > 1
    assert walk.done["judge"] > 1
