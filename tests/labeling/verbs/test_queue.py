"""Who gets which look, and when it goes back."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from labeling.errors import Conflict, Invalid
from labeling.models import (
    Event,
    Item,
    LookState,
    Project,
    Role,
    TaskState,
)
from labeling.queue import claim, extend, skip
from tests.conftest import join
from tests.labeling.steps import answer, ask, give, pass_on, take, task_of

MakeItem = Callable[..., Item]
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class TestClaim:
    def test_leases_the_oldest_item_for_the_project_s_minutes(
        self, project: Project, annotator: User, make_item: MakeItem
    ) -> None:
        first, _ = make_item(), make_item()
        with time_machine.travel(NOON, tick=False):
            look = take(project, annotator)
        assert look.task.item == first
        assert (look.state, look.annotator) == (LookState.LEASED, annotator)
        assert look.lease_expires_at == NOON + timedelta(minutes=15)
        assert len(look.token) == 24

    def test_returns_the_look_that_is_held_and_renews_its_lease(
        self, project: Project, annotator: User, make_item: MakeItem
    ) -> None:
        make_item()
        make_item()
        with time_machine.travel(NOON, tick=False):
            held = take(project, annotator)
        with time_machine.travel(NOON + timedelta(minutes=10), tick=False):
            again = take(project, annotator)
        assert (again.pk, again.token) == (held.pk, held.token)
        assert again.lease_expires_at == NOON + timedelta(minutes=25)

    def test_gives_nothing_where_nothing_waits(self, project: Project, annotator: User) -> None:
        assert claim(project=project, user=annotator) is None

    def test_takes_the_highest_priority_first(
        self, project: Project, annotator: User, make_item: MakeItem
    ) -> None:
        low, high, _ = make_item(task=False), make_item(task=False), make_item()
        ask(low, priority=5)
        ask(high, priority=9)
        order = [answer(project, annotator, "alpha").item for _ in range(2)]
        assert order == [high, low]

    def test_takes_a_raised_task_first(
        self, project: Project, annotator: User, make_item: MakeItem
    ) -> None:
        make_item()
        second = make_item()
        ask(second, priority=3)
        assert take(project, annotator).task.item == second

    def test_never_gives_an_annotator_the_same_item_twice(
        self, project: Project, annotator: User, make_item: MakeItem
    ) -> None:
        items = [make_item() for _ in range(5)]
        seen = [answer(project, annotator, "alpha").item for _ in items]
        assert seen == items
        assert claim(project=project, user=annotator) is None

    def test_nor_by_a_later_task(
        self, project: Project, annotator: User, second_annotator: User, make_item: MakeItem
    ) -> None:
        item = make_item()
        answer(project, annotator, "alpha")
        answer(project, second_annotator, "alpha")
        again = ask(item)
        assert claim(project=project, user=annotator) is None
        third = join(project, "third", Role.ANNOTATOR)
        assert take(project, third).task == again

    def test_gives_two_annotators_different_looks_of_an_item(
        self, project: Project, annotator: User, second_annotator: User, make_item: MakeItem
    ) -> None:
        item = make_item()
        looks = [take(project, user) for user in (annotator, second_annotator)]
        assert [look.task.item for look in looks] == [item, item]
        assert looks[0].pk != looks[1].pk
        assert claim(project=project, user=join(project, "third", Role.ANNOTATOR)) is None

    def test_knows_no_other_project(
        self, other_project: Project, outsider: User, make_item: MakeItem
    ) -> None:
        make_item()
        assert claim(project=other_project, user=outsider) is None

    @pytest.mark.parametrize("answered", [False, True])
    def test_costs_the_same_however_much_there_is(
        self, project: Project, annotator: User, make_item: MakeItem, *, answered: bool
    ) -> None:
        """Ten items or 200; none answered by the claimer, or all but one."""
        counts = []
        for size in (10, 190):
            items = [make_item() for _ in range(size)]
            for _ in items[1:] if answered else ():
                answer(project, annotator, "alpha")
            with CaptureQueriesContext(connection) as queries:
                look = take(project, annotator)
            counts.append(len(queries))
            give(look, annotator, "alpha")
        assert counts[0] == counts[1] <= 12


class TestLease:
    def test_an_expired_look_goes_to_another(
        self, project: Project, annotator: User, second_annotator: User, make_item: MakeItem
    ) -> None:
        project.overlap = 1
        make_item()
        with time_machine.travel(NOON, tick=False):
            lost = take(project, annotator)
        with time_machine.travel(NOON + timedelta(minutes=14, seconds=59), tick=False):
            assert claim(project=project, user=second_annotator) is None
        with time_machine.travel(NOON + timedelta(minutes=15), tick=False):
            taken = take(project, second_annotator)
        assert taken.pk == lost.pk
        assert taken.token != lost.token
        assert taken.annotator == second_annotator

    def test_an_extended_one_does_not(
        self, project: Project, annotator: User, second_annotator: User, make_item: MakeItem
    ) -> None:
        project.overlap = 1
        make_item()
        with time_machine.travel(NOON, tick=False):
            look = take(project, annotator)
        with time_machine.travel(NOON + timedelta(minutes=14), tick=False):
            kept = extend(project=project, user=annotator, assignment_id=look.pk, token=look.token)
        assert kept.lease_expires_at == NOON + timedelta(minutes=29)
        with time_machine.travel(NOON + timedelta(minutes=28), tick=False):
            assert claim(project=project, user=second_annotator) is None

    @pytest.mark.parametrize("token", ["", "not the token"])
    def test_only_its_holder_extends_it(
        self, project: Project, annotator: User, make_item: MakeItem, token: str
    ) -> None:
        make_item()
        look = take(project, annotator)
        with pytest.raises(Conflict, match="gone back to the queue"):
            extend(project=project, user=annotator, assignment_id=look.pk, token=token)


class TestSkip:
    def test_passes_the_look_on_to_somebody_else(
        self, project: Project, annotator: User, second_annotator: User, make_item: MakeItem
    ) -> None:
        item = make_item()
        skipped = pass_on(project, annotator)
        skipped.refresh_from_db()
        assert (skipped.state, skipped.skip_reason) == (LookState.SKIPPED, "unclear")
        assert claim(project=project, user=annotator) is None
        assert take(project, second_annotator).task.item == item
        assert Event.objects.filter(verb="skipped", actor=annotator, reason="unclear").count() == 1

    def test_twice_sends_the_item_to_a_reviewer(
        self, project: Project, annotator: User, second_annotator: User, make_item: MakeItem
    ) -> None:
        item = make_item()
        pass_on(project, annotator)
        pass_on(project, second_annotator, "broken")
        assert task_of(item).state == TaskState.REVIEW
        assert claim(project=project, user=join(project, "third", Role.ANNOTATOR)) is None

    def test_twice_calls_the_look_of_a_third_off(
        self, project: Project, annotator: User, second_annotator: User, make_item: MakeItem
    ) -> None:
        """Else the third would answer what is no longer asked, and be given it for ever."""
        first = make_item()
        third = join(project, "third", Role.ANNOTATOR)
        held = take(project, third)
        pass_on(project, annotator)
        pass_on(project, second_annotator)
        second = make_item()
        with pytest.raises(Conflict, match="decided meanwhile"):
            give(held, third, "alpha")
        with pytest.raises(Conflict):
            extend(project=project, user=third, assignment_id=held.pk, token=held.token)
        assert task_of(first).state == TaskState.REVIEW
        assert take(project, third).task.item == second

    def test_refuses_an_unknown_reason(
        self, project: Project, annotator: User, make_item: MakeItem
    ) -> None:
        make_item()
        with pytest.raises(Invalid, match="reason: choose one of unclear, out_of_scope"):
            pass_on(project, annotator, "boring")

    def test_refuses_a_look_that_is_another_s(
        self, project: Project, annotator: User, second_annotator: User, make_item: MakeItem
    ) -> None:
        make_item()
        look = take(project, annotator)
        with pytest.raises(Conflict):
            skip(
                project=project,
                user=second_annotator,
                assignment_id=look.pk,
                token=look.token,
                reason="other",
            )
