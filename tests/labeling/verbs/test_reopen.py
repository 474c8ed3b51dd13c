"""A decision that is to stand no longer."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from labeling.adjudicate import decide
from labeling.bulk.delete import delete_items
from labeling.errors import Conflict, Invalid, NotAllowed
from labeling.models import (
    Adjudication,
    Event,
    Item,
    ItemStatus,
    Project,
    Reopening,
    Role,
    Task,
    TaskReason,
    TaskState,
)
from labeling.queue import want_look
from labeling.reopen import reopen, standing_decision
from labeling.resolve import derive, recompute
from tests.conftest import join
from tests.labeling.steps import answer, disagree, label_of, take, task_of

MakeItem = Callable[..., Item]


@pytest.fixture
def item(make_item: MakeItem) -> Item:
    """An item on which two annotators disagree."""
    return make_item()


@pytest.fixture
def decision(
    project: Project, reviewer: User, item: Item, annotator: User, second_annotator: User
) -> Adjudication:
    """The decision on it."""
    case = disagree(item, annotator, second_annotator)
    return decide(
        project=project, user=reviewer, task_id=case.pk, label_name="gamma", comment="both"
    )


def again(decision: Adjudication, user: User, reason: str = "Rule 2 says beta") -> Task:
    """Reopen a decision."""
    return reopen(
        project=decision.project,
        user=user,
        item_id=decision.item_id,
        decision_id=decision.pk,
        reason=reason,
    )


def test_the_item_waits_for_a_reviewer_with_the_reason(
    item: Item, decision: Adjudication, manager: User
) -> None:
    case = again(decision, manager)
    assert (case, case.state, case.closed_at) == (decision.task, TaskState.REVIEW, None)
    assert case.note == "Reopened by manager: Rule 2 says beta"
    item.refresh_from_db()
    assert (label_of(item), item.status) == (None, ItemStatus.REVIEW)
    event = Event.objects.latest("id")
    assert (event.actor, event.verb, event.reason) == (manager, "reopened", "Rule 2 says beta")
    assert (event.subject_id, event.before, event.after) == (str(case.pk), "closed", "review")


def test_the_decision_itself_is_not_changed(decision: Adjudication, manager: User) -> None:
    before = Adjudication.objects.values().get()
    again(decision, manager)
    assert Adjudication.objects.values().get() == before
    kept = Reopening.objects.get()
    assert (kept.decision, kept.reopened_by, kept.reason) == (decision, manager, "Rule 2 says beta")


def test_the_next_decision_supersedes_it(
    project: Project, item: Item, decision: Adjudication, manager: User
) -> None:
    case = again(decision, manager)
    second = decide(project=project, user=manager, task_id=case.pk, label_name="beta")
    assert second.supersedes == decision
    assert (label_of(item), standing_decision(item)) == ("beta", second)
    assert recompute(project=project) == 0


def test_it_can_be_reopened_over_and_over(
    project: Project, item: Item, decision: Adjudication, manager: User
) -> None:
    for name in ("beta", "alpha", "gamma"):
        case = again(decision, manager)
        assert recompute(project=project) == 0
        decision = decide(project=project, user=manager, task_id=case.pk, label_name=name)
        assert label_of(item) == name
    assert Adjudication.objects.count() == 4


def test_an_item_out_of_scope_is_in_scope_again(
    project: Project, item: Item, reviewer: User, annotator: User, second_annotator: User
) -> None:
    case = disagree(item, annotator, second_annotator)
    out = decide(project=project, user=reviewer, task_id=case.pk, label_name=None)
    item.refresh_from_db()
    assert item.status == ItemStatus.OUT_OF_SCOPE
    again(out, reviewer)
    item.refresh_from_db()
    assert item.status == ItemStatus.REVIEW
    assert standing_decision(item) is None


def test_an_earlier_decision_stands_again(
    project: Project, item: Item, decision: Adjudication, reviewer: User
) -> None:
    report, _ = want_look(
        project=project, item=item, reason=TaskReason.REPORT, looks=0, priority=9, review=True
    )
    second = decide(project=project, user=reviewer, task_id=report.pk, label_name="beta")
    assert again(second, reviewer) == report
    assert (label_of(item), standing_decision(item)) == ("gamma", decision)


def test_the_votes_stand_again_where_they_agreed(
    project: Project,
    item: Item,
    reviewer: User,
    annotator: User,
    second_annotator: User,
) -> None:
    for user in (annotator, second_annotator):
        answer(project, user, "alpha")
    report, _ = want_look(
        project=project, item=item, reason=TaskReason.REPORT, looks=0, priority=9, review=True
    )
    decision = decide(project=project, user=reviewer, task_id=report.pk, label_name="beta")
    again(decision, reviewer)
    assert label_of(item) == "alpha"
    assert task_of(item).state == TaskState.REVIEW


def test_an_imported_label_gets_a_case_of_its_own(
    project: Project, make_item: MakeItem, reviewer: User
) -> None:
    item = make_item(task=False)
    label = project.labels.get(name="beta")
    imported = Adjudication.objects.create(
        project=project, item=item, label=label, method="imported"
    )
    derive(item)
    case = again(imported, reviewer)
    assert (case.state, case.wanted, label_of(item)) == (TaskState.REVIEW, 0, None)


def test_a_task_that_waits_becomes_the_case(
    project: Project, item: Item, decision: Adjudication, manager: User
) -> None:
    waiting, _ = want_look(project=project, item=item, reason=TaskReason.AUDIT, looks=1, priority=0)
    third = join(project, "third", Role.ANNOTATOR)
    held = take(project, third)
    assert again(decision, manager) == waiting
    held.refresh_from_db()
    assert held.state == "withdrawn"
    assert item.tasks.exclude(state=TaskState.CLOSED).count() == 1


@pytest.mark.parametrize("reason", ["", "  ", "x" * 4001])
def test_it_needs_a_reason(decision: Adjudication, manager: User, reason: str) -> None:
    with pytest.raises(Invalid, match="why the decision should not stand"):
        again(decision, manager, reason)


def test_it_is_not_for_who_answered_the_item(
    item: Item, decision: Adjudication, annotator: User
) -> None:
    with pytest.raises(NotAllowed):
        again(decision, annotator)
    assert label_of(item) == "gamma"


def test_it_happens_once(decision: Adjudication, manager: User, reviewer: User) -> None:
    again(decision, manager)
    with pytest.raises(Conflict, match="reopened or replaced meanwhile"):
        again(decision, reviewer)
    assert Reopening.objects.count() == 1


def test_only_the_decision_that_stands_can_be(
    project: Project, decision: Adjudication, manager: User
) -> None:
    case = again(decision, manager)
    decide(project=project, user=manager, task_id=case.pk, label_name="beta")
    with pytest.raises(Conflict):
        again(decision, manager)


def test_a_deleted_item_stays_as_it_is(
    project: Project, decision: Adjudication, manager: User
) -> None:
    delete_items(project=project, actor=manager, items=[decision.item_id])
    with pytest.raises(Conflict, match="deleted"):
        again(decision, manager)


def test_another_project_has_no_such_item(
    other_project: Project, decision: Adjudication, outsider: User
) -> None:
    with pytest.raises(Conflict):
        reopen(
            project=other_project,
            user=outsider,
            item_id=decision.item_id,
            decision_id=decision.pk,
            reason="why not",
        )


def test_the_database_takes_one_line_of_decisions_for_a_task(
    project: Project, decision: Adjudication, manager: User
) -> None:
    case = again(decision, manager)
    decide(project=project, user=manager, task_id=case.pk, label_name="beta")
    fields = {"project": project, "item": decision.item, "task": case}
    for earlier in (None, decision):
        with pytest.raises(IntegrityError), transaction.atomic():
            Adjudication.objects.create(**fields, supersedes=earlier)
