"""What stands beside a case: earlier decisions, why people skipped it, and the guideline."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, CharField, DateTimeField, QuerySet, Subquery, Value
from django.db.models.functions import Cast

from labeling.events import history
from labeling.models import (
    SKIP_REASONS,
    Adjudication,
    Label,
    Project,
    ResolutionMethod,
    Task,
)


@dataclass(frozen=True)
class Decision:
    """An earlier decision; without label it put the item out of scope."""

    label: Label | None
    method: str
    comment: str
    created_at: datetime


@dataclass(frozen=True)
class Beside:
    """The decisions on an item and the skips of a task, the oldest first, and the guideline."""

    decisions: list[Decision]
    skips: list[str]
    guideline: str
    version: int | None


def beside(project: Project, task: Task | None, labels: Iterable[Label]) -> Beside:
    """Return what a reviewer reads beside a case, or the guideline alone, in one query.

    Args:
        project: whose guideline.
        task: the case, if there is one.
        labels: all labels of the project.
    """
    found = _rows(_guideline(project), *([] if task is None else [_decisions(task), _skips(task)]))
    named = {label.pk: label for label in labels}
    guideline: Mapping[str, Any] = next(iter(found["guideline"]), {"said": "", "number": None})
    return Beside(
        decisions=[_decision(row, named) for row in found["decision"]],
        skips=[skip_words(row["said"]) for row in found["skip"]],
        guideline=guideline["said"],
        version=guideline["number"],
    )


def skip_words(said: str) -> str:
    """Return `out_of_scope: a note` as people read it."""
    reason, colon, note = said.partition(":")
    return SKIP_REASONS.get(reason, reason) + colon + note


def _rows(first: "QuerySet[Any, Any]", *more: "QuerySet[Any, Any]") -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {"guideline": [], "decision": [], "skip": []}
    for row in sorted(first.union(*more, all=True), key=lambda row: row["key"]):
        found[row["kind"]].append(row)
    return found


def _guideline(project: Project) -> "QuerySet[Any, Any]":
    newest = project.guidelines.order_by("-version").values("pk")[:1]
    return _part(
        "guideline", project.guidelines.filter(pk=Subquery(newest)), "version", None, "text"
    )


def _decisions(task: Task) -> "QuerySet[Any, Any]":
    made = Adjudication.objects.filter(item=task.item_id)
    return _part("decision", made, "label_id", "method", "comment")


def _skips(task: Task) -> "QuerySet[Any, Any]":
    return _part("skip", history(task).filter(verb="skipped"), None, None, "reason")


def _part(
    kind: str, rows: "QuerySet[Any]", number: str | None, word: str | None, text: str
) -> "QuerySet[Any, Any]":
    return (
        rows.select_related(None)
        .order_by()
        .values(
            kind=Value(kind, CharField()),
            key=Cast("pk", BigIntegerField()),
            number=Cast(number or Value(None), BigIntegerField()),
            word=Cast(word or Value(""), CharField()),
            said=Cast(text, CharField()),
            at=Cast("created_at", DateTimeField()),
        )
    )


def _decision(row: Mapping[str, Any], labels: Mapping[int, Label]) -> Decision:
    method = ResolutionMethod(row["word"]).label
    return Decision(labels.get(row["number"]), method, row["said"], row["at"])
