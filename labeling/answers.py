"""A person's newest answers, and whether they can be taken back."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.models import User
from labeling.models import (
    Adjudication,
    Annotation,
    Assignment,
    LookState,
    Project,
    Task,
    TaskState,
)

LAST = 10
UNDO_FOR = timedelta(hours=24)
DECIDED = "A reviewer has decided this item since; the answer stays."
LOOKED_AT_AGAIN = "This item is being looked at again already; the answer stays."
DELETED = "This item was deleted; the answer stays."
TOO_OLD = "This answer is more than a day old; it stays. Tell a reviewer if it is wrong."


@dataclass(frozen=True)
class LastAnswer:
    """One of a person's newest answers; `obstacle` says why it can't be taken back, if so."""

    annotation: Annotation
    obstacle: str

    @property
    def open_to_undo(self) -> bool:
        """Whether it can be taken back."""
        return not self.obstacle


def last_answers(project: Project, user: User, limit: int = LAST) -> list[LastAnswer]:
    """Return a user's newest answers that count, each with its item and label."""
    return [LastAnswer(found, obstacle_to_undo(found)) for found in _newest(project, user)[:limit]]


def obstacle_to_undo(answer: Annotation) -> str:
    """Return why one of the `last_answers` can't be taken back; empty where it can."""
    if answer.item.deletion_id is not None:
        return DELETED
    if answer.decided:  # type: ignore[attr-defined]
        return DECIDED
    if answer.looked_at_again:  # type: ignore[attr-defined]
        return LOOKED_AT_AGAIN
    return TOO_OLD if answer.created_at < timezone.now() - UNDO_FOR else ""


def _newest(project: Project, user: User) -> QuerySet[Annotation]:
    done = Assignment.objects.filter(project=project, annotator=user, state=LookState.DONE)
    # The index on them ends the search after a few; annotations alone would all be sorted.
    newest = done.order_by("-done_at").values("pk")[: 2 * LAST]
    decided = Adjudication.objects.filter(task=OuterRef("assignment__task"))
    live = Task.objects.filter(item=OuterRef("item")).exclude(state=TaskState.CLOSED)
    return (
        Annotation.objects.current()
        .filter(assignment__in=newest, annotator=user, imported=False)
        .select_related("item", "label", "assignment")
        .annotate(
            decided=Exists(decided),
            looked_at_again=Exists(live.exclude(pk=OuterRef("assignment__task"))),
        )
        .order_by("-id")
    )
