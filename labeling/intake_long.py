"""Writing votes that were gathered elsewhere on items that the project has, many at a time.

They count as answers to the task that the item came in with. What follows for the items is settled
for all of them once the file is at its end: their tasks are marked until then.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from labeling.intake_people import people
from labeling.intake_votes import ANNOTATION, LOOK
from labeling.intake_write import (
    Chunk,
    hold,
    keep_problems,
    labels_of,
    lock_project,
    save_progress,
)
from labeling.looks import audience_of, read_audience, withdraw
from labeling.models import (
    DRAWS,
    Assignment,
    ImportJob,
    Item,
    LookState,
    Membership,
    Project,
    Split,
    Task,
    TaskReason,
    TaskState,
)
from labeling.readers import Problem, Row, Vote
from labeling.set_wise import Among, insert, moment, select, update_text

ITEMS = (
    "SELECT external_id, id, deletion_id, draw, split FROM labeling_item "
    "WHERE project_id = %s AND external_id {among}"
)
TASKS = (
    "SELECT item_id, MAX(id) FROM labeling_task "
    "WHERE reason = 'new' AND item_id {among} GROUP BY item_id"
)
SLOTS = "SELECT task_id, MAX(slot) FROM labeling_assignment WHERE task_id {among} GROUP BY task_id"
LOOKS = (
    "SELECT task_id, slot, id FROM labeling_assignment "
    "WHERE id > %s AND state = 'done' AND task_id {among}"
)
GIVEN = (
    "SELECT item_id, annotator_id, label_id FROM labeling_annotation a WHERE item_id {among} "
    "AND label_id IS NOT NULL AND NOT checking AND NOT EXISTS (SELECT 1 "
    "FROM labeling_annotation later WHERE later.supersedes_id = a.id)"
)
FREE = (
    "SELECT task_id, id FROM labeling_assignment WHERE state = 'free' AND task_id {among} "
    "ORDER BY slot DESC"
)


class Target(NamedTuple):
    """An item that votes are for."""

    pk: int
    deletion: int | None
    draw: int
    split: str


@dataclass(frozen=True)
class Ballot:
    """One vote of a file, with the ids of what it names."""

    number: int
    item: int
    annotator: int
    label: int
    vote: Vote


def write_votes(job: ImportJob, chunk: Chunk) -> None:
    """Write a chunk of votes and the way that the import has come, both or neither.

    A vote that the project has already adds nothing. One on an unknown item, or of somebody who
    has voted otherwise on it, is refused.

    Raises:
        JobLost: the import was cancelled or taken over.
        Invalid: the labels that are missing would be too many.
    """
    with transaction.atomic():
        hold(job)
        lock_project(job.project)
        targets = targets_of(job.project, chunk.rows)
        refused = [fault for row in chunk.rows if (fault := target_fault(row, targets))]
        bad = {fault.row for fault in refused}
        sound = [row for row in chunk.rows if row.number not in bad]
        ballots = _ballots(job, sound, targets)
        fresh, conflicts = _fresh(job, ballots)
        _write(job, fresh, {target.pk: target for target in targets.values()})
        keep_problems(job, [*chunk.problems, *refused, *conflicts])
        job.added += len(fresh)
        job.same_id += len(ballots) - len(fresh) - len(conflicts)
        job.cursor, job.done = chunk.cursor, max(job.done, chunk.done)
        save_progress(job)


def targets_of(project: Project, rows: Iterable[Row]) -> dict[str, Target]:
    """Return the items that votes are for, by external id; those that are missing left out."""
    found = select(ITEMS, {row.external_id for row in rows}, project.pk)
    return {key: Target(*rest) for key, *rest in found}


def target_fault(row: Row, targets: Mapping[str, Target]) -> Problem | None:
    """Return what is wrong with the item that a vote is for, or None."""
    target = targets.get(row.external_id)
    if target is None:
        reason = f"no item has the id '{row.external_id[:80]}'."
        return Problem(row.number, "external_id", reason, "Mend it, or import the items first.")
    if target.deletion is not None:
        fix = "Restore it under Items, or leave the vote out."
        return Problem(row.number, "external_id", "the item was deleted.", fix)
    return None


def _ballots(job: ImportJob, rows: Sequence[Row], targets: Mapping[str, Target]) -> list[Ballot]:
    labels = labels_of(job, rows)
    who = people(job.project, {row.votes[0].annotator for row in rows})
    return [
        Ballot(
            number=row.number,
            item=targets[row.external_id].pk,
            annotator=who[row.votes[0].annotator],
            label=labels[row.votes[0].label],
            vote=row.votes[0],
        )
        for row in rows
    ]


def _fresh(job: ImportJob, ballots: Sequence[Ballot]) -> tuple[list[Ballot], list[Problem]]:
    """Return the votes that the project has not yet, and those against a vote of the same person.

    Items and tasks are held from here on, in the order of all other verbs.
    """
    items = sorted({ballot.item for ballot in ballots})
    _lock(items)
    given = _given(items)
    fresh, conflicts = [], []
    for ballot in ballots:
        before = given.setdefault((ballot.item, ballot.annotator), None)
        if before is None:
            fresh.append(ballot)
            given[ballot.item, ballot.annotator] = ballot.label
        elif before != ballot.label:
            conflicts.append(_conflict(ballot))
    return fresh, conflicts


def _conflict(ballot: Ballot) -> Problem:
    return Problem(
        ballot.number,
        "annotator",
        f"'{ballot.vote.annotator[:80]}' has voted for another label on this item.",
        "One person has one vote an item: leave one of the two.",
    )


def _lock(items: Sequence[int]) -> None:
    if not connection.features.has_select_for_update:
        return
    held = Item.objects.filter(Among("pk", items)).order_by("pk").select_for_update(no_key=True)
    list(held.values_list("pk", flat=True))
    tasks = (
        Task.objects.filter(Among("item_id", items), checked=None)
        .order_by("pk")
        .select_for_update()
    )
    list(tasks.values_list("pk", flat=True))


def _given(items: Sequence[int]) -> dict[tuple[int, int], int | None]:
    """Return the votes that there are on items, by item and annotator."""
    rows = select(GIVEN, items) if items else []
    return {(item, annotator): label for item, annotator, label in rows}


def _write(job: ImportJob, fresh: Sequence[Ballot], items: Mapping[int, Target]) -> None:
    if not fresh:
        return
    now = moment(timezone.now())
    tasks = _tasks(job, sorted({ballot.item for ballot in fresh}), items)
    _keep_from_voters(job.project, fresh)
    _take_up(Counter(tasks[ballot.item] for ballot in fresh))
    slots: dict[int, int] = defaultdict(int, select(SLOTS, list(tasks.values())))
    last = Assignment.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    placed = []
    for ballot in fresh:
        task = tasks[ballot.item]
        slots[task] += 1
        placed.append((ballot, task, slots[task], _when(ballot, now)))
    insert("labeling_assignment", LOOK, [
        (job.project_id, task, slot, 0, 0, LookState.DONE.value, "", "", "",
         ballot.annotator, when, "")
        for ballot, task, slot, when in placed
    ])  # fmt: skip
    looks = {(task, slot): pk for task, slot, pk in select(LOOKS, list(tasks.values()), last)}
    insert("labeling_annotation", ANNOTATION, [
        (job.project_id, ballot.item, looks[task, slot], ballot.annotator, ballot.label,
         f"votes-{job.pk}-{ballot.number}", None, "", False, True, when)
        for ballot, task, slot, when in placed
    ])  # fmt: skip
    Task.objects.filter(Among("pk", tasks.values()), unsettled=False).update(unsettled=True)


def _take_up(votes: Counter[int]) -> None:
    """Withdraw a free look for each vote on its task: it is no longer wanted from anybody here."""
    over = []
    for task, look in select(FREE, list(votes)):
        if votes[task] > 0:
            votes[task] -= 1
            over.append(look)
    Assignment.objects.filter(Among("pk", over)).update(state=LookState.WITHDRAWN, audience="")


def _when(ballot: Ballot, now: object) -> object:
    return now if ballot.vote.created_at is None else moment(ballot.vote.created_at)


def _tasks(job: ImportJob, items: Sequence[int], known: Mapping[int, Target]) -> dict[int, int]:
    """Return the task that each item came in with, making those that are missing."""
    tasks: dict[int, int] = dict(select(TASKS, items))
    project, now = job.project, timezone.now()
    shared = round(project.overlap_share * DRAWS)
    Task.objects.bulk_create(
        Task(
            project=project,
            item_id=pk,
            reason=TaskReason.NEW,
            wanted=project.overlap if known[pk].draw < shared else 1,
            blind=known[pk].split == Split.HOLDOUT,
            state=TaskState.CLOSED,
            closed_at=now,
        )
        for pk in items
        if pk not in tasks
    )
    return dict(select(TASKS, items)) if len(tasks) < len(items) else tasks


def _keep_from_voters(project: Project, fresh: Sequence[Ballot]) -> None:
    """Give nobody a look at an item that the same person has voted on elsewhere."""
    people = {ballot.annotator for ballot in fresh}
    members = Membership.objects.filter(project=project, user__in=people)
    own = set(members.values_list("user_id", flat=True))
    voters: dict[int, set[int]] = defaultdict(set)
    for ballot in fresh:
        if ballot.annotator in own:
            voters[ballot.item].add(ballot.annotator)
    if not voters:
        return
    standing = Assignment.objects.filter(task__item__in=list(voters), task__checked=None)
    leased = standing.filter(state=LookState.LEASED).select_related("task")
    withdraw(look for look in leased if look.annotator_id in voters[look.task.item_id])
    audiences = []
    free = standing.filter(state=LookState.FREE)
    for pk, item, audience in free.values_list("pk", "task__item_id", "audience"):
        only, without = read_audience(audience)
        audiences.append((pk, audience_of(only, without | voters[item])))
    update_text("labeling_assignment", "audience", audiences)
