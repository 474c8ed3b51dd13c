"""Giving an answer, and taking it back."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Subquery
from django.utils import timezone
from django.utils.crypto import get_random_string

from accounts.models import User
from labeling.answers import LastAnswer, last_answers
from labeling.errors import Conflict, Invalid
from labeling.labels import label_named
from labeling.leasing import give_back, held_by, locked
from labeling.looks import lease, lock_task
from labeling.models import (
    Annotation,
    Assignment,
    LookState,
    Membership,
    Project,
    Task,
    TaskReason,
    TaskState,
)
from labeling.resolve import reopen, settle
from labeling.vigilance import ask_to_judge

LOST = "This item went to somebody else after its lease ran out; your answer was not counted."
DECIDED = "This item was decided meanwhile; your answer was not counted."
MAX_SECONDS = 3600.0
KEY_LIMIT = 64


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
    flagged: bool = False,
) -> Annotation:
    """Answer a look that the user holds; sending the same key again answers the same.

    A lease that has run out still counts while nobody else has taken the look. A flag sends the
    item to a reviewer once its looks are given, even where they agree; a member whose answers go
    to a reviewer flags them all. The answer to a check is judged by a worker afterwards: it takes
    no longer than others, so that its time tells nothing.

    Raises:
        Invalid: an unknown label, or no idempotency key.
        Missing: there is no such look in this project.
        Conflict: the look is another's by now, its task was decided, or the key was used.
    """
    if not 0 < len(idempotency_key) <= KEY_LIMIT:
        raise Invalid(
            f"idempotency_key: send one of 1 to {KEY_LIMIT} characters, new for each answer."
        )
    answer = Annotation(
        project=project,
        annotator=user,
        label=label_named(project, label_name),
        idempotency_key=idempotency_key,
        seconds=_bounded(seconds),
        note=note,
        flagged=flagged,
    )
    try:
        return _answer(answer, assignment_id, token)
    except IntegrityError:
        # Its key was used, perhaps at this very moment: the database knows for certain.
        earlier = _earlier(answer)
        if earlier is None:
            raise
        return _same_answer(earlier, assignment_id)


@transaction.atomic
def undo(
    *, project: Project, user: User, assignment_id: int | None = None, tab: str = ""
) -> Assignment:
    """Take one of the user's last ten answers back and lease its look to a tab again.

    What that tab holds besides goes back to the queue; what other tabs hold stays theirs.

    Args:
        project: where the answer was given.
        user: who gave it.
        assignment_id: the look that it answers; None is the newest answer.
        tab: the tab that is to hold the look.

    Raises:
        Conflict: there is nothing to take back, a reviewer has decided since, or it is too old.
    """
    _must_not_be_paused(project, user)
    first = _answer_to_undo(project, user, assignment_id)
    held = held_by(project, user, tab)
    # In one order for everybody, against a deadlock.
    for task_id in sorted({first.annotation.assignment.task_id, *held.values()}):
        lock_task(task_id)
    last = _answer_to_undo(project, user, assignment_id)
    if last.annotation != first.annotation:
        raise Conflict("That answer was taken back already.")
    look_id = last.annotation.assignment_id
    task, known = locked(project, look_id)
    if last.obstacle:
        raise Conflict(last.obstacle)
    undone = Annotation.objects.create(
        project=project,
        item_id=task.item_id,
        assignment_id=look_id,
        annotator=user,
        supersedes=last.annotation,
        checking=task.is_check,
        idempotency_key=get_random_string(32),
    )
    known.add(undone)
    give_back(project, user, held, actor=user)
    leased = lease(known.look(look_id), user, minutes=project.lease_minutes, tab=tab)
    reopen(task, actor=user, known=known)
    return leased


@transaction.atomic
def _answer(answer: Annotation, assignment_id: int, token: str) -> Annotation:
    task, known = locked(answer.project, assignment_id)
    look = known.look(assignment_id)
    refusal = _refusal(look, task, answer.annotator, token)
    if refusal:
        earlier = _earlier(answer)
        if earlier is None:
            raise Conflict(refusal)
        return _same_answer(earlier, assignment_id)
    answer.item_id, answer.assignment = task.item_id, look
    answer.checking = task.is_check
    _note_circumstances(answer, look.leased_at)
    answer.supersedes = known.end_of(look, answer.annotator_id)
    answer.save(force_insert=True)
    known.add(answer)
    _complete(look, answer)
    settle(task, actor=answer.annotator, known=known)
    if task.reason == TaskReason.GOLD:
        ask_to_judge(task.project, answer.annotator)
    return answer


def _note_circumstances(answer: Annotation, leased_at: datetime | None) -> None:
    """Write into an answer the guideline that was read for it, and the flag of a watched member."""
    # The version in force when the look was leased: one that came later was not read.
    known = answer.project.guidelines.filter(created_at__lte=leased_at or timezone.now())
    member = Membership.objects.filter(project=answer.project, user=answer.annotator)
    found = member.values_list(Subquery(known.values("pk")[:1]), "review_since").first()
    answer.guideline_id, watched = found or (None, None)
    answer.flagged = answer.flagged or (watched is not None and not answer.checking)


def _bounded(seconds: float | None) -> float | None:
    # In this order, so that what is no number becomes 0.
    return None if seconds is None else min(max(0.0, seconds), MAX_SECONDS)


def _earlier(answer: Annotation) -> Annotation | None:
    return Annotation.objects.filter(
        annotator=answer.annotator, idempotency_key=answer.idempotency_key
    ).first()


def _same_answer(earlier: Annotation, assignment_id: int) -> Annotation:
    if earlier.assignment_id != assignment_id:
        raise Conflict("This idempotency key was used for another item.")
    return earlier


def _refusal(look: Assignment, task: Task, user: User, token: str) -> str:
    """Return why a user may not answer a look; empty where the user may."""
    if look.state == LookState.DONE and look.annotator_id == user.pk:
        return "You have answered this item already, perhaps in another tab."
    if task.state != TaskState.OPEN and not task.is_check:
        return DECIDED
    held = look.state == LookState.LEASED and look.annotator_id == user.pk
    released = look.state == LookState.FREE and f"-{user.pk}," not in look.audience
    return "" if token and look.token == token and (held or released) else LOST


def _complete(look: Assignment, answer: Annotation) -> None:
    look.state, look.done_at, look.lease_expires_at = LookState.DONE, answer.created_at, None
    look.annotator, look.token, look.tab, look.audience = answer.annotator, "", "", ""
    fields = ["state", "done_at", "lease_expires_at", "annotator", "token", "tab", "audience"]
    look.save(update_fields=fields)


def _must_not_be_paused(project: Project, user: User) -> None:
    paused = Membership.objects.filter(project=project, user=user, paused_at__isnull=False)
    if paused.exists():
        raise Conflict("You are paused in this project; the answer stays.")


def _answer_to_undo(project: Project, user: User, assignment_id: int | None) -> LastAnswer:
    answers = last_answers(project, user)
    if assignment_id is None:
        found = next(iter(answers), None)
    else:
        found = next((a for a in answers if a.annotation.assignment_id == assignment_id), None)
    if found is None and assignment_id is None:
        raise Conflict("There is no answer of yours to take back.")
    if found is None:
        raise Conflict("This is none of your last ten answers, or it was taken back already.")
    return found
