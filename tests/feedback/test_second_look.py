"""A share of reviewers' decisions is decided again by another reviewer, blind to the first."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from feedback.asking import backlog_of
from feedback.models import RoutingPolicy, SecondLook
from feedback.statistics.route_rules import draw_of
from feedback.tasks import open_reports
from labeling.adjudicate import decide
from labeling.errors import NotAllowed
from labeling.models import Item, Project, Resolution, Task, TaskReason
from labeling.progress import cases_for
from labeling.queue import want_look
from labeling.reopen import undo_decision

Make = Callable[..., Item]


@pytest.fixture
def decided(project: Project, manager: User, reviewer: User, make_item: Make) -> Task:
    """A case that a reviewer called alpha; every decision is looked at twice."""
    RoutingPolicy.objects.create(project=project, recheck_share=1.0)
    return decide_new(project, reviewer, make_item)


def decide_new(project: Project, user: User, make_item: Make) -> Task:
    """Bring a new item before a reviewer, and decide it as alpha."""
    task, _ = want_look(
        project=project,
        item=make_item(task=False),
        reason=TaskReason.REPORT,
        looks=0,
        priority=1,
        review=True,
    )
    decide(project=project, user=user, task_id=task.pk, label_name="alpha")
    return task


def a_day_later() -> Task | None:
    """Let the day pass in which a decision may be taken back, and return the second case."""
    SecondLook.objects.update(created_at=timezone.now() - timedelta(hours=25))
    open_reports()
    open_reports()
    look = SecondLook.objects.select_related("task").first()
    return look.task if look else None


def test_it_is_another_reviewers_and_blind(
    decided: Task,
    project: Project,
    manager: User,
    reviewer: User,
    client_for: Callable[[User], Client],
) -> None:
    open_reports()
    assert Task.objects.count() == 1
    second = a_day_later()
    assert second is not None
    assert (second.item, second.state, second.blind) == (decided.item, "review", True)
    assert SecondLook.objects.get().inclusion_probability == 1.0
    assert Resolution.objects.get().label.name == "alpha"
    with pytest.raises(NotAllowed, match="another reviewer"):
        decide(project=project, user=reviewer, task_id=second.pk, label_name="alpha")
    assert "No case waits for you" in client_for(reviewer).get("/p/test/review/").content.decode()
    assert not cases_for(reviewer).exists()
    page = client_for(manager).get("/p/test/review/").content.decode()
    assert "Decided before" not in page
    decide(project=project, user=manager, task_id=second.pk, label_name="beta")
    assert Resolution.objects.get().label.name == "beta"
    assert (backlog_of(project).looked_twice, backlog_of(project).agreed) == (1, 0)
    # A second look is not looked at again.
    assert SecondLook.objects.count() == 1


def test_agreeing_is_counted(decided: Task, project: Project, manager: User) -> None:
    second = a_day_later()
    assert second is not None
    decide(project=project, user=manager, task_id=second.pk, label_name="alpha")
    assert (backlog_of(project).looked_twice, backlog_of(project).agreed) == (1, 1)


def test_what_was_taken_back_is_not_looked_at(
    decided: Task, project: Project, reviewer: User
) -> None:
    undo_decision(project=project, user=reviewer, task_id=decided.pk)
    assert a_day_later() is None
    assert not SecondLook.objects.filter(waiting=True).exists()


def test_the_draw_can_be_made_again(
    project: Project, manager: User, reviewer: User, make_item: Make
) -> None:
    policy = RoutingPolicy.objects.create(project=project, recheck_share=0.5)
    for _ in range(12):
        decide_new(project, reviewer, make_item)
    for task in Task.objects.all():
        decision = task.adjudications.get()
        drawn = draw_of(policy.salt, f"decision {decision.pk}") < 0.5
        assert SecondLook.objects.filter(decision=decision).exists() is drawn


def test_nobody_is_asked_where_there_is_nobody_else(
    project: Project, manager: User, make_item: Make
) -> None:
    RoutingPolicy.objects.create(project=project, recheck_share=1.0)
    decide_new(project, manager, make_item)
    assert not SecondLook.objects.exists()


def test_by_default_none_is_drawn(
    project: Project, manager: User, reviewer: User, make_item: Make
) -> None:
    decide_new(project, reviewer, make_item)
    assert not SecondLook.objects.exists()
