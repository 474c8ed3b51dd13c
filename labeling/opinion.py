"""What a model says of a case: told to a reviewer on request alone, and noted when it is."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from accounts.models import User
from labeling.errors import Conflict
from labeling.events import record, subject_of
from labeling.looks import lock_task
from labeling.models import Event, Item, Label, Project, Task, TaskState

ASKED = "asked for a model's opinion"
NOT_WAITING = "This case no longer waits for a reviewer."
BLIND = "This case is decided without a model: its item measures models or their pull on people."
NONE = "No model has said anything about this item yet."


@dataclass(frozen=True)
class Opinion:
    """A label, how sure its source was (0 to 1) if that is known, and who says so."""

    label: Label
    confidence: float | None
    source: str


Source = Callable[[Item], Opinion | None]
sources: list[Source] = []


def register(source: Source) -> None:
    """Let an app above say what a model thinks of an item; None where it knows nothing."""
    if source not in sources:
        sources.append(source)


def may_ask(task: Task) -> bool:
    """Tell whether a reviewer may have a model's opinion on a case before it is decided."""
    return not task.blind and not task.keeps_secret


@transaction.atomic
def ask_opinion(*, project: Project, user: User, task_id: int) -> Opinion:
    """Return what a model says of a case, and record that this reviewer asked.

    It is the task's suggestion, else what an app above knows. Asking again changes nothing.

    Raises:
        Conflict: the case no longer waits, is decided blind, or no model has said anything.
    """
    task = lock_task(task_id)
    if task.project_id != project.pk or task.state != TaskState.REVIEW:
        raise Conflict(NOT_WAITING)
    if not may_ask(task):
        raise Conflict(BLIND)
    opinion = _known(task)
    if opinion is None:
        raise Conflict(NONE)
    if not has_asked(task, user):
        record(
            project=project,
            actor=user,
            verb=ASKED,
            subject=task,
            after=opinion.label.name,
            reason=_words(opinion),
        )
    return opinion


def has_asked(task: Task, user: User) -> bool:
    """Tell whether a user has got a model's opinion on a task."""
    return Event.objects.filter(**subject_of(task), verb=ASKED, actor=user).exists()


def source_told(words: str) -> tuple[str, float | None]:
    """Return source and confidence of an opinion from the reason of the event that recorded it."""
    source, _, confidence = words.rpartition(": ")
    return source, float(confidence) if confidence else None


def _words(opinion: Opinion) -> str:
    sure = "" if opinion.confidence is None else f"{opinion.confidence:.2f}"
    return f"{opinion.source}: {sure}"


def _known(task: Task) -> Opinion | None:
    if task.suggestion is not None:
        source = task.suggestion_source or "suggestion"
        return Opinion(task.suggestion, task.suggestion_confidence, source)
    return next(filter(None, (source(task.item) for source in sources)), None)
