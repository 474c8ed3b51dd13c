"""Answers whose giver wants a reviewer to see them."""

from collections.abc import Callable

from accounts.models import User
from labeling.adjudicate import decide, send_back
from labeling.annotate import submit, undo
from labeling.cases import desk_of
from labeling.models import Annotation, Item, Project, Role, TaskState
from labeling.resolve import recompute
from tests.conftest import join
from tests.labeling.steps import answer, give, label_of, take, task_of

MakeItem = Callable[..., Item]


def flag(project: Project, user: User, label: str) -> Annotation:
    """Claim a look and answer it with a flag."""
    look = take(project, user)
    return submit(
        project=project,
        user=user,
        assignment_id=look.pk,
        token=look.token,
        label_name=label,
        idempotency_key=f"flag {look.pk}",
        flagged=True,
    )


def test_a_flag_goes_to_a_reviewer_once_all_looks_are_given(
    project: Project,
    annotator: User,
    second_annotator: User,
    reviewer: User,
    make_item: MakeItem,
) -> None:
    item = make_item()
    flag(project, annotator, "alpha")
    assert task_of(item).state == TaskState.OPEN
    answer(project, second_annotator, "alpha")
    assert (task_of(item).state, label_of(item)) == (TaskState.REVIEW, None)
    assert [case.reason for case in desk_of(project, reviewer).waiting.cases] == ["flagged"]
    assert recompute(project=project) == 0
    decide(project=project, user=reviewer, task_id=task_of(item).pk, label_name="beta")
    assert label_of(item) == "beta"


def test_sent_back_it_waits_for_one_more_look_and_returns(
    project: Project,
    annotator: User,
    second_annotator: User,
    reviewer: User,
    make_item: MakeItem,
) -> None:
    item = make_item()
    flag(project, annotator, "alpha")
    answer(project, second_annotator, "alpha")
    send_back(project=project, user=reviewer, task_id=task_of(item).pk, comment="once more")
    third = join(project, "third", Role.ANNOTATOR)
    answer(project, third, "alpha")
    assert (task_of(item).state, label_of(item)) == (TaskState.REVIEW, None)


def test_taken_back_the_flag_is_gone(
    project: Project, annotator: User, second_annotator: User, make_item: MakeItem
) -> None:
    item = make_item()
    flag(project, annotator, "alpha")
    answer(project, second_annotator, "alpha")
    give(undo(project=project, user=annotator), annotator, "alpha")
    assert (task_of(item).state, label_of(item)) == (TaskState.CLOSED, "alpha")
