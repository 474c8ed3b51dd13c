"""Giving an answer, and taking it back."""

from django.db import transaction
from django.utils.crypto import get_random_string

from accounts.models import User
from labeling.errors import Conflict, Invalid
from labeling.labels import label_named
from labeling.looks import lease, lock_task, release
from labeling.models import (
    Annotation,
    Assignment,
    LookState,
    Project,
    Task,
    TaskState,
)
from labeling.queue import locked_look
from labeling.resolve import reopen, settle

LOST = "This item went to somebody else after its lease ran out; your answer was not counted."
DECIDED = "This item was decided meanwhile; your answer was not counted."
MAX_SECONDS = 3600.0
KEY_LIMIT = 64


@transaction.atomic
def submit(
    *,
    project: Project,
    user: User,
    assignment_id: int,
    token: str,
    label_name: str,
    idempotency_key: str,
    seconds: float | None = None,
    note: str = "",
) -> Annotation:
    """Answer a look that the user holds; sending the same key again answers the same.

    A lease that has run out still counts while nobody else has taken the look.

    Raises:
        Invalid: an unknown label, or no idempotency key.
        Conflict: the look is another's by now, or its task was decided.
    """
    _must_be_key(idempotency_key)
    label = label_named(project, label_name)
    look, task = locked_look(project=project, assignment_id=assignment_id)
    earlier = Annotation.objects.filter(annotator=user, idempotency_key=idempotency_key).first()
    if earlier is not None:
        return _same_answer(earlier, look)
    _must_hold(look, task, user, token)
    annotation = Annotation.objects.create(
        project=project,
        item=task.item,
        assignment=look,
        annotator=user,
        label=label,
        guideline=project.guidelines.first(),
        supersedes=_end_of_chain(look, user),
        idempotency_key=idempotency_key,
        seconds=_bounded(seconds),
        note=note,
    )
    _complete(look, annotation)
    settle(task, actor=user)
    return annotation


@transaction.atomic
def undo(*, project: Project, user: User) -> Assignment:
    """Take back the user's newest answer and lease its look to the user again.

    Raises:
        Conflict: there is nothing to take back, or a reviewer has decided since.
    """
    last = _newest_answer(project, user)
    if last is None:
        raise Conflict("There is no answer of yours to take back.")
    _lock_all(project, user, last)
    look, task = locked_look(project=project, assignment_id=last.assignment_id)
    last = _newest_answer(project, user)
    if last is None or last.assignment_id != look.pk:
        raise Conflict("That answer was taken back already.")
    _must_be_open_to_undo(task)
    Annotation.objects.create(
        project=project,
        item=task.item,
        assignment=look,
        annotator=user,
        supersedes=last,
        idempotency_key=get_random_string(32),
    )
    _release_others(project, user)
    leased = lease(look, user, project.lease_minutes)
    reopen(task, actor=user)
    return leased


def _must_be_key(key: str) -> None:
    if not 0 < len(key) <= KEY_LIMIT:
        raise Invalid(
            f"idempotency_key: send one of 1 to {KEY_LIMIT} characters, new for each answer."
        )


def _bounded(seconds: float | None) -> float | None:
    # In this order, so that what is no number becomes 0.
    return None if seconds is None else min(max(0.0, seconds), MAX_SECONDS)


def _same_answer(earlier: Annotation, look: Assignment) -> Annotation:
    if earlier.assignment_id != look.pk:
        raise Conflict("This idempotency key was used for another item.")
    return earlier


def _must_hold(look: Assignment, task: Task, user: User, token: str) -> None:
    if look.state == LookState.DONE and look.annotator_id == user.pk:
        raise Conflict("You have answered this item already, perhaps in another tab.")
    if task.state != TaskState.OPEN:
        raise Conflict(DECIDED)
    held = look.state == LookState.LEASED and look.annotator_id == user.pk
    released = look.state == LookState.FREE and f"-{user.pk}," not in look.audience
    if not token or look.token != token or not (held or released):
        raise Conflict(LOST)


def _end_of_chain(look: Assignment, user: User) -> Annotation | None:
    return look.annotations.filter(annotator=user, superseded_by=None).first()


def _complete(look: Assignment, annotation: Annotation) -> None:
    look.state, look.done_at, look.lease_expires_at = LookState.DONE, annotation.created_at, None
    look.annotator, look.token, look.audience = annotation.annotator, "", ""
    look.save(
        update_fields=["state", "done_at", "lease_expires_at", "annotator", "token", "audience"]
    )


def _newest_answer(project: Project, user: User) -> Annotation | None:
    mine = Annotation.objects.live().filter(project=project, annotator=user)
    return mine.filter(assignment__state=LookState.DONE).order_by("-id").first()


def _must_be_open_to_undo(task: Task) -> None:
    if task.adjudications.exists():
        raise Conflict("A reviewer has decided this item since; the answer stays.")
    others = Task.objects.filter(item=task.item).exclude(state=TaskState.CLOSED)
    if others.exclude(pk=task.pk).exists():
        raise Conflict("This item is being looked at again already; the answer stays.")


def _lock_all(project: Project, user: User, last: Annotation) -> None:
    """Lock the tasks that an undo touches in one order for everybody, against a deadlock."""
    held = Assignment.objects.filter(project=project, annotator=user, state=LookState.LEASED)
    tasks = {last.assignment.task_id, *held.values_list("task_id", flat=True)}
    for task_id in sorted(tasks):
        lock_task(task_id)


def _release_others(project: Project, user: User) -> None:
    held = Assignment.objects.filter(project=project, annotator=user, state=LookState.LEASED)
    for pk in held.values_list("pk", flat=True):
        look, task = locked_look(project=project, assignment_id=pk)
        if look.state == LookState.LEASED and look.annotator_id == user.pk:
            release(look)
            settle(task, actor=user)
