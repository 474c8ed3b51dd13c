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
from labeling.queue import claim, skip
from labeling.resolve import recompute, votes_of
from labeling.statistics.consensus import Outcome
from labeling.statistics.consensus import decide as consensus
from tests.conftest import join

STEPS = 80
LABELS = ("alpha", "beta", "gamma")
START = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass
class Walk:
    """Four annotators and a reviewer who do whatever comes to mind; what they were promised."""

    project: Project
    people: list[User]
    reviewer: User
    chance: random.Random
    held: dict[int, Assignment] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)

    def step(self) -> None:
        """Let one person do one thing; a refusal is an outcome like any other."""
        user = self.chance.choice(self.people)
        names = ("take", "give", "give", "give", "pass_on", "take_back", "judge")
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
    make_item: Callable[..., Item],
) -> Walk:
    """Twelve items and four annotators, with at most two or three looks, from two seeds."""
    project.max_looks, seed = request.param
    project.save()
    for _ in range(12):
        make_item()
    people = [join(project, name, Role.ANNOTATOR) for name in ("ann", "bob", "cem", "dot")]
    return Walk(project, people, reviewer, random.Random(seed))


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
    assert walk.done["give"] > STEPS / 5
    assert walk.done["take_back"] > 1
    assert walk.done["judge"] > 1
