"""A reviewer's decision on a disagreement or a report."""

from django.db import transaction

from accounts.models import User
from labeling.decided import follow
from labeling.decided_before import decided_before
from labeling.dossier import read
from labeling.errors import Conflict, NotAllowed
from labeling.events import record
from labeling.labels import label_named
from labeling.looks import anybody_left, bar_holders, lock_task
from labeling.models import Adjudication, Annotation, Item, Project, Task, TaskState
from labeling.opinion import has_asked
from labeling.resolve import add_look, close
from labeling.status import restate

NOBODY_LEFT = "Nobody else is left who may look at this item: decide it, or add a member."
SECOND = "You decided this item before: the second look at it is another reviewer's."
OWN = "You gave an answer on this item yourself: another reviewer has to decide it."


@transaction.atomic
def decide(
    *, project: Project, user: User, task_id: int, label_name: str | None, comment: str = ""
) -> Adjudication:
    """Decide a task that waits for a reviewer; None as label puts the item out of scope.

    After a reopening, it supersedes the decision that stood before.

    Raises:
        NotAllowed: the reviewer annotated the item.
        Conflict: the task no longer waits for a reviewer.
        Invalid: an unknown label.
    """
    label = None if label_name is None else label_named(project, label_name)
    task = _task_in_review(project, task_id)
    not_own(task.item, user)
    _not_decided_before(task, user)
    decision = Adjudication.objects.create(
        project=project,
        item=task.item,
        task=task,
        label=label,
        decided_by=user,
        comment=comment,
        supersedes=task.adjudications.order_by("-id").first(),
        saw_opinion=has_asked(task, user),
    )
    close(task, actor=user, reason=comment)
    follow(decision)
    return decision


@transaction.atomic
def send_back(*, project: Project, user: User, task_id: int, comment: str) -> Task:
    """Ask the annotators for one more look, which is not for the reviewer who asks.

    Raises:
        NotAllowed: the reviewer annotated the item.
        Conflict: the task no longer waits for a reviewer, or nobody is left to look at it.
    """
    task = _task_in_review(project, task_id)
    not_own(task.item, user)
    known = read(task.item_id, task)
    task.barred = sorted({*task.barred, user.pk})
    if not anybody_left(task, known.looks):
        raise Conflict(NOBODY_LEFT)
    task.state = known.live = TaskState.OPEN
    task.note = "\n".join(filter(None, [task.note, comment]))
    task.save(update_fields=["state", "note", "barred"])
    add_look(task, known)
    bar_holders(task, known.looks)
    restate(task.item, known)
    record(
        project=project,
        actor=user,
        verb="sent back",
        subject=task,
        before=TaskState.REVIEW,
        after=TaskState.OPEN,
        reason=comment,
    )
    return task


def not_own(item: Item, user: User) -> None:
    """Refuse whoever gave an answer on an item, even one that was taken back.

    Raises:
        NotAllowed: the user did.
    """
    mine = Annotation.objects.filter(item=item, annotator=user, label__isnull=False)
    if mine.exists():
        raise NotAllowed(OWN)


def _not_decided_before(task: Task, user: User) -> None:
    if Task.objects.filter(decided_before(user), pk=task.pk).exists():
        raise NotAllowed(SECOND)


def _task_in_review(project: Project, task_id: int) -> Task:
    if not Task.objects.filter(project=project, pk=task_id).exists():
        raise Conflict("This case is no longer in the review queue.")
    task = lock_task(task_id)
    if task.state != TaskState.REVIEW:
        raise Conflict("This case was decided or sent back by somebody else meanwhile.")
    return task
