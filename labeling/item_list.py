"""The items of a project by what a reviewer looks for, and the whole of one item."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Prefetch, Q, QuerySet

from accounts.models import User
from labeling.cases import letters
from labeling.models import (
    Adjudication,
    Annotation,
    Assignment,
    Event,
    Item,
    LookState,
    Project,
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
class Sheet:
    """All that is known of one item."""

    item: Item
    tasks: list[Task]
    answers: list[Answer]
    hidden: int
    decisions: list[Adjudication]
    events: list[Event]


def find_items(project: Project, chosen: dict[str, str]) -> QuerySet[Item]:
    """Return the items that match all of `q`, `label`, `status` and `split` that are given."""
    items = project.items.select_related("resolution__label").prefetch_related(
        Prefetch("tasks", Task.objects.exclude(state=TaskState.CLOSED))
    )
    text = chosen.get("q", "")
    conditions = {
        "q": Q(title__icontains=text) | Q(body__icontains=text) | Q(external_id__icontains=text),
        "label": Q(resolution__label__name=chosen.get("label")),
        "split": Q(split=chosen.get("split")),
        "status": _STATUS.get(chosen.get("status", ""), Q()),
    }
    return items.filter(*(conditions[name] for name in chosen))


_STATUS = {
    "unlabeled": Q(resolution=None),
    "labeled": Q(resolution__isnull=False),
    "review": Q(pk__in=Task.objects.filter(state=TaskState.REVIEW).values("item")),
}


def looks_given(items: list[Item]) -> Counter[int]:
    """Return how many answers count for each of these items, by its id."""
    votes = Annotation.objects.live().filter(item__in=items)
    return Counter(votes.values_list("item", flat=True))


def sheet_of(item: Item, user: User) -> Sheet:
    """Gather an item's tasks, answers, decisions and events.

    Nobody sees the answers to an item that they may still get to label, and nobody their
    givers while a reviewer has still to decide.
    """
    tasks = list(item.tasks.select_related("suggestion"))
    answers = list(_answers(item))
    hidden = _may_still_answer(tasks, user)
    return Sheet(
        item=item,
        tasks=tasks,
        answers=[] if hidden else _named(answers, tasks),
        hidden=len(answers) if hidden else 0,
        decisions=list(item.adjudications.select_related("label", "decided_by")),
        events=list(_events(item, tasks)[:EVENTS_SHOWN]),
    )


def _answers(item: Item) -> QuerySet[Annotation]:
    live = Annotation.objects.live().filter(item=item)
    return live.select_related("label", "annotator", "guideline", "assignment").order_by("id")


def _may_still_answer(tasks: list[Task], user: User) -> bool:
    """Tell whether a look of the item's open task could still go to this person."""
    task = next((task for task in tasks if task.state == TaskState.OPEN), None)
    if task is None:
        return False
    over = (LookState.DONE, LookState.SKIPPED)
    return not Assignment.objects.filter(task=task, annotator=user, state__in=over).exists()


def _named(answers: list[Annotation], tasks: list[Task]) -> list[Answer]:
    if any(task.state == TaskState.REVIEW for task in tasks):
        names = [f"annotator {letter}" for letter in letters(answers)]
    else:
        names = [str(answer.annotator) for answer in answers]
    return [Answer(name, answer) for name, answer in zip(names, answers, strict=True)]


def _events(item: Item, tasks: list[Task]) -> QuerySet[Event]:
    of_item = Q(subject_type="item", subject_id=str(item.pk))
    of_tasks = Q(subject_type="task", subject_id__in=[str(task.pk) for task in tasks])
    events = Event.objects.filter(of_item | of_tasks, project=item.project_id)
    return events.select_related("actor").order_by("-id")
