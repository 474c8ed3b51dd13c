"""In which order the items of one priority come."""

from collections.abc import Callable

import pytest
from django.db.models import F

from accounts.models import User
from labeling.access import Access
from labeling.models import Event, Item, Order, Project
from labeling.ordering import note_confidence, rank_what_is_due, set_order, suggestions_changed
from tests.labeling.steps import answer, ask

MakeItem = Callable[..., Item]
BREAD = "bake the bread dough flour oven"
RIVER = "the river flows fish water boat"


def order_of(project: Project, user: User, count: int) -> list[Item]:
    """Answer items one after the other, and return them."""
    return [answer(project, user, "alpha").item for _ in range(count)]


def test_random_is_by_the_draw_of_the_text(
    project: Project, manager_access: Access, annotator: User, make_item: MakeItem
) -> None:
    items = [make_item() for _ in range(5)]
    set_order(access=manager_access, order=Order.RANDOM)
    assert rank_what_is_due() == 5
    wanted = sorted(items, key=lambda item: item.draw)
    assert order_of(project, annotator, 5) == wanted


def test_new_items_find_their_place(
    project: Project, manager_access: Access, annotator: User, make_item: MakeItem
) -> None:
    set_order(access=manager_access, order=Order.RANDOM)
    project.refresh_from_db()
    items = [make_item() for _ in range(5)]
    assert order_of(project, annotator, 5) == sorted(items, key=lambda item: item.draw)


def test_the_least_certain_first_and_those_without_suggestion_last(
    project: Project, manager_access: Access, annotator: User, make_item: MakeItem
) -> None:
    sure, none, unsure = make_item(), make_item(), make_item()
    set_order(access=manager_access, order=Order.UNCERTAIN)
    rank_what_is_due()
    note_confidence(project, {sure.pk: 0.9, unsure.pk: 0.4})
    suggestions_changed(manager_access.project)
    rank_what_is_due()
    assert order_of(project, annotator, 3) == [unsure, sure, none]


def test_diverse_takes_turns_between_kinds_of_texts(
    project: Project, manager_access: Access, annotator: User, make_item: MakeItem
) -> None:
    breads = [make_item(f"{BREAD} {n}") for n in ("one", "two")]
    rivers = [make_item(f"{RIVER} {n}") for n in ("one", "two")]
    rest = make_item()
    sure = zip([*breads, *rivers], (0.3, 0.4, 0.5, 0.6), strict=True)
    note_confidence(project, {item.pk: confidence for item, confidence in sure})
    set_order(access=manager_access, order=Order.DIVERSE)
    rank_what_is_due()
    wanted = [breads[0], rivers[0], breads[1], rivers[1], rest]
    assert order_of(project, annotator, 5) == wanted


def test_priority_still_comes_first(
    project: Project, manager_access: Access, annotator: User, make_item: MakeItem
) -> None:
    items = [make_item() for _ in range(4)]
    set_order(access=manager_access, order=Order.RANDOM)
    rank_what_is_due()
    last = max(items, key=lambda item: item.draw)
    ask(last, priority=3)
    assert order_of(project, annotator, 1) == [last]


def test_ranking_again_changes_nothing(
    project: Project, manager_access: Access, make_item: MakeItem
) -> None:
    make_item()
    set_order(access=manager_access, order=Order.RANDOM)
    assert rank_what_is_due() == 1
    assert rank_what_is_due() == 0
    Project.objects.update(rank_due=F("created_at"))
    assert rank_what_is_due() == 0
    set_order(access=manager_access, order=Order.IN_ORDER)
    assert rank_what_is_due() == 1


def test_is_written_down_once(manager_access: Access) -> None:
    set_order(access=manager_access, order=Order.RANDOM)
    set_order(access=manager_access, order=Order.RANDOM)
    event = Event.objects.get(verb="changed order")
    assert (event.before, event.after) == ("in_order", "random")


@pytest.mark.parametrize("order", [Order.IN_ORDER, Order.RANDOM])
def test_suggestions_change_nothing_where_they_do_not_count(
    manager_access: Access, order: Order
) -> None:
    set_order(access=manager_access, order=order)
    rank_what_is_due()
    suggestions_changed(manager_access.project)
    assert Project.objects.get().rank_due is None


def test_notes_no_confidence_of_another_project(
    project: Project, other_project: Project, make_item: MakeItem
) -> None:
    theirs = make_item(project=other_project)
    note_confidence(project, {theirs.pk: 0.5})
    theirs.refresh_from_db()
    assert theirs.confidence is None
