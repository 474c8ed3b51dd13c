"""Freezing what a project knows: the rows that a model learns from and is measured on."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.db import transaction
from django.db.models import Count, OuterRef, Q

from accounts.models import User
from classifier import holdout
from classifier.holdout import LabeledItem
from classifier.models import DatasetSnapshot, SnapshotRow
from classifier.recipes.near_duplicates import near_duplicates
from labeling.counting import CountOf
from labeling.errors import Conflict, Invalid
from labeling.events import record
from labeling.models import Project, Resolution, Split

LABELS_NEEDED = 2
MINIMUM_EXAMPLES = 5
ATTEMPTS = 3
_HELD_OUT = Q(item__split=Split.HOLDOUT)


@dataclass(frozen=True)
class Draft:
    """A snapshot before it is written: its rows, and what taking it moves into the holdout."""

    rows: Sequence[LabeledItem]
    moved: set[int]
    near_duplicates: int

    @property
    def hash(self) -> str:
        """The SHA-256 of the rows in canonical form: the same rows give the same hash."""
        content = [
            [row.external_id, row.title, row.body, row.label, row.method, row.split]
            for row in self.rows
        ]
        text = json.dumps(sorted(content), ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def count(self, split: Split) -> int:
        """Return how many rows are in this split."""
        return sum(row.split == split for row in self.rows)


def require_enough(project: Project) -> None:
    """Refuse to train where it is plain from counts that there is too little to learn from.

    Raises:
        Invalid: no labels, or fewer than two of them with enough examples outside the holdout.
    """
    counts = project.resolutions.values_list("label__name").annotate(
        all=Count("id"), pool=Count("id", filter=~_HELD_OUT)
    )
    found = [(name, pool) for name, _, pool in counts]
    _require_enough(dict(found), total=sum(total for _, total, _ in counts))


def has_enough(project: Project) -> bool:
    """Tell whether `require_enough` would let a training begin, without counting all labels."""
    mine = Resolution.objects.filter(project=project, label=OuterRef("pk"), item__split=Split.POOL)
    counted = project.labels.annotate(count=CountOf(mine.order_by()[:MINIMUM_EXAMPLES]))
    return len([label for label in counted if label.count == MINIMUM_EXAMPLES]) >= LABELS_NEEDED


def freeze_snapshot(*, project: Project, user: User | None) -> DatasetSnapshot:
    """Return a frozen copy of a project's labeled items, the newest one where nothing changed.

    The holdout is first filled up to its share of each class, and only ever grows. Items whose
    text is nearly that of a holdout item are left out. What takes long is computed before the
    one transaction that writes the holdout, the snapshot and its rows.

    Raises:
        Invalid: too little is labeled; the message says what to do.
        Conflict: the items changed each time while this was computed.
    """
    for _ in range(ATTEMPTS):
        draft = _draft(project)
        with transaction.atomic():
            Project.objects.select_for_update(no_key=True).get(pk=project.pk)
            if holdout.move(project, draft.moved):
                return _store(project, user, draft)
    raise Conflict("The items kept changing while the snapshot was taken: try again.")


def _draft(project: Project) -> Draft:
    items = holdout.labeled_items(project)
    pool = Counter(dict.fromkeys((item.label for item in items), 0))
    pool.update(item.label for item in items if not item.held_out)
    _require_enough(pool, total=len(items))
    moved = holdout.choose(items, salt=project.slug)
    items = [replace(i, split=Split.HOLDOUT) if i.item_id in moved else i for i in items]
    held_out = [item for item in items if item.held_out]
    known = holdout.holdout_texts(project) + [i.text for i in held_out if i.item_id in moved]
    candidates = [item for item in items if not item.held_out]
    alike = near_duplicates([item.text for item in candidates], known)
    training = [item for item, near in zip(candidates, alike, strict=True) if not near]
    _require_both(training, held_out)
    kept = sorted(training + held_out, key=lambda item: item.external_id)
    return Draft(rows=kept, moved=moved, near_duplicates=int(alike.sum()))


def _store(project: Project, user: User | None, draft: Draft) -> DatasetSnapshot:
    newest = project.snapshots.first()
    if newest is not None and newest.hash == draft.hash:
        return newest
    snapshot = DatasetSnapshot.objects.create(
        project=project,
        number=newest.number + 1 if newest else 1,
        hash=draft.hash,
        labels=list(project.labels.values_list("name", flat=True)),
        training_rows=draft.count(Split.POOL),
        holdout_rows=draft.count(Split.HOLDOUT),
        near_duplicates=draft.near_duplicates,
        created_by=user,
    )
    rows = (_row(snapshot, item) for item in draft.rows)
    SnapshotRow.objects.bulk_create(rows, batch_size=500)
    _tell(snapshot, user, len(draft.moved))
    return snapshot


def _row(snapshot: DatasetSnapshot, item: LabeledItem) -> SnapshotRow:
    return SnapshotRow(
        snapshot=snapshot,
        item_id=item.item_id,
        split=item.split,
        external_id=item.external_id,
        title=item.title,
        body=item.body,
        label=item.label,
        method=item.method,
        votes=item.votes,
    )


def _tell(snapshot: DatasetSnapshot, user: User | None, moved: int) -> None:
    if moved:
        record(
            project=snapshot.project,
            actor=user,
            verb="added to the holdout",
            subject=snapshot,
            after=f"{moved} items",
            reason="Each class keeps its share of labeled items for measuring models.",
        )
    record(
        project=snapshot.project,
        actor=user,
        verb="froze",
        subject=snapshot,
        after=f"{snapshot.training_rows} for training, {snapshot.holdout_rows} held out",
    )


def _require_enough(pool: Mapping[str, int], *, total: int) -> None:
    if not total:
        raise Invalid("No item is labeled yet: label some, or import items with their labels.")
    if sum(count >= MINIMUM_EXAMPLES for count in pool.values()) < LABELS_NEEDED:
        have = ", ".join(f"{name}: {count}" for name, count in sorted(pool.items())) or "none"
        raise Invalid(
            f"Training needs two labels with {MINIMUM_EXAMPLES} labeled items each outside the "
            f"holdout; there are {have}. Label more items."
        )


def _require_both(training: Sequence[LabeledItem], held_out: Sequence[LabeledItem]) -> None:
    if len({item.label for item in training}) < LABELS_NEEDED:
        raise Invalid(
            "Nearly all labeled items repeat the text of holdout items and must not be trained "
            "on. Label items that differ from them."
        )
    if not held_out:
        raise Invalid(
            "The holdout is empty, so no model could be measured: every labeled item was trained "
            "on before. Label new items, or import some with the split 'holdout'."
        )
