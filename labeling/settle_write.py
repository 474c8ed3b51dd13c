"""Writing what many items come to: looks, tasks, labels and the record, each all at once."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from django.utils import timezone

from labeling.many_cases import Asked, Look, Stored
from labeling.models import (
    Assignment,
    Item,
    LookState,
    Project,
    Resolution,
    Task,
    TaskState,
)
from labeling.set_wise import Among, insert, moment, update_text

STATED = ("status", "vote_count", "agreement")
RESOLUTION = (
    "project_id", "item_id", "label_id", "method", "votes", "confidence", "weighing_id",
    "resolved_at",
)  # fmt: skip
EVENT = (
    "project_id", "verb", "subject_type", "subject_id", "before", "after", "reason", "request_id",
    "created_at",
)  # fmt: skip
Label = int | None


@dataclass
class Changes:
    """What is to be written of a project's items, once all were looked at.

    Attributes:
        project: whose items.
        moved: the states that tasks leave and come to.
        added: new free looks, with their tasks.
        withdrawn: looks that are called off.
        audiences: who may have free looks from now on, by look.
        notes: new notes of tasks.
        stored: new or other labels of items.
        removed: items that lose their label.
        stated: items by their status, votes and agreement.
        changed: which label items had before and have now.
    """

    project: Project
    moved: dict[int, tuple[str, str]] = field(default_factory=dict)
    added: list[tuple[Asked, Look]] = field(default_factory=list)
    withdrawn: list[int] = field(default_factory=list)
    audiences: dict[int, str] = field(default_factory=dict)
    notes: dict[int, str] = field(default_factory=dict)
    stored: dict[int, Stored] = field(default_factory=dict)
    removed: list[int] = field(default_factory=list)
    stated: dict[tuple[str, int, float | None], list[int]] = field(
        default_factory=lambda: defaultdict(list)
    )
    changed: dict[int, tuple[int | None, int | None]] = field(default_factory=dict)

    def write(self, why: str) -> None:
        """Write what was noted."""
        now = timezone.now()
        self._write_looks()
        self._write_tasks(now)
        Resolution.objects.filter(Among("item_id", self.removed)).delete()
        self._write_labels()
        for stated, items in self.stated.items():
            values = dict(zip(STATED, stated, strict=True))
            Item.objects.filter(Among("pk", items)).update(**values)
        self._record("moved", "task", self.moved, why)
        self._record("settled anew", "item", self._relabeled(), why)

    def _write_looks(self) -> None:
        Assignment.objects.filter(Among("pk", self.withdrawn)).update(
            state=LookState.WITHDRAWN,
            audience="",
            annotator=None,
            token="",
            tab="",
            lease_expires_at=None,
        )
        Assignment.objects.bulk_create(
            Assignment(
                project=self.project,
                task_id=task.pk,
                slot=look.slot,
                priority=task.priority,
                rank=task.rank,
                audience=look.audience,
            )
            for task, look in self.added
        )
        update_text("labeling_assignment", "audience", list(self.audiences.items()))

    def _write_tasks(self, now: datetime) -> None:
        for pk, note in self.notes.items():
            Task.objects.filter(pk=pk).update(note=note)
        by_state: dict[str, list[int]] = defaultdict(list)
        for pk, (_, after) in self.moved.items():
            by_state[after].append(pk)
        for state, tasks in by_state.items():
            closed_at = now if state == TaskState.CLOSED else None
            Task.objects.filter(Among("pk", tasks)).update(state=state, closed_at=closed_at)

    def _write_labels(self) -> None:
        rows = [
            (self.project.pk, pk, found.label, str(found.method), found.votes, found.confidence,
             found.weighing, moment(found.resolved_at))
            for pk, found in self.stored.items()
        ]  # fmt: skip
        insert("labeling_resolution", RESOLUTION, rows, once="item_id")

    def _relabeled(self) -> dict[int, tuple[str, str]]:
        """Return the items that lost a label or got another, with the names of both."""
        changed = {pk: pair for pk, pair in self.changed.items() if pair[0] is not None}
        if not changed:
            return {}
        names: dict[Label, str] = {None: "", **dict(self.project.labels.values_list("pk", "name"))}
        return {pk: (names[before], names[after]) for pk, (before, after) in changed.items()}

    def _record(
        self, verb: str, kind: str, changes: Mapping[int, tuple[str, str]], why: str
    ) -> None:
        request_id = str(structlog.contextvars.get_contextvars().get("request_id", ""))
        now = moment(timezone.now())
        rows = [
            (self.project.pk, verb, kind, str(pk), str(before), str(after), why, request_id, now)
            for pk, (before, after) in changes.items()
        ]
        insert("labeling_event", EVENT, rows)
