"""Opening tasks for new items: how many looks each gets, and in which order."""

from collections import Counter
from collections.abc import Callable

import pytest

from accounts.models import User
from labeling.annotate import submit
from labeling.intake import add_items
from labeling.looks import bar_holders
from labeling.models import DRAWS, Assignment, Item, LookState, Project, Split, Task
from labeling.opening import open_tasks
from labeling.queue import claim
from labeling.readers import Row

pytestmark = pytest.mark.django_db
MakeItem = Callable[..., Item]


def import_texts(project: Project, count: int) -> None:
    """Bring `count` different items in."""
    rows = [Row(number=n, title=f"Text number {n}") for n in range(2, count + 2)]
    add_items(project=project, user=None, rows=rows, source="test")


def test_each_item_gets_the_overlap(project: Project, make_item: MakeItem) -> None:
    make_item()
    make_item()
    assert list(Task.objects.values_list("wanted", "state", "blind")) == [(2, "open", False)] * 2
    assert Assignment.objects.filter(state=LookState.FREE, audience="", token="").count() == 4


def test_all_first_looks_come_before_second_ones(project: Project) -> None:
    import_texts(project, 3)
    slots = Assignment.objects.order_by("id").values_list("slot", flat=True)
    assert list(slots) == [1, 1, 1, 2, 2, 2]


def test_holdout_items_are_blind(project: Project, make_item: MakeItem) -> None:
    make_item(split=Split.HOLDOUT)
    assert Task.objects.get().blind


def test_nothing_to_open_writes_nothing(project: Project) -> None:
    open_tasks(project=project, items=[])
    assert not Task.objects.exists()


@pytest.mark.parametrize(("share", "looks"), [(0.0, {1: 40}), (1.0, {2: 40})])
def test_the_ends_of_the_share(project: Project, share: float, looks: dict[int, int]) -> None:
    project.overlap_share = share
    project.save()
    import_texts(project, 40)
    assert Counter(Task.objects.values_list("wanted", flat=True)) == looks


def test_the_share_is_drawn_by_the_text(project: Project) -> None:
    project.overlap_share = 0.5
    project.save()
    import_texts(project, 40)
    for task in Task.objects.select_related("item"):
        assert task.wanted == (2 if task.item.draw < DRAWS / 2 else 1)
        assert task.assignments.count() == task.wanted
    assert len(set(Task.objects.values_list("wanted", flat=True))) == 2


def test_one_look_is_enough_outside_the_share(project: Project, annotator: User) -> None:
    project.overlap_share = 0.0
    project.save()
    import_texts(project, 1)
    look = claim(project=project, user=annotator)
    assert look is not None
    submit(
        project=project,
        user=annotator,
        assignment_id=look.pk,
        token=look.token,
        label_name="alpha",
        idempotency_key="once",
    )
    assert Task.objects.get().state == "closed"
    assert project.resolutions.get().label.name == "alpha"


def test_any_number_of_people_can_have_looked_at_an_item(
    project: Project, make_item: MakeItem
) -> None:
    make_item()
    task = Task.objects.get()
    people = [User.objects.create(username=f"person-{n}") for n in range(120)]
    Assignment.objects.bulk_create(
        Assignment(project=project, task=task, slot=n, state=LookState.SKIPPED, annotator=person)
        for n, person in enumerate(people, start=10)
    )
    bar_holders(task)
    assert claim(project=project, user=people[-1]) is None
    newcomer = User.objects.create(username="newcomer")
    assert claim(project=project, user=newcomer) is not None
