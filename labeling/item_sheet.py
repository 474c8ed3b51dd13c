"""The whole of one item: what stands, and how it came to that."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from labeling.cases import letters
from labeling.models import (
    Adjudication,
    Annotation,
    Assignment,
    Event,
    Item,
    Label,
    LookState,
    Task,
    TaskState,
)

EVENTS_SHOWN = 100


@dataclass(frozen=True)
class Answer:
    """An answer to an item, with the name of its giver where that may be known."""

    voter: str
    annotation: Annotation


@dataclass(frozen=True)
class Entry:
    """One line of an item's history.

    Attributes:
        when: the time of it.
        kind: added, asked, answer, decision or event.
        who: a person, a file, or a letter where the person has to stay unknown.
        text: what happened.
        label: the label that was given or suggested, if any.
        note: what was said.
        over: whether something later has taken its place.
        answer: the key of an answer, which has a page of its own.
    """

    when: datetime
    kind: str
    who: str
    text: str
    label: Label | None = None
    note: str = ""
    over: bool = False
    answer: int | None = None


@dataclass(frozen=True)
class Sheet:
    """All that is known of one item; `answers` are those that count.

    `kept_for` are the members who alone may label it; nobody, where everybody may. `to_reopen` is
    the decision that stands, where the user may reopen it.
    """

    item: Item
    tasks: list[Task]
    kept_for: list[str]
    answers: list[Answer]
    hidden: int
    decisions: list[Adjudication]
    to_reopen: Adjudication | None
    history: list[Entry]


def sheet_of(item: Item, user: User) -> Sheet:
    """Gather an item's tasks, answers, decisions and events.

    Nobody sees the answers to an item that they may still get to label, and nobody their
    givers while a reviewer has still to decide.
    """
    tasks = list(_tasks(item, user))
    answers = _named(list(_answers(item)), tasks)
    live = [answer for answer in answers if _counts(answer.annotation)]
    hide = _may_still_answer(tasks)
    secret = {answer.annotation.annotator_id for answer in answers if _in_review(tasks)}
    decisions = list(item.adjudications.select_related("label", "decided_by", "reopening"))
    own = any(answer.annotation.annotator_id == user.pk for answer in answers)
    entries = [
        *_added(item),
        *(_asked(task, hide=hide) for task in tasks),
        *(_answered(answer) for answer in ([] if hide else answers)),
        *_decided(decisions),
        *(_happened(event, secret) for event in _events(item, tasks)[:EVENTS_SHOWN]),
    ]
    return Sheet(
        item=item,
        tasks=tasks,
        kept_for=_kept_for(tasks),
        answers=[] if hide else live,
        hidden=len(live) if hide else 0,
        decisions=decisions,
        to_reopen=None if own else _standing(decisions),
        history=sorted(entries, key=lambda entry: entry.when, reverse=True),
    )


def _tasks(item: Item, user: User) -> QuerySet[Task]:
    over = [LookState.DONE, LookState.SKIPPED]
    mine = Assignment.objects.filter(task=OuterRef("pk"), annotator=user, state__in=over)
    asked = item.tasks.filter(checked=None)
    return asked.select_related("suggestion").annotate(had=Exists(mine))


def _kept_for(tasks: Sequence[Task]) -> list[str]:
    named = {pk for task in tasks if task.state == TaskState.OPEN for pk in task.reserved}
    if not named:
        return []
    users = User.objects.filter(pk__in=named).order_by("username")
    return list(users.values_list("username", flat=True))


def _answers(item: Item) -> QuerySet[Annotation]:
    given = Annotation.objects.filter(item=item, checking=False)
    return given.select_related(
        "label", "annotator", "guideline", "assignment", "superseded_by"
    ).order_by("id")


def _counts(annotation: Annotation) -> bool:
    return annotation.label_id is not None and not hasattr(annotation, "superseded_by")


def _may_still_answer(tasks: Sequence[Task]) -> bool:
    """Tell whether a look of the item's open task could still go to the one who asks."""
    task = next((task for task in tasks if task.state == TaskState.OPEN), None)
    return task is not None and not getattr(task, "had", False)


def _in_review(tasks: Sequence[Task]) -> bool:
    return any(task.state == TaskState.REVIEW for task in tasks)


def _named(answers: list[Annotation], tasks: list[Task]) -> list[Answer]:
    if _in_review(tasks):
        names = [f"annotator {letter}" for letter in letters(answers)]
    else:
        names = [str(answer.annotator) for answer in answers]
    return [Answer(name, answer) for name, answer in zip(names, answers, strict=True)]


def _added(item: Item) -> Iterator[Entry]:
    if item.import_job is None:
        yield Entry(item.created_at, "added", "", "added")
    else:
        yield Entry(item.created_at, "added", item.import_job.source, "brought it in")


def _asked(task: Task, *, hide: bool) -> Entry:
    looks = "a reviewer" if task.wanted == 0 else f"{task.wanted} look{'s'[: task.wanted != 1]}"
    blind = ", blind" if task.blind else ""
    # A reviewer asks for a model's opinion on the case itself, where that is noted.
    unasked = task.blind or hide or task.state == TaskState.REVIEW
    label = None if unasked else task.revealed
    text = f"asked for {looks}: {task.get_reason_display()}{blind}"
    if label is not None:
        text += f", {task.suggestion_source or 'suggestion'} says"
    return Entry(task.created_at, "asked", "", text, label, task.note)


def _answered(answer: Answer) -> Entry:
    given = answer.annotation
    text = "took the answer back" if given.label is None else "answered"
    if given.flagged:
        text += " and flagged it"
    details = [given.note]
    if given.guideline is not None:
        details.append(f"guideline {given.guideline}")
    if given.seconds is not None:
        details.append(f"{given.seconds:.1f} s")
    note = ", ".join(filter(None, details)) if given.label else given.note
    over = hasattr(given, "superseded_by")
    return Entry(
        *(given.created_at, "answer", answer.voter, text, given.label, note, over, given.pk)
    )


def _standing(decisions: Sequence[Adjudication]) -> Adjudication | None:
    standing = [made for made in decisions if not hasattr(made, "reopening")]
    return standing[-1] if standing else None


def _decided(decisions: Sequence[Adjudication]) -> Iterator[Entry]:
    standing = _standing(decisions)
    for made in decisions:
        text = "put it out of scope" if made.label is None else f"decided by {made.method}"
        yield Entry(
            when=made.created_at,
            kind="decision",
            who=str(made.decided_by or ""),
            text=text,
            label=made.label,
            note=made.comment,
            over=made != standing,
        )


def _happened(event: Event, secret: set[int]) -> Entry:
    parts = [event.verb, event.subject_type]
    parts += [f"from {event.before}"] if event.before else []
    parts += [f"to {event.after}"] if event.after else []
    who = "an annotator" if event.actor_id in secret else str(event.actor or "the system")
    return Entry(event.created_at, "event", who, " ".join(parts), note=event.reason)


def _events(item: Item, tasks: list[Task]) -> QuerySet[Event]:
    of_item = Q(subject_type="item", subject_id=str(item.pk))
    of_tasks = Q(subject_type="task", subject_id__in=[str(task.pk) for task in tasks])
    events = Event.objects.filter(of_item | of_tasks, project=item.project_id)
    return events.select_related("actor").order_by("-id")
