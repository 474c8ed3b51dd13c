"""Writing the votes and decisions that come along with new items, many items at a time."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from labeling.intake_people import people
from labeling.looks import audience_of
from labeling.models import (
    ImportJob,
    ItemStatus,
    LookState,
    Project,
    ResolutionMethod,
    Split,
    TaskReason,
    TaskState,
)
from labeling.readers import Decision, Row, Vote
from labeling.set_wise import insert, moment, select
from labeling.status import agreement_of

OF_TASKS = "SELECT item_id, id FROM labeling_task WHERE item_id {among}"
OF_LOOKS = (
    "SELECT task_id, slot, id FROM labeling_assignment WHERE state = 'done' AND task_id {among}"
)


@dataclass(frozen=True)
class Standing:
    """What a row's votes and decisions come to, by the rules of `labeling.resolve`."""

    status: ItemStatus
    votes: int = 0
    agreement: float | None = None
    task: TaskState | None = None
    wanted: int = 0
    label: str | None = None
    method: ResolutionMethod = ResolutionMethod.IMPORTED


def standing_of(row: Row, project: Project) -> Standing:
    """Return what follows for an item from what came with its row."""
    counts = Counter(vote.label for vote in row.votes)
    if row.label:
        return Standing(ItemStatus.LABELED, label=row.label)
    if row.decisions:
        return _decided(row, counts)
    if not row.votes:
        return Standing(ItemStatus.IDLE)
    return _voted(row, counts, project)


def _decided(row: Row, counts: Counter[str]) -> Standing:
    last = row.decisions[-1]
    status = ItemStatus.OUT_OF_SCOPE if last.label is None else ItemStatus.LABELED
    return Standing(
        status,
        counts.total(),
        _share(counts),
        TaskState.CLOSED if row.votes else None,
        counts.total(),
        last.label,
        method_of(last),
    )


def _voted(row: Row, counts: Counter[str], project: Project) -> Standing:
    total, (label, most) = counts.total(), counts.most_common(1)[0]
    flagged = any(vote.flagged for vote in row.votes)
    if not flagged and row.agreed == label and 2 * most > total:
        wanted, state = most, TaskState.CLOSED
    elif most < total or (flagged and row.agreed != ""):
        return Standing(ItemStatus.REVIEW, total, _share(counts), TaskState.REVIEW, total)
    elif row.agreed == "":
        wanted, state = max(project.overlap, total + 1), TaskState.OPEN
    else:
        wanted, state = total, TaskState.CLOSED
    if state is TaskState.OPEN:
        return Standing(ItemStatus.WAITING, total, _share(counts), state, wanted)
    method = ResolutionMethod.AGREEMENT
    return Standing(ItemStatus.LABELED, total, _share(counts), state, wanted, label, method)


def method_of(decision: Decision) -> ResolutionMethod:
    """Return how a decision was made; one that does not say came by import."""
    adjudicated = decision.method == ResolutionMethod.ADJUDICATION
    return ResolutionMethod.ADJUDICATION if adjudicated else ResolutionMethod.IMPORTED


def _share(counts: Counter[str]) -> float | None:
    return agreement_of(Counter(dict(enumerate(counts.values()))))


@dataclass
class Evidence:
    """New items with what came along: row, standing and id, side by side."""

    job: ImportJob
    rows: Sequence[tuple[Row, Standing, int]]
    labels: Mapping[str, int]
    now: datetime

    def write(self) -> None:
        """Write tasks, looks, votes, decisions and labels of the items."""
        self.people = people(self.job.project, self._names())
        voted = [found for found in self.rows if found[0].votes]
        if voted:
            self._write_votes(voted)
        self._write_decisions()
        self._write_resolutions()

    def _names(self) -> set[str]:
        names = {vote.annotator for row, _, _ in self.rows for vote in row.votes}
        decisions = [made for row, _, _ in self.rows for made in row.decisions]
        return names | {made.decided_by for made in decisions if made.decided_by}

    def _write_votes(self, voted: Sequence[tuple[Row, Standing, int]]) -> None:
        project = self.job.project_id
        insert("labeling_task", TASK, [self._task(*found) for found in voted])
        tasks: dict[int, int] = dict(select(OF_TASKS, [item for _, _, item in voted]))
        looks: list[tuple[object, ...]] = [
            (project, tasks[item], slot, 0, 0, LookState.DONE.value, "", "", "",
             self.people[vote.annotator], self._when(vote), "")
            for row, _, item in voted
            for slot, vote in enumerate(row.votes, start=1)
        ]  # fmt: skip
        insert("labeling_assignment", LOOK, looks + self._open_looks(voted, tasks))
        ids = {(task, slot): pk for task, slot, pk in select(OF_LOOKS, list(tasks.values()))}
        insert("labeling_annotation", ANNOTATION, [
            (project, item, ids[tasks[item], slot], self.people[vote.annotator],
             self.labels[vote.label], f"import-{self.job.pk}-{row.number}-{slot}", vote.seconds,
             vote.note, vote.flagged, True, self._when(vote))
            for row, _, item in voted
            for slot, vote in enumerate(row.votes, start=1)
        ])  # fmt: skip

    def _task(self, row: Row, standing: Standing, item: int) -> tuple[object, ...]:
        closed = self._latest(row) if standing.task is TaskState.CLOSED else None
        return (
            self.job.project_id, item, TaskReason.NEW.value, 0, standing.wanted,
            row.split == Split.HOLDOUT, "", "", 0, "[]", str(standing.task),
            moment(self.now), closed,
        )  # fmt: skip

    def _open_looks(
        self, voted: Sequence[tuple[Row, Standing, int]], tasks: Mapping[int, int]
    ) -> list[tuple[object, ...]]:
        """Return the looks that are still wanted: by nobody who has voted."""
        return [
            (self.job.project_id, tasks[item], slot, 0, 0, LookState.FREE.value,
             audience_of((), (self.people[vote.annotator] for vote in row.votes)), "", "",
             None, None, "")
            for row, standing, item in voted
            if standing.task is TaskState.OPEN
            for slot in range(standing.votes + 1, standing.wanted + 1)
        ]  # fmt: skip

    def _write_decisions(self) -> None:
        importer = self.job.created_by_id
        rows: list[tuple[object, ...]] = []
        for row, _, item in self.rows:
            if row.label:
                rows.append(self._decision(item, self.labels[row.label], importer, "imported"))
            for made in row.decisions:
                by = self.people[made.decided_by] if made.decided_by else None
                label = None if made.label is None else self.labels[made.label]
                rows.append(self._decision(item, label, by, method_of(made).value, made))
        insert("labeling_adjudication", DECISION, rows)

    def _decision(
        self,
        item: int,
        label: int | None,
        by: int | None,
        method: str,
        made: Decision | None = None,
    ) -> tuple[object, ...]:
        comment, when = (made.comment, made.created_at) if made else ("", None)
        return self.job.project_id, item, label, by, method, comment, moment(when or self.now)

    def _write_resolutions(self) -> None:
        insert("labeling_resolution", RESOLUTION, [
            (self.job.project_id, item, self.labels[standing.label], standing.method.value,
             standing.votes if standing.method is ResolutionMethod.AGREEMENT else 0,
             self._latest(row))
            for row, standing, item in self.rows
            if standing.label is not None
        ])  # fmt: skip

    def _latest(self, row: Row) -> object:
        if row.decisions:
            return moment(row.decisions[-1].created_at or self.now)
        return moment(max((vote.created_at or self.now for vote in row.votes), default=self.now))

    def _when(self, vote: Vote) -> object:
        return moment(vote.created_at or self.now)


TASK = (
    "project_id", "item_id", "reason", "priority", "wanted", "blind", "suggestion_source", "note",
    "rank", "reserved", "state", "created_at", "closed_at",
)  # fmt: skip
LOOK = (
    "project_id", "task_id", "slot", "priority", "rank", "state", "audience", "token", "tab",
    "annotator_id", "done_at", "skip_reason",
)  # fmt: skip
ANNOTATION = (
    "project_id", "item_id", "assignment_id", "annotator_id", "label_id", "idempotency_key",
    "seconds", "note", "flagged", "imported", "created_at",
)  # fmt: skip
DECISION = (
    "project_id", "item_id", "label_id", "decided_by_id", "method", "comment", "created_at",
)  # fmt: skip
RESOLUTION = ("project_id", "item_id", "label_id", "method", "votes", "resolved_at")
