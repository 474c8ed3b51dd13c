"""All that is known of an item: read once, then judged and changed without asking again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Subquery

from labeling.models import (
    Adjudication,
    Annotation,
    Assignment,
    Item,
    LookState,
    Resolution,
    Task,
    TaskState,
)


@dataclass
class Dossier:
    """An item with its looks and answers of all its tasks; the verbs keep it current.

    Attributes:
        item: which item.
        label: its label as it is stored, if it has one.
        looks: of all its tasks, each with its task.
        ends: the newest answer of each chain; one without label was taken back.
        live: the state of the task that is not closed, if there is one.
        decided: the id of the newest decision of a person, if there is one.
    """

    item: Item
    label: Resolution | None
    looks: list[Assignment]
    ends: list[Annotation]
    live: TaskState | None
    decided: int | None

    def look(self, assignment_id: int) -> Assignment:
        """Return one of the looks."""
        return next(look for look in self.looks if look.pk == assignment_id)

    def looks_of(self, task: Task) -> list[Assignment]:
        """Return the looks of one task."""
        return [look for look in self.looks if look.task_id == task.pk]

    def votes(self) -> list[Annotation]:
        """Return the answers that count, on any task, the oldest first."""
        done = {look.pk for look in self.looks if look.state == LookState.DONE}
        return [end for end in self.ends if end.label_id and end.assignment_id in done]

    def votes_of(self, task: Task) -> list[Annotation]:
        """Return the answers to one task that count."""
        own = {look.pk for look in self.looks_of(task)}
        return [vote for vote in self.votes() if vote.assignment_id in own]

    def end_of(self, look: Assignment, user_id: int) -> Annotation | None:
        """Return the newest row of a person's chain of answers to a look."""
        mine = (end for end in self.ends if end.annotator_id == user_id)
        return next((end for end in mine if end.assignment_id == look.pk), None)

    def add(self, answer: Annotation) -> None:
        """Take a new answer in, in place of the one that it supersedes."""
        self.ends = [end for end in self.ends if end.pk != answer.supersedes_id] + [answer]


def read(item_id: int, locked: Task | None = None) -> Dossier:
    """Read all that is known of an item.

    Args:
        item_id: which item.
        locked: the task that the caller holds; the looks point to this very object.
    """
    item = _with_standing(item_id)
    looks = list(Assignment.objects.filter(task__item=item_id).select_related("task"))
    for look in looks:
        if locked is not None and look.task_id == locked.pk:
            look.task = locked
        else:
            look.task.project = item.project
    ends = Annotation.objects.filter(item=item_id, superseded_by=None).order_by("id")
    return Dossier(
        item=item,
        label=getattr(item, "resolution", None),
        looks=looks,
        ends=list(ends),
        live=TaskState(item.live_state) if item.live_state else None,
        decided=item.decided_by,
    )


def tasks_of(looks: Sequence[Assignment]) -> list[Task]:
    """Return the tasks of these looks, the newest first."""
    found = {look.task_id: look.task for look in looks}
    return [found[pk] for pk in sorted(found, reverse=True)]


def _with_standing(item_id: int) -> Any:
    live = Task.objects.filter(item=OuterRef("pk")).exclude(state=TaskState.CLOSED).order_by()
    decisions = Adjudication.objects.filter(item=OuterRef("pk")).order_by("-id")
    return (
        Item.with_deleted.select_related("resolution", "project")
        .defer("title", "body", "url", "metadata")
        .annotate(
            live_state=Subquery(live.values("state")[:1]),
            decided_by=Subquery(decisions.values("pk")[:1]),
        )
        .get(pk=item_id)
    )
