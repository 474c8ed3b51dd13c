"""From votes to labels."""

from collections.abc import Callable

import pytest

from accounts.models import User
from labeling.annotate import undo
from labeling.models import Event, Item, Project, Resolution, Role, TaskState
from labeling.queue import claim
from labeling.resolve import recompute
from tests.conftest import join
from tests.labeling.steps import answer, label_of, take, task_of

MakeItem = Callable[..., Item]


@pytest.fixture
def people(project: Project, annotator: User, second_annotator: User) -> list[User]:
    """Four annotators."""
    more = [join(project, name, Role.ANNOTATOR) for name in ("third", "fourth")]
    return [annotator, second_annotator, *more]


def set_looks(project: Project, overlap: int, max_looks: int) -> None:
    """Change how many looks an item gets."""
    project.overlap, project.max_looks = overlap, max_looks
    project.save()


class TestSettle:
    def test_one_of_two_votes_decides_nothing(
        self, project: Project, people: list[User], make_item: MakeItem
    ) -> None:
        item = make_item()
        answer(project, people[0], "alpha")
        assert (label_of(item), task_of(item).state) == (None, TaskState.OPEN)

    def test_two_that_agree_resolve_the_item(
        self, project: Project, people: list[User], make_item: MakeItem
    ) -> None:
        item = make_item()
        answer(project, people[0], "beta")
        last = answer(project, people[1], "beta")
        found = Resolution.objects.get()
        assert (found.item, str(found.label), found.method) == (item, "beta", "agreement")
        assert (found.votes, found.resolved_at) == (2, last.created_at)
        task = task_of(item)
        assert task.state == TaskState.CLOSED
        assert task.closed_at is not None
        moved = Event.objects.get(verb="moved")
        assert (moved.actor, moved.before, moved.after) == (people[1], "open", "closed")
        assert claim(project=project, user=people[2]) is None

    def test_two_that_disagree_go_to_a_reviewer(
        self, project: Project, people: list[User], make_item: MakeItem
    ) -> None:
        item = make_item()
        answer(project, people[0], "alpha")
        answer(project, people[1], "beta")
        assert (label_of(item), task_of(item).state) == (None, TaskState.REVIEW)
        assert claim(project=project, user=people[2]) is None

    def test_a_third_look_breaks_the_tie_where_three_are_allowed(
        self, project: Project, people: list[User], make_item: MakeItem
    ) -> None:
        set_looks(project, 2, 3)
        item = make_item()
        answer(project, people[0], "alpha")
        answer(project, people[1], "beta")
        assert task_of(item).state == TaskState.OPEN
        answer(project, people[2], "beta")
        assert (label_of(item), task_of(item).state) == ("beta", TaskState.CLOSED)
        assert Resolution.objects.get().votes == 3

    def test_three_that_all_differ_go_to_a_reviewer(
        self, project: Project, people: list[User], make_item: MakeItem
    ) -> None:
        set_looks(project, 2, 3)
        item = make_item()
        for user, name in zip(people, ("alpha", "beta", "gamma"), strict=False):
            answer(project, user, name)
        assert (label_of(item), task_of(item).state) == (None, TaskState.REVIEW)
        assert claim(project=project, user=people[3]) is None

    def test_one_look_is_enough_where_one_is_wanted(
        self, project: Project, people: list[User], make_item: MakeItem
    ) -> None:
        set_looks(project, 1, 1)
        item = make_item()
        answer(project, people[0], "gamma")
        assert label_of(item) == "gamma"
        undo(project=project, user=people[0])
        assert label_of(item) is None

    def test_tasks_that_exist_keep_their_looks(
        self, project: Project, people: list[User], make_item: MakeItem
    ) -> None:
        item = make_item()
        set_looks(project, 1, 1)
        answer(project, people[0], "alpha")
        assert label_of(item) is None
        assert take(project, people[1]).task.item == item


class TestRecompute:
    def test_finds_nothing_to_change(
        self, project: Project, people: list[User], make_item: MakeItem
    ) -> None:
        make_item()
        for user in people[:2]:
            answer(project, user, "alpha")
        assert recompute(project=project) == 0

    def test_mends_what_was_written_past_the_verbs(
        self, project: Project, people: list[User], make_item: MakeItem
    ) -> None:
        items = [make_item() for _ in range(3)]
        for user in people[:2]:
            for _ in items:
                answer(project, user, "alpha")
        beta = project.labels.get(name="beta")
        Resolution.objects.filter(item=items[0]).update(label=beta)
        Resolution.objects.filter(item=items[1]).delete()
        assert recompute(project=project) == 3  # one label instead of another, and one more
        assert [label_of(item) for item in items] == ["alpha"] * 3
        assert recompute(project=project) == 0
