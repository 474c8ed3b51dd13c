"""Gold items and repeats among the looks: how often, whose, and what they leave alone."""

from collections.abc import Callable
from itertools import cycle
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from labeling import checks
from labeling.access import Access
from labeling.adjudicate import decide
from labeling.annotate import undo
from labeling.bulk.delete import delete_items
from labeling.errors import Conflict
from labeling.export.download import download
from labeling.export.rows import Options
from labeling.home import left_of
from labeling.leasing import leases_of
from labeling.models import (
    Annotation,
    Assignment,
    Event,
    Item,
    LookState,
    Project,
    Task,
    TaskReason,
    TaskState,
)
from labeling.no_work import why_nothing_waits
from labeling.pausing import pause
from labeling.queue import claim, claim_many, release_look, want_look
from labeling.resolve import recompute
from labeling.skills import gold_results
from tests.labeling.gold import answered, check_with, frozen, make_gold, only, reasons_of
from tests.labeling.steps import disagree, give, label_of, pass_on, take

MakeItem = Callable[..., Item]


class Drawn:
    """Chance that comes out as it is told."""

    def __init__(self, *numbers: float) -> None:
        self.numbers = cycle(numbers)

    def random(self) -> float:
        """Return the next number."""
        return next(self.numbers)

    def randint(self, low: int, high: int) -> int:
        """Return the highest."""
        return high

    def choice(self, found: list[Any]) -> Any:
        """Return the first."""
        return found[0]


@pytest.fixture
def gold(make_item: MakeItem) -> list[Item]:
    """Eight gold items with the label alpha, and thirty that wait."""
    items = [make_gold(make_item(f"Gold {n}", task=False)) for n in range(8)]
    for _ in range(30):
        make_item()
    return items


@pytest.mark.usefixtures("gold")
def test_the_first_five_are_gold_and_then_a_share(
    project: Project, annotator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(project, first=5, gold=0.1)
    monkeypatch.setattr(checks, "_chance", Drawn(0.5, 0.09, 0.1, 0.99))
    assert reasons_of(project, annotator, 12) == [
        *["gold"] * 5,
        *["new", "gold", "new", "new"],
        *["new", "gold", "new"],
    ]


@pytest.mark.usefixtures("gold")
def test_no_rate_no_checks(project: Project, annotator: User) -> None:
    only(project)
    assert set(reasons_of(project, annotator, 25)) == {"new"}


def test_without_gold_items_nothing_happens(
    project: Project, annotator: User, make_item: MakeItem
) -> None:
    only(project, first=5, gold=0.5)
    make_item()
    agreed = make_item("Agreed", task=False, split="holdout")
    assert reasons_of(project, annotator, 1) == ["new"]
    assert not Task.objects.filter(item=agreed).exists()


def test_holdout_items_that_people_agreed_on_are_no_gold(
    project: Project, annotator: User, second_annotator: User, make_item: MakeItem, manager: User
) -> None:
    only(project)
    item = make_item("Agreed", split="holdout")
    answered(project, annotator)
    answered(project, second_annotator)
    assert label_of(item) == "alpha"
    only(project, first=5)
    make_item()
    assert reasons_of(project, manager, 1) == ["new"]


@pytest.mark.usefixtures("gold")
def test_each_comes_once_to_each_and_then_never(project: Project, annotator: User) -> None:
    only(project, first=100)
    looks = [answered(project, annotator) for _ in range(12)]
    assert [look.task.reason for look in looks] == [*["gold"] * 8, *["new"] * 4]
    assert len({look.task.item_id for look in looks}) == 12


def test_never_what_one_has_answered_skipped_or_decided(
    project: Project,
    annotator: User,
    second_annotator: User,
    reviewer: User,
    make_item: MakeItem,
) -> None:
    only(project)
    item = make_item()
    task = disagree(item, annotator, second_annotator)
    decide(project=project, user=reviewer, task_id=task.pk, label_name="alpha")
    Item.objects.filter(pk=item.pk).update(split="holdout")
    skipped = make_item()
    assert pass_on(project, annotator).task.item_id == skipped.pk
    Task.objects.filter(item=skipped).update(state="closed", closed_at=timezone.now())
    Assignment.objects.filter(task__item=skipped, state="free").update(
        state=LookState.WITHDRAWN, audience=""
    )
    make_gold(skipped)
    make_item()
    only(project, first=5)
    assert reasons_of(project, annotator, 1) == ["new"]
    look = take(project, reviewer)
    assert (look.task.reason, look.task.item_id) == ("gold", skipped.pk)


def test_an_item_that_was_a_check_is_no_ordinary_look_later(
    project: Project, annotator: User, second_annotator: User, make_item: MakeItem
) -> None:
    only(project)
    item = make_gold(make_item(task=False))
    make_item()
    check_with(project, annotator, "alpha")
    want_look(project=project, item=item, reason=TaskReason.REPORT, looks=1, priority=9)
    assert take(project, annotator).task.item_id != item.pk
    assert take(project, second_annotator).task.item_id == item.pk


def test_nothing_else_waits_no_check(
    project: Project, annotator: User, make_item: MakeItem
) -> None:
    only(project, first=5, gold=0.5)
    make_gold(make_item(task=False))
    assert claim(project=project, user=annotator) is None


@pytest.mark.usefixtures("gold")
def test_the_item_feels_nothing(
    project: Project, annotator: User, gold: list[Item], manager_access: Access
) -> None:
    only(project)
    before = {item.pk: frozen(item) for item in gold}
    home = left_of(project)
    given = [check_with(project, annotator, label) for label in ("beta", "alpha", "gamma")]
    undo(project=project, user=annotator, assignment_id=given[2].assignment_id)
    pass_on(project, annotator, "out_of_scope")
    assert {item.pk: frozen(item) for item in gold} == before
    assert recompute(project=project) == 0
    assert {item.pk: frozen(item) for item in gold} == before
    assert left_of(project) == home
    assert Annotation.objects.live().count() == 0
    evidence = Options(evidence=True)
    pieces = download(access=manager_access, name="jsonl", options=evidence, filters={})
    assert b"annotator" not in b"".join(pieces).replace(b'"annotators"', b"")


@pytest.mark.usefixtures("gold")
def test_a_check_that_comes_back_goes_to_the_same_person(
    project: Project, annotator: User, second_annotator: User
) -> None:
    only(project, first=1)
    look = take(project, annotator)
    release_look(project=project, user=annotator, assignment_id=look.pk, token=look.token)
    assert take(project, second_annotator).pk != look.pk
    said = why_nothing_waits(project, second_annotator)
    assert not [fact for fact in said.facts if "reserved" in fact]
    assert take(project, annotator).pk == look.pk


@pytest.mark.usefixtures("gold")
def test_an_expired_check_comes_back_too(project: Project, annotator: User, manager: User) -> None:
    only(project, first=1)
    look = take(project, annotator)
    Assignment.objects.filter(pk=look.pk).update(lease_expires_at=timezone.now())
    leases_of(project, manager)
    look.refresh_from_db()
    assert (look.state, look.audience) == ("free", f"+{annotator.pk},")
    assert take(project, annotator).pk == look.pk


@pytest.mark.usefixtures("gold")
def test_taken_back_and_released_it_stays_reserved(
    project: Project, annotator: User, second_annotator: User
) -> None:
    only(project)
    given = check_with(project, annotator, "beta")
    look = undo(project=project, user=annotator)
    assert look.pk == given.assignment_id
    release_look(project=project, user=annotator, assignment_id=look.pk, token=look.token)
    assert take(project, second_annotator).pk != look.pk
    again = take(project, annotator)
    assert again.pk == look.pk
    give(again, annotator, "alpha")
    # The first answer counts: beta was not expected.
    assert [right for _, right in gold_results(project, annotator)] == [False]


@pytest.mark.usefixtures("gold")
def test_a_paused_member_gets_none(
    project: Project, annotator: User, manager_access: Access
) -> None:
    only(project, first=5)
    member = project.memberships.get(user=annotator)
    pause(access=manager_access, membership_id=member.pk, reason="On holiday")
    assert claim(project=project, user=annotator) is None
    assert not Task.objects.filter(checked=annotator).exists()


def test_a_deleted_item_takes_its_check_along(
    project: Project, annotator: User, make_item: MakeItem, manager: User
) -> None:
    only(project, first=1)
    item = make_gold(make_item(task=False))
    waiting = make_item()
    look = take(project, annotator)
    delete_items(project=project, actor=manager, items=[item.pk])
    with pytest.raises(Conflict):
        give(look, annotator, "alpha")
    assert take(project, annotator).task.item_id == waiting.pk


def test_a_repeat_comes_after_twenty_other_answers(
    project: Project, annotator: User, make_item: MakeItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(25):
        make_item()
    only(project, repeat=0.5)
    monkeypatch.setattr(checks, "_chance", Drawn(0.1))
    first = answered(project, annotator, "beta")
    assert set(reasons_of(project, annotator, 20)) == {"new"}
    look = take(project, annotator)
    assert (look.task.reason, look.task.item_id) == ("repeat", first.task.item_id)
    assert look.task.expected is not None
    assert look.task.expected.name == "beta"
    before = Item.objects.get(pk=look.task.item_id)
    give(look, annotator, "alpha")
    after = Item.objects.get(pk=look.task.item_id)
    assert (after.status, after.vote_count) == (before.status, before.vote_count) == ("waiting", 1)
    assert take(project, annotator).task.item_id != first.task.item_id


@pytest.mark.usefixtures("gold")
def test_each_check_is_written_down(project: Project, annotator: User) -> None:
    only(project, first=1)
    look = take(project, annotator)
    event = Event.objects.get(subject_type="task", subject_id=str(look.task_id))
    assert (event.verb, event.after, event.actor) == ("opened", "gold", None)
    assert look.task.state == TaskState.CLOSED


@pytest.mark.usefixtures("gold")
def test_a_late_answer_counts(project: Project, annotator: User) -> None:
    only(project, first=1)
    look = take(project, annotator)
    Assignment.objects.filter(pk=look.pk).update(lease_expires_at=timezone.now())
    leases_of(project, annotator)
    give(look, annotator, "alpha")
    assert [right for _, right in gold_results(project, annotator)] == [True]


@pytest.mark.usefixtures("gold")
def test_the_same_key_answers_the_same(project: Project, annotator: User) -> None:
    only(project, first=1)
    look = take(project, annotator)
    token = look.token
    first = give(look, annotator, "alpha", key="one", token=token)
    assert give(look, annotator, "alpha", key="one", token=token) == first
    assert len(gold_results(project, annotator)) == 1


@pytest.mark.usefixtures("gold")
def test_no_check_due_costs_no_statement(
    project: Project, annotator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "_chance", Drawn(0.9))
    costs = []
    for first, gold in ((0, 0.0), (5, 0.1)):
        only(project, first=first, gold=gold)
        with CaptureQueriesContext(connection) as asked:
            look, *_ = claim_many(project=project, user=annotator, tab="", wanted=1, gold_looks=5)
        costs.append(len(asked))
        give(look, annotator, "alpha")
    assert costs[0] == costs[1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": "gold", "expected": None},
        {"reason": "gold", "checked": None},
        {"reason": "new"},
        {"state": "open", "closed_at": None},
        {"blind": False},
    ],
)
def test_the_database_refuses_half_a_check(
    project: Project, annotator: User, make_item: MakeItem, wrong: dict[str, Any]
) -> None:
    item = make_item(task=False)
    whole = {
        "project": project,
        "item": item,
        "reason": "gold",
        "checked": annotator,
        "expected": project.labels.all()[0],
        "blind": True,
        "state": "closed",
    }
    Task.objects.create(**whole)
    other = make_item(task=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.create(**whole | {"item": other} | wrong)


def test_the_database_refuses_the_same_check_twice(
    project: Project, annotator: User, second_annotator: User, make_item: MakeItem
) -> None:
    whole = {
        "project": project,
        "item": make_item(),
        "reason": "gold",
        "expected": project.labels.all()[0],
        "blind": True,
        "state": "closed",
    }
    Task.objects.create(checked=annotator, **whole)
    Task.objects.create(checked=second_annotator, **whole)
    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.create(checked=annotator, **whole)
