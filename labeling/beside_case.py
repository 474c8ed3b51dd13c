"""What stands beside a case: earlier decisions, skips, similar items, and the guideline."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    DateTimeField,
    Exists,
    F,
    OuterRef,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Concat, Substr
from django.utils import timezone

from accounts.models import User
from labeling.events import history
from labeling.models import (
    SKIP_REASONS,
    Adjudication,
    Item,
    Label,
    Project,
    Reopening,
    ResolutionMethod,
    Task,
    TaskReason,
)
from labeling.opinion import ASKED, Opinion, source_told
from labeling.reopen import UNDO_FOR
from labeling.search import with_two_of
from labeling.search_words import words_of
from labeling.statistics.resemblance import rank, telling_words

KINDS = ("guideline", "decision", "skip", "opinion", "similar", "last")
TELLING, CANDIDATES, COMPARED, SHOWN = 6, 40, 1000, 5
REOPENED = "reopened since"


@dataclass(frozen=True)
class Decision:
    """An earlier decision, and how it was made; without label it put the item out of scope."""

    label: Label | None
    how: str
    comment: str
    created_at: datetime


@dataclass(frozen=True)
class Similar:
    """An item with a label whose text resembles that of a case."""

    item_id: int
    title: str
    label: Label


@dataclass(frozen=True)
class LastDecision:
    """The reviewer's newest decision that can be taken back."""

    task_id: int
    title: str
    label: Label | None


@dataclass(frozen=True)
class Beside:
    """What a reviewer reads beside a case; decisions and skips with the oldest first."""

    decisions: list[Decision]
    skips: list[str]
    opinion: Opinion | None
    similar: list[Similar]
    last: LastDecision | None
    guideline: str
    version: int | None


def beside(project: Project, user: User, task: Task | None, labels: Iterable[Label]) -> Beside:
    """Return what a reviewer reads beside a case, or without one, in one query.

    Args:
        project: whose guideline and items.
        user: the reviewer, who gets a model's opinion only after asking for it.
        task: the case, if there is one.
        labels: all labels of the project.
    """
    found = _rows(_parts(project, user, task))
    named = {label.pk: label for label in labels}
    guideline: Mapping[str, Any] = next(iter(found["guideline"]), {"said": "", "number": None})
    return Beside(
        decisions=[_decision(row, named) for row in found["decision"]],
        skips=[skip_words(row["said"]) for row in found["skip"]],
        opinion=next((_opinion(row, named) for row in found["opinion"]), None),
        similar=[] if task is None else _most_similar(task.item, found["similar"], named),
        last=next((_last(row, named) for row in found["last"]), None),
        guideline=guideline["said"],
        version=guideline["number"],
    )


def skip_words(said: str) -> str:
    """Return `out_of_scope: a note` as people read it."""
    reason, colon, note = said.partition(":")
    return SKIP_REASONS.get(reason, reason) + colon + note


def _rows(parts: "Sequence[QuerySet[Any, Any]]") -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {kind: [] for kind in KINDS}
    rows = parts[0].union(*parts[1:], all=True)
    for row in sorted(rows, key=lambda row: row["key"]):
        found[row["kind"]].append(row)
    return found


def _parts(project: Project, user: User, task: Task | None) -> "list[QuerySet[Any, Any]]":
    parts = [_guideline(project), _mine(project, user)]
    if task is None:
        return parts
    events = history(task)
    return [
        *parts,
        # A second look is to be blind to the first.
        *([] if task.reason == TaskReason.AUDIT else [_decisions(task.item)]),
        _part("skip", events.filter(verb="skipped"), None, None, "reason"),
        _part("opinion", events.filter(verb=ASKED, actor=user), None, "after", "reason"),
        _alike(task.item),
    ]


def _guideline(project: Project) -> "QuerySet[Any, Any]":
    newest = project.guidelines.order_by("-version").values("pk")[:1]
    return _part(
        "guideline", project.guidelines.filter(pk=Subquery(newest)), "version", None, "text"
    )


def _decisions(item: Item) -> "QuerySet[Any, Any]":
    reopened = Reopening.objects.filter(decision=OuterRef("pk"))
    how = Case(When(Exists(reopened), then=Value(REOPENED)), default=F("method"))
    return _part("decision", item.adjudications.annotate(how=how), "label_id", "how", "comment")


def _mine(project: Project, user: User) -> "QuerySet[Any, Any]":
    mine = Adjudication.objects.standing().filter(
        project=project,
        decided_by=user,
        task__isnull=False,
        created_at__gte=timezone.now() - UNDO_FOR,
    )
    newest = mine.order_by("-id").values("pk")[:1]
    found = Adjudication.objects.filter(pk=Subquery(newest))
    return _part("last", found, "label_id", "task_id", "item__title")


def _alike(item: Item) -> "QuerySet[Any, Any]":
    words = telling_words(words_of(item.title), words_of(item.body[:COMPARED]), TELLING)
    labeled = Item.objects.filter(project=item.project_id, resolution__isnull=False)
    near = with_two_of(labeled.exclude(pk=item.pk), words)
    found = Item.objects.filter(pk__in=Subquery(near.values("pk")[:CANDIDATES]))
    text = Substr(Concat("title", Value("\n"), "body", output_field=TextField()), 1, COMPARED)
    return _part("similar", found, "resolution__label_id", None, text)


def _part(
    kind: str, rows: "QuerySet[Any]", number: str | None, word: str | None, text: Any
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
    how = row["word"] if row["word"] == REOPENED else ResolutionMethod(row["word"]).label
    return Decision(labels.get(row["number"]), how, row["said"], row["at"])


def _opinion(row: Mapping[str, Any], labels: Mapping[int, Label]) -> Opinion | None:
    label = next((label for label in labels.values() if label.name == row["word"]), None)
    source, confidence = source_told(row["said"])
    return None if label is None else Opinion(label, confidence, source)


def _last(row: Mapping[str, Any], labels: Mapping[int, Label]) -> LastDecision:
    return LastDecision(int(row["word"]), row["said"], labels.get(row["number"]))


def _most_similar(
    item: Item, rows: Sequence[Mapping[str, Any]], labels: Mapping[int, Label]
) -> list[Similar]:
    text = words_of(f"{item.title}\n{item.body}"[:COMPARED])
    ranked = rank(text, [words_of(row["said"]) for row in rows])
    best = [rows[index] for index, _ in ranked[:SHOWN]]
    return [
        Similar(row["key"], row["said"].partition("\n")[0], labels[row["number"]])
        for row in best
        if row["number"] in labels
    ]
