"""The newest answers, and taking one of them back."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from accounts.models import User
from labeling.adjudicate import decide
from labeling.annotate import undo
from labeling.answers import last_answers
from labeling.errors import Conflict
from labeling.models import Annotation, Item, Project
from labeling.queue import claim_many
from tests.labeling.steps import answer, disagree, take

MakeItem = Callable[..., Item]
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_lists_the_last_ten_the_newest_first(
    project: Project, annotator: User, make_item: MakeItem
) -> None:
    for _ in range(12):
        make_item()
    given = [answer(project, annotator, "beta") for _ in range(12)]
    found = last_answers(project, annotator)
    assert [last.annotation for last in found] == given[:1:-1]
    assert all(last.open_to_undo for last in found)


def test_takes_the_named_one_back(project: Project, annotator: User, make_item: MakeItem) -> None:
    items = [make_item() for _ in range(3)]
    given = [answer(project, annotator, "alpha") for _ in items]
    look = undo(project=project, user=annotator, assignment_id=given[0].assignment_id, tab="a")
    assert (look.pk, look.tab) == (given[0].assignment_id, "a")
    assert [vote.item for vote in Annotation.objects.live()] == items[1:]


def test_leaves_what_other_tabs_hold(
    project: Project, annotator: User, make_item: MakeItem
) -> None:
    for _ in range(3):
        make_item()
    answer(project, annotator, "alpha")
    left = claim_many(project=project, user=annotator, tab="left", wanted=1)
    claim_many(project=project, user=annotator, tab="right", wanted=1)
    undo(project=project, user=annotator, tab="right")
    again = claim_many(project=project, user=annotator, tab="left", wanted=1)
    assert [look.pk for look in again] == [look.pk for look in left]


def test_says_why_one_stays(
    project: Project,
    annotator: User,
    second_annotator: User,
    reviewer: User,
    make_item: MakeItem,
) -> None:
    task = disagree(make_item(), annotator, second_annotator)
    decide(project=project, user=reviewer, task_id=task.pk, label_name="gamma")
    (last,) = last_answers(project, annotator)
    assert last.obstacle == "A reviewer has decided this item since; the answer stays."
    with pytest.raises(Conflict, match="reviewer has decided"):
        undo(project=project, user=annotator, assignment_id=last.annotation.assignment_id)


def test_an_answer_of_yesterday_stays(
    project: Project, annotator: User, make_item: MakeItem
) -> None:
    make_item()
    with time_machine.travel(NOON, tick=False):
        answer(project, annotator, "alpha")
    with (
        time_machine.travel(NOON + timedelta(hours=24, seconds=1), tick=False),
        pytest.raises(Conflict, match="more than a day old"),
    ):
        undo(project=project, user=annotator)


def test_refuses_what_is_none_of_them(
    project: Project, annotator: User, second_annotator: User, make_item: MakeItem
) -> None:
    make_item()
    given = answer(project, annotator, "alpha")
    take(project, second_annotator)
    with pytest.raises(Conflict, match="none of your last ten"):
        undo(project=project, user=second_annotator, assignment_id=given.assignment_id)
