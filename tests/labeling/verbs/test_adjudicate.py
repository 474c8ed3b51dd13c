"""A reviewer's decision."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction

from accounts.models import User
from labeling.access import Access, seats_of
from labeling.adjudicate import decide, send_back
from labeling.annotate import undo
from labeling.bulk.delete import delete_items
from labeling.bulk.restore import restore
from labeling.errors import Conflict, Invalid, NotAllowed
from labeling.models import (
    Adjudication,
    Event,
    Item,
    Membership,
    Project,
    Role,
    Task,
    TaskReason,
    TaskState,
)
from labeling.queue import claim, want_look
from labeling.reserving import reserve
from labeling.resolve import recompute
from labeling.settle_many import settle_many
from tests.conftest import join
from tests.labeling.steps import answer, disagree, give, label_of, pass_on, take, task_of

MakeItem = Callable[..., Item]


@pytest.fixture
def item(make_item: MakeItem) -> Item:
    """An item on which two annotators disagree."""
    return make_item()


@pytest.fixture
def case(item: Item, annotator: User, second_annotator: User) -> Task:
    """Its task, which waits for a reviewer."""
    return disagree(item, annotator, second_annotator)


class TestDecide:
    def test_labels_the_item_and_closes_the_task(
        self, project: Project, reviewer: User, item: Item, case: Task
    ) -> None:
        made = decide(
            project=project, user=reviewer, task_id=case.pk, label_name="gamma", comment="both"
        )
        assert (str(made.label), made.decided_by, made.comment) == ("gamma", reviewer, "both")
        assert (label_of(item), item.resolution.method) == ("gamma", "adjudication")
        assert task_of(item).state == TaskState.CLOSED
        event = Event.objects.filter(verb="moved").latest("id")
        assert (event.actor, event.before, event.after) == (reviewer, "review", "closed")
        assert event.reason == "both"

    def test_puts_the_item_out_of_scope(
        self, project: Project, reviewer: User, item: Item, case: Task
    ) -> None:
        decide(project=project, user=reviewer, task_id=case.pk, label_name=None)
        assert (label_of(item), task_of(item).state) == (None, TaskState.CLOSED)
        assert recompute(project=project) == 0

    def test_outranks_votes_and_earlier_decisions(
        self, project: Project, reviewer: User, item: Item, case: Task
    ) -> None:
        decide(project=project, user=reviewer, task_id=case.pk, label_name="gamma")
        again, _ = want_look(
            project=project,
            item=item,
            reason=TaskReason.REPORT,
            looks=0,
            priority=9,
            review=True,
        )
        decide(project=project, user=reviewer, task_id=again.pk, label_name="beta")
        assert label_of(item) == "beta"
        assert recompute(project=project) == 0

    @pytest.mark.parametrize("undone", [False, True])
    def test_is_not_for_who_answered_the_item(
        self, project: Project, reviewer: User, annotator: User, item: Item, *, undone: bool
    ) -> None:
        answer(project, reviewer, "alpha")
        if undone:
            undo(project=project, user=reviewer)
            pass_on(project, reviewer)
            pass_on(project, annotator)
        else:
            answer(project, annotator, "beta")
        case = task_of(item)
        assert case.state == TaskState.REVIEW
        assert seats_of(reviewer, project.slug)[0].cases == 0
        with pytest.raises(NotAllowed, match="another reviewer"):
            decide(project=project, user=reviewer, task_id=case.pk, label_name="alpha")
        assert label_of(item) is None

    def test_happens_once(self, project: Project, reviewer: User, case: Task) -> None:
        decide(project=project, user=reviewer, task_id=case.pk, label_name="alpha")
        with pytest.raises(Conflict, match="somebody else meanwhile"):
            decide(project=project, user=reviewer, task_id=case.pk, label_name="beta")

    def test_needs_a_task_that_waits_for_a_reviewer(
        self, project: Project, reviewer: User, item: Item
    ) -> None:
        with pytest.raises(Conflict):
            decide(project=project, user=reviewer, task_id=task_of(item).pk, label_name="beta")

    def test_knows_no_task_of_another_project(
        self, other_project: Project, outsider: User, case: Task
    ) -> None:
        with pytest.raises(Conflict, match="no longer in the review queue"):
            decide(project=other_project, user=outsider, task_id=case.pk, label_name="one")

    def test_refuses_an_unknown_label(self, project: Project, reviewer: User, case: Task) -> None:
        with pytest.raises(Invalid, match="'delta' is not one of"):
            decide(project=project, user=reviewer, task_id=case.pk, label_name="delta")

    def test_the_database_takes_one_decision_for_a_task(
        self, project: Project, reviewer: User, item: Item, case: Task
    ) -> None:
        decide(project=project, user=reviewer, task_id=case.pk, label_name="alpha")
        with pytest.raises(IntegrityError), transaction.atomic():
            Adjudication.objects.create(project=project, item=item, task=case)

    def test_calls_off_a_lease_that_still_runs(
        self, project: Project, reviewer: User, item: Item, make_item: MakeItem
    ) -> None:
        """Two skip while a third looks; the reviewer decides before the third answers."""
        third = join(project, "third", Role.ANNOTATOR)
        held = take(project, third)
        for name in ("fourth", "fifth"):
            pass_on(project, join(project, name, Role.ANNOTATOR))
        decide(project=project, user=reviewer, task_id=held.task_id, label_name="alpha")
        with pytest.raises(Conflict, match="decided meanwhile"):
            give(held, third, "beta")
        following = make_item()
        assert take(project, third).task.item == following
        assert label_of(item) == "alpha"


class TestSendBack:
    def test_asks_for_one_more_look_by_somebody_else(
        self, project: Project, reviewer: User, annotator: User, item: Item, case: Task
    ) -> None:
        send_back(project=project, user=reviewer, task_id=case.pk, comment="read it again")
        task = task_of(item)
        assert (task.state, task.note) == (TaskState.OPEN, "read it again")
        assert claim(project=project, user=annotator) is None
        answer(project, join(project, "third", Role.ANNOTATOR), "beta")
        assert label_of(item) == "beta"

    def test_the_look_is_not_for_who_asked_for_it(
        self, project: Project, reviewer: User, item: Item, case: Task, manager: User
    ) -> None:
        send_back(project=project, user=reviewer, task_id=case.pk, comment="read it again")
        assert claim(project=project, user=reviewer) is None
        third = join(project, "third", Role.ANNOTATOR)
        pass_on(project, third)
        assert claim(project=project, user=reviewer) is None
        reserve(
            access=Access(project, manager, Role.MANAGER),
            item_ids=[item.pk],
            user_ids=[reviewer.pk, manager.pk],
        )
        settle_many(project=project, items=[item.pk], why="test")
        assert claim(project=project, user=reviewer) is None
        assert take(project, manager).task == case

    def test_each_who_sent_it_back_is_left_out(
        self, project: Project, reviewer: User, manager: User, item: Item, case: Task
    ) -> None:
        send_back(project=project, user=reviewer, task_id=case.pk, comment="once")
        answer(project, join(project, "third", Role.ANNOTATOR), "gamma")
        fourth = join(project, "fourth", Role.ANNOTATOR)
        send_back(project=project, user=manager, task_id=case.pk, comment="twice")
        assert task_of(item).barred == sorted([reviewer.pk, manager.pk])
        for sender in (reviewer, manager):
            assert claim(project=project, user=sender) is None
        assert take(project, fourth).task == case

    def test_is_refused_where_the_sender_alone_is_left(
        self, project: Project, reviewer: User, case: Task
    ) -> None:
        Membership.objects.filter(project=project, role=Role.MANAGER).delete()
        with pytest.raises(Conflict, match="Nobody else is left"):
            send_back(project=project, user=reviewer, task_id=case.pk, comment="read it again")
        assert Task.objects.get(pk=case.pk).barred == []

    def test_what_was_deleted_and_restored_is_still_not_for_the_sender(
        self, project: Project, reviewer: User, manager: User, item: Item
    ) -> None:
        task, _ = want_look(
            project=project, item=item, reason=TaskReason.REPORT, looks=1, priority=9, review=True
        )
        send_back(project=project, user=reviewer, task_id=task.pk, comment="read it")
        deletion = delete_items(project=project, actor=manager, items=[item.pk])
        restore(project=project, actor=manager, deletion_id=deletion.pk)
        assert task_of(item).state == TaskState.OPEN
        assert claim(project=project, user=reviewer) is None

    def test_comes_back_where_the_third_differs_too(
        self, project: Project, reviewer: User, item: Item, case: Task
    ) -> None:
        send_back(project=project, user=reviewer, task_id=case.pk, comment="read it again")
        answer(project, join(project, "third", Role.ANNOTATOR), "gamma")
        assert (label_of(item), task_of(item).state) == (None, TaskState.REVIEW)

    def test_is_not_for_who_answered_the_item(
        self, project: Project, annotator: User, case: Task
    ) -> None:
        with pytest.raises(NotAllowed):
            send_back(project=project, user=annotator, task_id=case.pk, comment="?")

    def test_needs_a_case_that_waits(self, project: Project, reviewer: User, case: Task) -> None:
        send_back(project=project, user=reviewer, task_id=case.pk, comment="once")
        with pytest.raises(Conflict):
            send_back(project=project, user=reviewer, task_id=case.pk, comment="twice")
