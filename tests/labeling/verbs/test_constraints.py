"""What the verbs forbid, the database forbids too."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from labeling.models import (
    Annotation,
    Assignment,
    Item,
    LookState,
    Project,
    Task,
    TaskState,
)
from labeling.statistics.text import text_hash
from tests.labeling.steps import answer, ask, take

MakeItem = Callable[..., Item]


class TestLooks:
    """Tasks, looks and items."""

    def test_one_look_of_an_annotator_at_a_task(
        self, project: Project, annotator: User, make_item: MakeItem
    ) -> None:
        look = take_any(project, annotator, make_item)
        with pytest.raises(IntegrityError, match="assignment"), transaction.atomic():
            Assignment.objects.create(
                project=project,
                task=look.task,
                slot=9,
                state=LookState.DONE,
                annotator=annotator,
            )

    def test_one_live_task_of_an_item(self, project: Project, make_item: MakeItem) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            Task.objects.create(project=project, item=make_item(), state=TaskState.REVIEW)

    @pytest.mark.parametrize(
        "fields",
        [
            {"state": LookState.FREE},
            {"token": ""},
            {"lease_expires_at": None},
            {"annotator": None},
        ],
    )
    def test_a_lease_is_whole(
        self,
        project: Project,
        annotator: User,
        make_item: MakeItem,
        fields: dict[str, object],
    ) -> None:
        look = take_any(project, annotator, make_item)
        with pytest.raises(IntegrityError), transaction.atomic():
            Assignment.objects.filter(pk=look.pk).update(**fields)

    def test_a_blind_task_has_no_suggestion(self, project: Project, make_item: MakeItem) -> None:
        task = ask(make_item(task=False))
        with pytest.raises(IntegrityError), transaction.atomic():
            Task.objects.filter(pk=task.pk).update(blind=True)

    def test_a_text_comes_in_once(self, project: Project, make_item: MakeItem) -> None:
        make_item("The same", "text")
        with pytest.raises(IntegrityError), transaction.atomic():
            Item.objects.create(
                project=project,
                external_id="another",
                title="the  SAME",
                body="text",
                text_hash=text_hash("the  SAME", "text"),
                draw=0,
            )


class TestAnswers:
    """Answers."""

    def test_one_chain_of_answers_to_a_look(
        self, project: Project, annotator: User, make_item: MakeItem
    ) -> None:
        make_item()
        given = answer(project, annotator, "alpha")
        with pytest.raises(IntegrityError), transaction.atomic():
            self.again(given)

    def test_a_chain_does_not_fork(
        self, project: Project, annotator: User, make_item: MakeItem
    ) -> None:
        make_item()
        given = answer(project, annotator, "alpha")
        self.again(given, supersedes=given)
        with pytest.raises(IntegrityError), transaction.atomic():
            self.again(given, supersedes=given, idempotency_key="third")

    def test_one_answer_for_an_idempotency_key(
        self, project: Project, annotator: User, make_item: MakeItem
    ) -> None:
        make_item()
        given = answer(project, annotator, "alpha")
        with pytest.raises(IntegrityError), transaction.atomic():
            self.again(given, supersedes=given, idempotency_key=given.idempotency_key)

    @staticmethod
    def again(given: Annotation, **fields: object) -> Annotation:
        """Write a second answer past the verb."""
        values = {
            "project": given.project,
            "item": given.item,
            "assignment": given.assignment,
            "annotator": given.annotator,
            "label": given.label,
            "idempotency_key": "second",
        }
        return Annotation.objects.create(**(values | fields))


def take_any(project: Project, user: User, make_item: MakeItem) -> Assignment:
    """Make an item and claim it."""
    make_item()
    look = take(project, user)
    assert look.lease_expires_at is not None
    assert look.lease_expires_at > timezone.now()
    return look
