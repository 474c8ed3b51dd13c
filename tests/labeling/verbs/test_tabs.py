"""Several looks at once, in several tabs."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from accounts.models import User
from labeling.errors import Conflict, Invalid, Missing
from labeling.models import Assignment, Item, LookState, Project
from labeling.queue import claim, claim_many, extend, release_look
from tests.labeling.steps import give, take

MakeItem = Callable[..., Item]
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def hold(project: Project, user: User, tab: str = "", wanted: int = 1) -> list[int]:
    """Claim for a tab and return the items that it holds."""
    looks = claim_many(project=project, user=user, tab=tab, wanted=wanted)
    return [look.task.item_id for look in looks]


class TestClaimMany:
    def test_tops_up_to_what_is_wanted(
        self, project: Project, annotator: User, make_item: MakeItem
    ) -> None:
        items = [make_item().pk for _ in range(4)]
        assert hold(project, annotator) == items[:1]
        assert hold(project, annotator, wanted=3) == items[:3]
        assert hold(project, annotator, wanted=1) == items[:3]

    def test_the_next_comes_first_after_an_answer(
        self, project: Project, annotator: User, make_item: MakeItem
    ) -> None:
        items = [make_item().pk for _ in range(3)]
        looks = claim_many(project=project, user=annotator, tab="a", wanted=2)
        give(looks[0], annotator, "alpha")
        assert hold(project, annotator, "a", 2) == items[1:]

    def test_gives_what_there_is(
        self, project: Project, annotator: User, make_item: MakeItem
    ) -> None:
        item = make_item()
        assert hold(project, annotator, wanted=3) == [item.pk]

    def test_two_tabs_hold_different_items(
        self, project: Project, annotator: User, make_item: MakeItem
    ) -> None:
        items = [make_item().pk for _ in range(3)]
        assert hold(project, annotator, "a", 2) == items[:2]
        assert hold(project, annotator, "b", 2) == items[2:]
        assert hold(project, annotator, "a", 2) == items[:2]

    def test_a_fourth_tab_has_to_wait(
        self, project: Project, annotator: User, make_item: MakeItem
    ) -> None:
        items = [make_item().pk for _ in range(4)]
        with time_machine.travel(NOON, tick=False):
            for tab in "abc":
                hold(project, annotator, tab)
            with pytest.raises(Conflict, match="You label in 3 tabs already"):
                claim(project=project, user=annotator, tab="d")
        with time_machine.travel(NOON + timedelta(minutes=16), tick=False):
            assert hold(project, annotator, "d") == items[:1]

    def test_a_tab_that_was_closed_without_a_word_keeps_nothing_from_the_next(
        self, project: Project, annotator: User, make_item: MakeItem
    ) -> None:
        items = [make_item().pk for _ in range(6)]
        with time_machine.travel(NOON, tick=False):
            for tab in "abc":
                hold(project, annotator, tab, 2)
        with time_machine.travel(NOON + timedelta(seconds=119), tick=False):
            with pytest.raises(Conflict, match="You label in 3 tabs already"):
                claim(project=project, user=annotator, tab="d")
            renewed = Assignment.objects.get(tab="b", task__item=items[2])
            named: dict[str, Any] = {"assignment_id": renewed.pk, "token": renewed.token}
            extend(project=project, user=annotator, **named)
        with time_machine.travel(NOON + timedelta(seconds=121), tick=False):
            assert hold(project, annotator, "d", 3) == [items[0], items[1], items[4]]
            assert hold(project, annotator, "b", 2) == items[2:4]

    def test_a_tab_that_works_leaves_a_silent_one_alone(
        self, project: Project, annotator: User, make_item: MakeItem
    ) -> None:
        items = [make_item().pk for _ in range(3)]
        with time_machine.travel(NOON, tick=False):
            assert hold(project, annotator, "a") == items[:1]
            assert hold(project, annotator, "b") == items[1:2]
        with time_machine.travel(NOON + timedelta(minutes=5), tick=False):
            assert hold(project, annotator, "b", 2) == items[1:]
            assert hold(project, annotator, "a") == items[:1]

    def test_a_program_that_names_no_tab_keeps_its_lease(
        self, project: Project, annotator: User, make_item: MakeItem
    ) -> None:
        items = [make_item().pk for _ in range(2)]
        with time_machine.travel(NOON, tick=False):
            assert hold(project, annotator) == items[:1]
        with time_machine.travel(NOON + timedelta(minutes=5), tick=False):
            assert hold(project, annotator, "b", 2) == items[1:]

    def test_what_others_hold_in_silence_is_theirs(
        self, project: Project, annotator: User, second_annotator: User, make_item: MakeItem
    ) -> None:
        project.overlap = 1
        project.save()
        items = [make_item().pk for _ in range(2)]
        with time_machine.travel(NOON, tick=False):
            assert hold(project, second_annotator, "a") == items[:1]
        with time_machine.travel(NOON + timedelta(minutes=5), tick=False):
            assert hold(project, annotator, "b", 3) == items[1:]

    @pytest.mark.parametrize(("tab", "wanted"), [("", 0), ("", 4), ("x" * 33, 1)])
    def test_refuses_a_wrong_number_or_name(
        self, project: Project, annotator: User, tab: str, wanted: int
    ) -> None:
        with pytest.raises(Invalid):
            claim_many(project=project, user=annotator, tab=tab, wanted=wanted)


class TestRelease:
    def test_gives_the_look_back_at_once(
        self, project: Project, annotator: User, second_annotator: User, make_item: MakeItem
    ) -> None:
        project.overlap = 1
        item = make_item()
        look = take(project, annotator)
        release_look(project=project, user=annotator, assignment_id=look.pk, token=look.token)
        look.refresh_from_db()
        assert (look.state, look.annotator, look.audience) == (LookState.FREE, None, "")
        assert take(project, second_annotator).task.item == item

    def test_its_holder_can_have_it_again(
        self, project: Project, annotator: User, make_item: MakeItem
    ) -> None:
        item = make_item()
        look = take(project, annotator)
        release_look(project=project, user=annotator, assignment_id=look.pk, token=look.token)
        assert hold(project, annotator, "another") == [item.pk]

    def test_refuses_another_s_look_and_one_of_another_project(
        self,
        project: Project,
        other_project: Project,
        annotator: User,
        second_annotator: User,
        make_item: MakeItem,
    ) -> None:
        make_item()
        look = take(project, annotator)
        named: dict[str, Any] = {"assignment_id": look.pk, "token": look.token}
        with pytest.raises(Conflict, match="gone back"):
            release_look(project=project, user=second_annotator, **named)
        with pytest.raises(Missing):
            release_look(project=other_project, user=annotator, **named)
        look.refresh_from_db()
        assert look.state == LookState.LEASED
