"""All that is known of many items, in a handful of queries: what `labeling.dossier` is for one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from labeling.looks import STANDING
from labeling.models import (
    Adjudication,
    Annotation,
    Assignment,
    Item,
    LookState,
    Project,
    Resolution,
    Task,
    TaskState,
)
from labeling.set_wise import Among
from labeling.statistics.consensus import Verdict
from labeling.verdicts import Ballot


@dataclass(slots=True)
class Look:
    """One look, as it is stored or as it is to be."""

    pk: int
    slot: int
    state: str
    annotator_id: int | None
    audience: str


@dataclass(slots=True)
class Asked:
    """A task that is no check, with its looks and the votes on it."""

    pk: int
    reason: str
    wanted: int
    state: str
    reserved: list[int]
    barred: list[int]
    priority: int
    rank: int
    note: str
    unsettled: bool
    looks: list[Look] = field(default_factory=list)
    ballots: list[Ballot] = field(default_factory=list)
    latest: datetime | None = None
    verdict: Verdict[int] | None = None

    @property
    def states(self) -> list[str]:
        """The states of its looks."""
        return [look.state for look in self.looks]

    @property
    def standing(self) -> list[Look]:
        """The looks that were not given yet."""
        return [look for look in self.looks if look.state in STANDING]


@dataclass(slots=True)
class Stored:
    """A label as it is stored, without the item."""

    label: int
    method: str
    votes: int
    confidence: float | None
    weighing: int | None
    resolved_at: datetime


@dataclass(slots=True)
class Case:
    """An item with its tasks, the newest first; `decision` is the newest of a person."""

    pk: int
    deleted: bool
    stated: tuple[str, int, float | None]
    stored: Stored | None
    decision: tuple[int | None, str, datetime] | None = None
    tasks: list[Asked] = field(default_factory=list)

    @property
    def live(self) -> Asked | None:
        """The task that is not closed, if there is one."""
        return next((task for task in self.tasks if task.state != TaskState.CLOSED), None)

    @property
    def looks(self) -> Iterator[Look]:
        """The looks of all its tasks."""
        return (look for task in self.tasks for look in task.looks)


def lock_cases(project: Project, items: Sequence[int]) -> list[Case]:
    """Hold items and their tasks until the transaction ends, and read what is known of them.

    In this order, which is that of all other verbs: so that nobody waits for each other.
    """
    cases = {case.pk: case for case in _items(project, items)}
    tasks = _tasks(cases)
    looks = _looks(tasks)
    _add_votes(cases, tasks, looks)
    made = Adjudication.objects.standing().filter(Among("item_id", cases)).order_by("id")
    for item, label, method, when in made.values_list(
        "item_id", "label_id", "method", "created_at"
    ):
        cases[item].decision = label, method, when
    return list(cases.values())


def _items(project: Project, items: Sequence[int]) -> Iterator[Case]:
    wanted = Item.with_deleted.filter(Among("pk", items), project=project).order_by("pk")
    rows = wanted.select_for_update(no_key=True).values_list(
        "pk", "deletion_id", "status", "vote_count", "agreement"
    )
    found = list(rows)
    labels = Resolution.objects.filter(Among("item_id", (row[0] for row in found))).values_list(
        *("item_id", "label_id", "method", "votes", "confidence", "weighing_id", "resolved_at")
    )
    stored = {item: Stored(*rest) for item, *rest in labels}
    for pk, deletion, status, votes, agreement in found:
        yield Case(pk, deletion is not None, (status, votes, agreement), stored.get(pk))


def _tasks(cases: dict[int, Case]) -> dict[int, Asked]:
    rows = Task.objects.filter(Among("item_id", cases), checked=None).order_by("pk")
    found: dict[int, Asked] = {}
    names = (
        *("reason", "wanted", "state", "reserved", "barred"),
        *("priority", "rank", "note", "unsettled"),
    )
    for item, pk, *rest in rows.select_for_update().values_list("item_id", "pk", *names):
        found[pk] = Asked(pk, *rest)
        cases[item].tasks.insert(0, found[pk])
    return found


def _looks(tasks: dict[int, Asked]) -> dict[int, tuple[Asked, Look]]:
    rows = Assignment.objects.filter(Among("task_id", tasks)).order_by("task_id", "slot")
    found: dict[int, tuple[Asked, Look]] = {}
    for task, pk, slot, state, annotator, audience in rows.values_list(
        "task_id", "pk", "slot", "state", "annotator_id", "audience"
    ):
        look = Look(pk, slot, state, annotator, audience)
        tasks[task].looks.append(look)
        found[look.pk] = tasks[task], look
    return found


def _add_votes(
    cases: dict[int, Case], tasks: dict[int, Asked], looks: dict[int, tuple[Asked, Look]]
) -> None:
    votes = Annotation.objects.live().filter(Among("item_id", cases)).order_by()
    for place, annotator, label, flagged, when in votes.values_list(
        "assignment_id", "annotator_id", "label_id", "flagged", "created_at"
    ):
        task, look = looks[place]
        if look.state == LookState.DONE and label is not None:
            task.ballots.append(Ballot(annotator, label, flagged))
            task.latest = when if task.latest is None else max(task.latest, when)
