"""Items for named members alone."""

from collections.abc import Callable

import pytest

from accounts.models import User
from labeling.access import Access
from labeling.errors import Invalid
from labeling.models import Event, Item, LookState, Project
from labeling.queue import claim
from labeling.reserving import Reserved, reserve
from tests.labeling.steps import answer, ask, take

MakeItem = Callable[..., Item]


def test_only_the_named_get_it(
    project: Project,
    manager_access: Access,
    annotator: User,
    second_annotator: User,
    make_item: MakeItem,
) -> None:
    first, second = make_item(), make_item()
    done = reserve(access=manager_access, item_ids=[first.pk], user_ids=[second_annotator.pk])
    assert done == Reserved(items=1, stuck=0)
    assert take(project, annotator).task.item == second
    assert take(project, second_annotator).task.item == first
    event = Event.objects.get(verb="reserved")
    assert (event.after, event.reason) == ("1 item", "for second")


def test_what_others_hold_of_it_goes_back(
    project: Project,
    manager_access: Access,
    annotator: User,
    second_annotator: User,
    make_item: MakeItem,
) -> None:
    item = make_item()
    held = take(project, annotator)
    reserve(access=manager_access, item_ids=[item.pk], user_ids=[second_annotator.pk])
    held.refresh_from_db()
    assert (held.state, held.audience) == (LookState.FREE, f"+{second_annotator.pk},")
    assert claim(project=project, user=annotator) is None


def test_everybody_gets_it_again_but_nobody_twice(
    project: Project,
    manager_access: Access,
    annotator: User,
    second_annotator: User,
    make_item: MakeItem,
) -> None:
    item = make_item()
    answer(project, annotator, "alpha")
    reserve(access=manager_access, item_ids=[item.pk], user_ids=[annotator.pk])
    assert claim(project=project, user=second_annotator) is None
    reserve(access=manager_access, item_ids=[item.pk], user_ids=[])
    assert claim(project=project, user=annotator) is None
    assert take(project, second_annotator).task.item == item


def test_a_raised_task_stays_reserved(
    project: Project,
    manager_access: Access,
    annotator: User,
    second_annotator: User,
    make_item: MakeItem,
) -> None:
    item = make_item()
    reserve(access=manager_access, item_ids=[item.pk], user_ids=[annotator.pk])
    ask(item, priority=9)
    assert claim(project=project, user=second_annotator) is None
    assert take(project, annotator).task.item == item


def test_counts_what_none_of_the_named_may_have(
    project: Project,
    manager_access: Access,
    annotator: User,
    second_annotator: User,
    make_item: MakeItem,
) -> None:
    items = [make_item().pk, make_item().pk]
    answer(project, annotator, "alpha")
    one = reserve(access=manager_access, item_ids=items, user_ids=[annotator.pk])
    both = [annotator.pk, second_annotator.pk]
    two = reserve(access=manager_access, item_ids=items, user_ids=both)
    assert (one, two) == (Reserved(items=2, stuck=1), Reserved(items=2, stuck=0))


def test_refuses_people_who_are_no_members(
    project: Project, manager_access: Access, outsider: User, make_item: MakeItem
) -> None:
    with pytest.raises(Invalid, match="members: "):
        reserve(access=manager_access, item_ids=[make_item().pk], user_ids=[outsider.pk])


def test_leaves_items_of_other_projects_alone(
    manager_access: Access, other_project: Project, annotator: User, make_item: MakeItem
) -> None:
    theirs = make_item(project=other_project)
    done = reserve(access=manager_access, item_ids=[theirs.pk], user_ids=[annotator.pk])
    assert done == Reserved(items=0, stuck=0)
    assert theirs.tasks.get().reserved == []
