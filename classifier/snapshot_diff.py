"""What changed from one snapshot to another, counted and row by row."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet, Subquery, TextChoices

from classifier.models import DatasetSnapshot, SnapshotRow
from labeling.counting import CountOf, read_together
from labeling.errors import Invalid


class Change(TextChoices):
    """What can become of an item between two snapshots; several may hold for one."""

    ADDED = "added", "added"
    REMOVED = "removed", "removed"
    RELABELLED = "relabelled", "given another label"
    MOVED = "moved", "moved to another use"
    EDITED = "edited", "with another text"
    REACHED = "reached", "with the same label, reached otherwise"


@dataclass(frozen=True)
class Diff:
    """Two snapshots and how many items changed between them, by what changed."""

    before: DatasetSnapshot
    after: DatasetSnapshot
    counts: dict[Change, int]


def compare(before: DatasetSnapshot, after: DatasetSnapshot) -> Diff:
    """Return how many items changed from `before` to `after`, in one query."""
    counted = {change.value: CountOf(_changed(before, after, change)) for change in Change}
    found = read_together(after.project, **counted)
    return Diff(before, after, {change: found[change.value] for change in Change})


def changed_rows(
    before: DatasetSnapshot, after: DatasetSnapshot, change: str
) -> QuerySet[SnapshotRow]:
    """Return the rows that changed so, with `was_label` and `was_split`; removed ones as they were.

    Raises:
        Invalid: there is no such change.
    """
    if change not in Change.values:
        raise Invalid(f"change: '{change[:40]}' is not one of {', '.join(Change.values)}.")
    twin = _twins(before)
    return _changed(before, after, Change(change)).annotate(
        was_label=Subquery(twin.values("label")[:1]), was_split=Subquery(twin.values("split")[:1])
    )


def _changed(
    before: DatasetSnapshot, after: DatasetSnapshot, change: Change
) -> QuerySet[SnapshotRow]:
    if change is Change.REMOVED:
        return before.rows.filter(~Exists(_twins(after)))
    twin = _twins(before)
    return after.rows.filter(
        {
            Change.ADDED: ~Exists(twin),
            Change.RELABELLED: Exists(twin.exclude(label=OuterRef("label"))),
            Change.MOVED: Exists(twin.exclude(split=OuterRef("split"))),
            Change.EDITED: Exists(twin.exclude(title=OuterRef("title"), body=OuterRef("body"))),
            Change.REACHED: Exists(_reached_otherwise(twin)),
        }[change]
    )


def _twins(snapshot: DatasetSnapshot) -> QuerySet[SnapshotRow]:
    """Return the row of a snapshot for the same item as the row of the query around it."""
    return SnapshotRow.objects.filter(snapshot=snapshot, external_id=OuterRef("external_id"))


def _reached_otherwise(twin: QuerySet[SnapshotRow]) -> QuerySet[SnapshotRow]:
    return twin.filter(label=OuterRef("label")).exclude(
        method=OuterRef("method"), votes=OuterRef("votes"), agreeing=OuterRef("agreeing")
    )
