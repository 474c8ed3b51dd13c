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
from labeling.verdicts import Policy

_STORED = (
    *("id", "project_id", "label_id", "method", "votes", "confidence", "weighing_id"),
    "resolved_at",
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
        decided: the id of the newest decision of a person that stands, if there is one.
        policy: what makes labels of votes, once that was asked.
    """

    item: Item
    label: Resolution | None
    looks: list[Assignment]
    ends: list[Annotation]
    live: TaskState | None
    decided: int | None
    policy: Policy | None = None

    def look(self, assignment_id: int) -> Assignment:
        """Return one of the looks."""
        return next(look for look in self.looks if look.pk == assignment_id)

    def looks_of(self, task: Task) -> list[Assignment]:
        """Return the looks of one task."""
        return [look for look in self.looks if look.task_id == task.pk]

    def votes(self) -> list[Annotation]:
        """Return the answers that count, on any task but checks, the oldest first."""
        done = {look.pk for look in self.looks if look.state == LookState.DONE}
        votes = (end for end in self.ends if end.label_id and not end.checking)
        return [vote for vote in votes if vote.assignment_id in done]

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
    standing = _standing(item_id, locked)
    looks = list(Assignment.objects.filter(task__item=item_id))
    _join_tasks(looks, locked)
    ends = Annotation.objects.filter(item=item_id, superseded_by=None).order_by("id")
    live = standing.pop("live_state", locked and locked.state)
    decided = standing.pop("decided_by")
    stored = {name: standing.pop(f"resolution__{name}") for name in _STORED}
    return Dossier(
        item=Item(**standing),
        label=Resolution(item_id=item_id, **stored) if stored["id"] else None,
        looks=looks,
        ends=list(ends),
        live=TaskState(live) if live else None,
        decided=decided,
    )


def tasks_of(looks: Sequence[Assignment]) -> list[Task]:
    """Return the tasks of these looks, the newest first."""
    found = {look.task_id: look.task for look in looks}
    return [found[pk] for pk in sorted(found, reverse=True)]


def _join_tasks(looks: Sequence[Assignment], locked: Task | None) -> None:
    """Give each look its task; as a rule all have the one that is locked."""
    known = {} if locked is None else {locked.pk: locked}
    others = {look.task_id for look in looks} - known.keys()
    if others:
        known |= Task.objects.select_related("project").in_bulk(others)
    for look in looks:
        look.task = known[look.task_id]


def _standing(item_id: int, locked: Task | None) -> dict[str, Any]:
    live = Task.objects.filter(item=OuterRef("pk")).exclude(state=TaskState.CLOSED).order_by()
    # An item has one live task at most: the locked one, unless that is closed.
    unknown = locked is None or locked.state == TaskState.CLOSED
    asked = {"live_state": Subquery(live.values("state")[:1])} if unknown else {}
    decisions = Adjudication.objects.standing().filter(item=OuterRef("pk")).order_by("-id")
    found: dict[str, Any] = Item.with_deleted.values(
        *("id", "project_id", "deletion_id", "status", "vote_count", "agreement"),
        *(f"resolution__{name}" for name in _STORED),
        decided_by=Subquery(decisions.values("pk")[:1]),
        **asked,
    ).get(pk=item_id)
    return found
