"""Acting on many items: priority, review, gold, delete and restore."""

from collections.abc import Callable

import pytest

from accounts.models import User
from labeling import gold
from labeling.bulk.act import act
from labeling.bulk.delete import delete_items
from labeling.bulk.restore import restore
from labeling.bulk.selection import Selection
from labeling.errors import Conflict, Invalid
from labeling.models import Assignment, Event, Item, ItemStatus, LookState, Project, TaskState
from labeling.queue import claim
from labeling.resolve import recompute
from tests.labeling.steps import answer, ask, disagree, label_of, take, task_of

MakeItem = Callable[..., Item]
Pair = tuple[User, User]


@pytest.fixture
def pair(annotator: User, second_annotator: User) -> Pair:
    """Two annotators."""
    return annotator, second_annotator


def do(project: Project, actor: User, action: str, *items: Item, priority: int = 0) -> str:
    """Act on items and return what it says."""
    selection = Selection(ids=[item.pk for item in items])
    return act(
        project=project, actor=actor, action=action, selection=selection, priority=priority
    ).text


def status(item: Item) -> str:
    """Return where an item stands."""
    return Item.with_deleted.get(pk=item.pk).status


def test_a_higher_priority_comes_first(
    project: Project, manager: User, annotator: User, make_item: MakeItem
) -> None:
    make_item()
    late = make_item()
    idle = make_item(task=False)
    said = do(project, manager, "priority", late, idle, priority=7)
    assert said == "1 waiting item got priority 7."
    assert take(project, annotator).task.item_id == late.pk
    event = Event.objects.get(verb="prioritised")
    assert (event.actor, event.after) == (manager, "priority 7: 1 tasks of 2 items")


def test_sent_to_review_nobody_gets_them_to_label(
    project: Project, manager: User, annotator: User, make_item: MakeItem
) -> None:
    waiting, idle = make_item(), make_item(task=False)
    held = take(project, annotator)
    assert do(project, manager, "review", waiting, idle) == "2 items sent to review."
    assert do(project, manager, "review", waiting, idle) == "0 items sent to review."
    assert [status(item) for item in (waiting, idle)] == ["review", "review"]
    assert {task_of(item).state for item in (waiting, idle)} == {TaskState.REVIEW}
    assert Assignment.objects.get(pk=held.pk).state == LookState.WITHDRAWN
    assert claim(project=project, user=annotator) is None


def test_gold_is_blind(project: Project, manager: User, make_item: MakeItem) -> None:
    item = make_item(task=False)
    ask(item)
    assert do(project, manager, "gold", item) == "1 item moved into the gold holdout."
    task = task_of(item)
    assert (task.blind, task.suggestion, task.suggestion_source) == (True, None, "")
    assert Item.objects.get(pk=item.pk).split == "holdout"


def test_a_guard_refuses_all_of_them(
    project: Project, manager: User, make_item: MakeItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = make_item("Good"), make_item("Bad")
    monkeypatch.setitem(gold.guards, "hatched", lambda *_: [bad.pk])
    with pytest.raises(Conflict, match="1 cannot become gold, the first is 'Bad'"):
        do(project, manager, "gold", good, bad)
    assert Item.objects.get(pk=good.pk).split == "pool"


def test_the_deleted_are_nowhere(
    project: Project, manager: User, pair: Pair, make_item: MakeItem
) -> None:
    item = make_item("Heron")
    for user in pair:
        answer(project, user, "beta")
    waiting = make_item()
    held = take(project, pair[0])
    assert do(project, manager, "delete", item, waiting) == "2 items deleted."
    assert not project.items.exists()
    assert not project.resolutions.exists()
    assert Assignment.objects.get(pk=held.pk).state == LookState.WITHDRAWN
    assert claim(project=project, user=pair[0]) is None
    assert recompute(project=project) == 0


def test_restored_they_are_as_before(
    project: Project, manager: User, pair: Pair, make_item: MakeItem
) -> None:
    labeled, disputed = make_item(), make_item()
    for user in pair:
        answer(project, user, "beta")
    disagree(disputed, *pair)
    begun, fresh, idle = make_item(), make_item(), make_item(task=False)
    answer(project, pair[0], "alpha")
    items = [labeled, disputed, begun, fresh, idle]
    before = [status(item) for item in items]
    deletion = delete_items(project=project, actor=manager, items=[item.pk for item in items])
    restore(project=project, actor=manager, deletion_id=deletion.pk)
    assert [status(item) for item in items] == before
    assert before == ["labeled", "review", "waiting", "waiting", "idle"]
    assert label_of(labeled) == "beta"
    assert answer(project, pair[1], "alpha").item_id == begun.pk
    assert label_of(begun) == "alpha"
    assert sorted([answer(project, user, "gamma").item_id for user in pair]) == [fresh.pk] * 2
    assert label_of(fresh) == "gamma"


def test_restored_once(project: Project, manager: User, make_item: MakeItem) -> None:
    deletion = delete_items(project=project, actor=manager, items=[make_item().pk])
    restore(project=project, actor=manager, deletion_id=deletion.pk)
    with pytest.raises(Conflict, match="restored already"):
        restore(project=project, actor=manager, deletion_id=deletion.pk)
    verbs = Event.objects.filter(subject_type="deletion").order_by("id")
    assert list(verbs.values_list("verb", flat=True)) == ["deleted items", "restored items"]


def test_all_that_match(project: Project, manager: User, make_item: MakeItem) -> None:
    make_item("Heron")
    make_item("Stork")
    found = Selection(chosen={"q": "heron", "status": ItemStatus.WAITING})
    done = act(project=project, actor=manager, action="delete", selection=found)
    assert done.items == 1
    assert project.items.get().title == "Stork"


@pytest.mark.parametrize(
    ("action", "message"),
    [("burn", "action: "), ("delete", "none is selected"), ("assign", "members: ")],
)
def test_refusals(project: Project, manager: User, action: str, message: str) -> None:
    with pytest.raises(Invalid, match=message):
        do(project, manager, action)


def test_items_of_another_project_are_none(
    other_project: Project, manager: User, make_item: MakeItem
) -> None:
    item = make_item()
    with pytest.raises(Invalid, match="none is selected"):
        do(other_project, manager, "delete", item)
    assert Item.objects.filter(pk=item.pk).exists()
