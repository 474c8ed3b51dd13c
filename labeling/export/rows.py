"""The rows of an export: each item with its label and, where asked for, the evidence for it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from labeling.models import Adjudication, Annotation, Item, Project

CHUNK = 2000
PLACEHOLDER = "imported."

ITEM_COLUMNS = (
    "pk",
    "external_id",
    "title",
    "body",
    "url",
    "metadata",
    "split",
    "created_at",
    "resolution__label_id",
    "resolution__method",
    "import_job__source",
    "confidence",
    "status",
    "resolution__votes",
    "resolution__confidence",
    "resolution__weighing__number",
    "resolution__resolved_at",
)


RESOLVED = ("votes", "probability", "weights", "resolved_at")


@dataclass(frozen=True)
class Options:
    """What an export holds beside items and labels.

    `evidence` adds votes, decisions and where the item came from; `pseudonyms` replaces the names
    of annotators and reviewers by numbers that are the same in the whole file.
    """

    evidence: bool = False
    pseudonyms: bool = False


@dataclass(slots=True)
class ExportRow:
    """One item as exported; nested values are plain ones, ready to be written.

    `resolved` says on how many votes the label rests, how probable it is by which version of the
    weights, if any, and since when.
    """

    external_id: str
    title: str
    body: str
    url: str
    metadata: dict[str, Any]
    split: str
    created_at: datetime
    label: str | None
    method: str | None
    status: str
    source: str | None = None
    confidence: float | None = None
    resolved: dict[str, Any] | None = None
    votes: list[dict[str, Any]] = field(default_factory=list)
    decisions: list[dict[str, Any]] = field(default_factory=list)


def rows_of(project: Project, items: QuerySet[Item], options: Options) -> Iterator[list[ExportRow]]:
    """Yield the rows of `items`, the oldest first, in lists of up to 2,000.

    Memory and the number of queries for a list do not grow with the project.
    """
    read = Reader(project, options)
    last = 0
    ordered = items.order_by("pk")
    while chunk := list(ordered.filter(pk__gt=last).values_list(*ITEM_COLUMNS)[:CHUNK]):
        yield read.rows(chunk)
        if len(chunk) < CHUNK:
            return
        last = chunk[-1][0]


class Reader:
    """Turns chunks of items into rows; names that all chunks share are read once."""

    def __init__(self, project: Project, options: Options) -> None:
        """Read the names of the project's labels and versions of its guideline."""
        self.options = options
        self.labels: dict[int | None, str] = dict(project.labels.values_list("pk", "name"))
        self.guidelines: dict[int | None, int] = {}
        if options.evidence:
            self.guidelines |= project.guidelines.values_list("pk", "version")
        self.names: dict[int | None, str | None] = {None: None}
        if options.pseudonyms:
            self._name_by_number(project)

    def rows(self, chunk: list[tuple[Any, ...]]) -> list[ExportRow]:
        """Return the rows of one chunk of items."""
        rows = {key: self._row(values) for key, *values in chunk}
        if self.options.evidence:
            self._add_votes(rows)
            self._add_decisions(rows)
        return list(rows.values())

    def _row(self, values: list[Any]) -> ExportRow:
        external_id, title, body, url, metadata, split, created_at = values[:7]
        label, method, source, confidence, status = values[7:12]
        resolved = dict(zip(RESOLVED, values[12:], strict=True)) if method else None
        return ExportRow(
            external_id=external_id,
            title=title,
            body=body,
            url=url,
            metadata=metadata,
            split=split,
            created_at=created_at,
            label=self.labels.get(label),
            method=method,
            status=status,
            source=source if self.options.evidence else None,
            confidence=confidence if self.options.evidence else None,
            resolved=resolved if self.options.evidence else None,
        )

    def _add_votes(self, rows: dict[int, ExportRow]) -> None:
        votes = list(
            Annotation.objects.live()
            .filter(item__in=list(rows))
            .order_by("item_id", "id")
            .values_list(
                "item_id",
                "annotator_id",
                "label_id",
                "seconds",
                "note",
                "flagged",
                "created_at",
                "guideline_id",
            )
        )
        self._learn_names(vote[1] for vote in votes)
        for item, annotator, label, seconds, note, flagged, created_at, guideline in votes:
            rows[item].votes.append(
                {
                    "annotator": self.names[annotator],
                    "label": self.labels[label],
                    "seconds": seconds,
                    "note": note,
                    "flagged": flagged,
                    "created_at": created_at,
                    "guideline": self.guidelines.get(guideline),
                }
            )

    def _add_decisions(self, rows: dict[int, ExportRow]) -> None:
        decisions = list(
            Adjudication.objects.standing()
            .filter(item__in=list(rows))
            .order_by("item_id", "id")
            .values_list("item_id", "label_id", "decided_by_id", "method", "comment", "created_at")
        )
        self._learn_names(decision[2] for decision in decisions)
        for item, label, decided_by, method, comment, created_at in decisions:
            rows[item].decisions.append(
                {
                    "label": self.labels.get(label),
                    "decided_by": self.names[decided_by],
                    "method": method,
                    "comment": comment,
                    "created_at": created_at,
                }
            )

    def _learn_names(self, people: Iterable[int | None]) -> None:
        unknown = {pk for pk in people if pk is not None and pk not in self.names}
        if unknown:
            users = User.objects.filter(pk__in=unknown).only("username", "first_name")
            self.names |= {user.pk: name_of(user) for user in users}

    def _name_by_number(self, project: Project) -> None:
        annotators = (
            project.annotations.filter(checking=False)
            .order_by()
            .values_list("annotator_id")
            .distinct()
        )
        reviewers = project.adjudications.order_by().values_list("decided_by_id").distinct()
        people = sorted({pk for (pk,) in annotators.union(reviewers) if pk is not None})
        self.names |= {pk: f"person {number}" for number, pk in enumerate(people, start=1)}


def name_of(user: User) -> str:
    """Return the name under which a person's answers are exported.

    An account that an import made for somebody from elsewhere keeps the name from there.
    """
    if user.username.startswith(PLACEHOLDER) and user.first_name:
        return user.first_name
    return user.username
