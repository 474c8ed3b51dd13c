"""The training items that a text resembles most, with the votes that gave their labels."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from classifier.models import DatasetSnapshot, Prediction, RowUse, SnapshotRow
from classifier.recipes.text import join_text
from labeling.models import Annotation, Item, Task, TaskState
from labeling.search import with_two_of
from labeling.search_words import words_of
from labeling.statistics.resemblance import rank, telling_words

TELLING, CANDIDATES, COMPARED, SHOWN = 6, 40, 1000, 5
ROW = ("pk", "item_id", "title", "body", "label", "method", "over_at", "waits")
VOTE = (
    "pk",
    "annotator__username",
    "label__name",
    "guideline__version",
    "created_at",
    "checking",
)


@dataclass(frozen=True)
class Vote:
    """A vote that stood when the snapshot was taken, and the guideline that its giver had."""

    annotation_id: int
    annotator: str
    label: str
    guideline: int | None


@dataclass(frozen=True)
class Neighbour:
    """A training row that resembles a text; `resemblance` is above 0 and up to 1.

    While its item `waits` for people, its votes are not told.
    """

    row_id: int
    item_id: int
    title: str
    label: str
    method: str
    resemblance: float
    waits: bool
    votes: list[Vote] = field(default_factory=list)


def nearest(prediction: Prediction) -> list[Neighbour]:
    """Return the training rows of a prediction's model that resemble its text, in one query.

    The closest come first, by the words that they share; the text itself may be among them.
    """
    snapshot = prediction.model_version.snapshot
    title, body = words_of(prediction.title), words_of(prediction.body[:COMPARED])
    words = telling_words(title, body, TELLING)
    rows: dict[int, tuple] = {}  # type: ignore[type-arg]
    votes: dict[int, list[Vote]] = defaultdict(list)
    for each in _rows(snapshot, words):
        row, vote = each[: len(ROW)], each[len(ROW) :]
        rows[row[0]] = row
        # Who may still be asked about an item must not see what others said of it.
        if not row[-1] and _stood(vote, row[-2], snapshot):
            votes[row[0]].append(Vote(*vote[:4]))
    found = list(rows.values())
    texts = [words_of(join_text(row[2], row[3])[:COMPARED]) for row in found]
    ranked = rank([*title, *body], texts)[:SHOWN]
    return [_neighbour(found[place], share, votes) for place, share in ranked]


def _rows(snapshot: DatasetSnapshot, words: Sequence[str]) -> "QuerySet[SnapshotRow, tuple]":  # type: ignore[type-arg]
    """Return the rows of a few candidates, once for each answer to their items."""
    learned = SnapshotRow.objects.filter(snapshot=snapshot, split=RowUse.POOL, item=OuterRef("pk"))
    items = Item.with_deleted.filter(Exists(learned), project=snapshot.project_id)
    near = with_two_of(items, words).values("pk")[:CANDIDATES]
    waits = Task.objects.filter(~Q(state=TaskState.CLOSED), item=OuterRef("item"))
    over = Annotation.objects.filter(
        supersedes__isnull=False, supersedes=OuterRef("item__annotations__pk")
    )
    return (
        SnapshotRow.objects.filter(snapshot=snapshot, item__in=near)
        .annotate(waits=Exists(waits), over_at=Subquery(over.values("created_at")[:1]))
        .order_by("pk", "item__annotations__pk")
        .values_list(*ROW, *(f"item__annotations__{name}" for name in VOTE))
    )


def _stood(vote: tuple, over_at: datetime | None, snapshot: DatasetSnapshot) -> bool:  # type: ignore[type-arg]
    """Tell whether an answer was a vote when the snapshot was taken."""
    _, _, label, _, given_at, checking = vote
    if label is None or checking or given_at > snapshot.created_at:
        return False
    return over_at is None or over_at > snapshot.created_at


def _neighbour(row: tuple, share: float, votes: dict[int, list[Vote]]) -> Neighbour:  # type: ignore[type-arg]
    pk, item_id, title, body, label, method, _, waits = row
    return Neighbour(
        row_id=pk,
        item_id=item_id,
        title=title or body[:120],
        label=label,
        method=method,
        resemblance=share,
        waits=waits,
        votes=votes[pk],
    )
