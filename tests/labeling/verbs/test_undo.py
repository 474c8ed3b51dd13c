"""Taking an answer back."""

from collections.abc import Callable

import pytest

from accounts.models import User
from labeling.adjudicate import decide
from labeling.annotate import undo
from labeling.errors import Conflict
from labeling.models import Annotation, Item, Project, Role, TaskState
from labeling.queue import claim
from tests.conftest import join
from tests.labeling.steps import answer, disagree, give, label_of, take, task_of

MakeItem = Callable[..., Item]


@pytest.fixture
def third(project: Project) -> User:
    """A third annotator."""
    return join(project, "third", Role.ANNOTATOR)


class TestUndo:
    def test_takes_the_newest_answer_back_and_leases_its_look_again(
        self, project: Project, annotator: User, make_item: MakeItem
    ) -> None:
        first, second = make_item(), make_item()
        answer(project, annotator, "alpha")
        given = answer(project, annotator, "beta")
        look = undo(project=project, user=annotator)
        assert look.pk == given.assignment_id
        assert take(project, annotator).task.item == second
        assert [vote.item for vote in Annotation.objects.live()] == [first]
        last = Annotation.objects.latest("id")
        assert (last.supersedes, last.label) == (given, None)

    def test_reopens_the_task_and_takes_the_label_back(
        self, project: Project, annotator: User, second_annotator: User, make_item: MakeItem
    ) -> None:
        item = make_item()
        answer(project, annotator, "alpha")
        answer(project, second_annotator, "alpha")
        assert (label_of(item), task_of(item).state) == ("alpha", TaskState.CLOSED)
        look = undo(project=project, user=second_annotator)
        assert (label_of(item), task_of(item).state) == (None, TaskState.OPEN)
        assert task_of(item).closed_at is None
        given = give(look, second_annotator, "beta")
        assert given.supersedes is not None
        assert given.supersedes.label is None
        assert (label_of(item), task_of(item).state) == (None, TaskState.REVIEW)

    def test_takes_a_disagreement_back_from_the_reviewer(
        self, project: Project, annotator: User, second_annotator: User, make_item: MakeItem
    ) -> None:
        item = make_item()
        disagree(item, annotator, second_annotator)
        give(undo(project=project, user=second_annotator), second_annotator, "alpha")
        assert (label_of(item), task_of(item).state) == ("alpha", TaskState.CLOSED)

    def test_calls_a_look_off_that_is_no_longer_needed(
        self,
        project: Project,
        annotator: User,
        second_annotator: User,
        third: User,
        make_item: MakeItem,
    ) -> None:
        """The third look was wanted because of the disagreement that is taken back."""
        Project.objects.update(max_looks=3)
        project.refresh_from_db()
        item = make_item()
        answer(project, annotator, "alpha")
        answer(project, second_annotator, "beta")
        undo(project=project, user=second_annotator)
        assert claim(project=project, user=third) is None
        answer(project, second_annotator, "alpha")
        assert (label_of(item), Annotation.objects.live().count()) == ("alpha", 2)

    def test_lets_the_outvoted_answer_again(
        self,
        project: Project,
        annotator: User,
        second_annotator: User,
        third: User,
        make_item: MakeItem,
    ) -> None:
        Project.objects.update(max_looks=3)
        project.refresh_from_db()
        item = make_item()
        for user, name in ((annotator, "alpha"), (second_annotator, "beta"), (third, "alpha")):
            answer(project, user, name)
        assert label_of(item) == "alpha"
        look = undo(project=project, user=second_annotator)
        assert (label_of(item), task_of(item).state) == ("alpha", TaskState.OPEN)
        give(look, second_annotator, "gamma")
        assert (label_of(item), task_of(item).state) == ("alpha", TaskState.CLOSED)

    def test_gives_the_look_back_that_was_held(
        self, project: Project, annotator: User, second_annotator: User, make_item: MakeItem
    ) -> None:
        project.overlap = 1
        make_item()
        second = make_item()
        answer(project, annotator, "alpha")
        take(project, annotator)
        undo(project=project, user=annotator)
        assert take(project, second_annotator).task.item == second

    def test_twice_takes_two_answers_back(
        self, project: Project, annotator: User, make_item: MakeItem
    ) -> None:
        make_item()
        make_item()
        first = answer(project, annotator, "alpha")
        answer(project, annotator, "alpha")
        undo(project=project, user=annotator)
        assert undo(project=project, user=annotator).pk == first.assignment_id
        assert not Annotation.objects.live().exists()
        with pytest.raises(Conflict, match="no answer of yours"):
            undo(project=project, user=annotator)

    def test_is_refused_once_a_reviewer_has_decided(
        self,
        project: Project,
        annotator: User,
        second_annotator: User,
        reviewer: User,
        make_item: MakeItem,
    ) -> None:
        item = make_item()
        task = disagree(item, annotator, second_annotator)
        decide(project=project, user=reviewer, task_id=task.pk, label_name="gamma")
        with pytest.raises(Conflict, match="reviewer has decided"):
            undo(project=project, user=annotator)
        assert label_of(item) == "gamma"

    def test_a_key_that_looks_like_an_undo_does_no_harm(
        self, project: Project, annotator: User, make_item: MakeItem
    ) -> None:
        make_item()
        look = take(project, annotator)
        newest = Annotation.objects.order_by("-pk").first()
        give(look, annotator, "alpha", key=f"undo-{newest.pk + 1 if newest else 1}")
        undo(project=project, user=annotator)
        assert not Annotation.objects.live().exists()
