"""Asking for human looks at an item."""

from collections.abc import Callable

from accounts.models import User
from labeling.adjudicate import decide
from labeling.models import (
    Item,
    Project,
    Split,
    TaskReason,
    TaskState,
)
from labeling.queue import want_look
from tests.labeling.steps import answer, ask, label_of

MakeItem = Callable[..., Item]


class TestWantLook:
    def test_opens_a_task_with_its_suggestion(self, make_item: MakeItem) -> None:
        item = make_item(task=False)
        task = ask(item)
        assert (task.state, task.wanted, task.blind) == (TaskState.OPEN, 1, False)
        assert str(task.suggestion) == "beta"
        assert task.assignments.count() == 1

    def test_raises_the_task_that_waits(self, make_item: MakeItem) -> None:
        item = make_item()
        task = ask(item, priority=7)
        assert item.tasks.count() == 1
        assert (task.reason, task.priority) == ("low_confidence", 7)
        assert str(task.suggestion) == "beta"
        assert set(task.assignments.values_list("priority", flat=True)) == {7}

    def test_gives_no_suggestion_to_a_task_that_somebody_looked_at(
        self, project: Project, annotator: User, make_item: MakeItem
    ) -> None:
        item = make_item()
        answer(project, annotator, "alpha")
        task = ask(item)
        assert (task.reason, task.suggestion) == ("new", None)

    def test_holdout_items_are_looked_at_blind(self, make_item: MakeItem) -> None:
        task = ask(make_item(task=False, split=Split.HOLDOUT))
        assert task.blind
        assert (task.suggestion, task.suggestion_confidence) == (None, None)
        assert task.suggestion_source == ""

    def test_audits_are_blind_and_stay_so_when_raised(self, make_item: MakeItem) -> None:
        item = make_item(task=False)
        audit = ask(item, reason=TaskReason.AUDIT)
        assert (audit.blind, audit.suggestion) == (True, None)
        raised = ask(item)
        assert raised == audit
        assert (raised.blind, raised.suggestion) == (True, None)

    def test_an_audit_makes_a_waiting_task_blind(self, make_item: MakeItem) -> None:
        item = make_item(task=False)
        ask(item)
        task = ask(item, reason=TaskReason.AUDIT)
        assert (task.blind, task.suggestion) == (True, None)

    def test_goes_straight_to_a_reviewer_where_asked(
        self, project: Project, reviewer: User, make_item: MakeItem
    ) -> None:
        item = make_item(task=False)
        task, said = want_look(
            project=project,
            item=item,
            reason=TaskReason.REPORT,
            looks=0,
            priority=9,
            note="wrong",
            review=True,
        )
        assert (task.state, task.note, said) == (
            TaskState.REVIEW,
            "wrong",
            "opened a review task",
        )
        decide(project=project, user=reviewer, task_id=task.pk, label_name="gamma")
        assert label_of(item) == "gamma"
