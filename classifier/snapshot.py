"""Freezing what a project knows: the rows that a model learns from and is measured on."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, OuterRef, Q

from accounts.models import User
from classifier import holdout
from classifier.labeled import LabeledItem, labeled_items
from classifier.models import DatasetSnapshot, RowUse, SnapshotRow
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
class DraftRow:
    """A labeled item and what it is for."""

    item: LabeledItem
    use: RowUse

    @property
    def content(self) -> list[object]:
        """What the hash is taken over."""
        item = self.item
        reached = [item.label, item.method, item.votes, item.agreeing, item.weight]
        return [item.external_id, item.title, item.body, *reached, self.use.value]


@dataclass(frozen=True)
class Draft:
    """A snapshot before it is written.

    `holdout` is the ids of the holdout items that were known when it was drawn up, `moved` those
    of the items that taking it moves there.
    """

    rows: Sequence[DraftRow]
    holdout: set[int]
    moved: set[int]

    @property
    def hash(self) -> str:
        """The SHA-256 of the rows in canonical form: the same rows give the same hash."""
        content = sorted(row.content for row in self.rows)
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def items(self, use: RowUse) -> list[LabeledItem]:
        """Return the items that are for this."""
        return [row.item for row in self.rows if row.use is use]


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
            if _claimed(project, draft):
                return _store(project, user, draft)
    raise Conflict("The items kept changing while the snapshot was taken: try again.")


def _draft(project: Project) -> Draft:
    known = holdout.holdout_texts(project)
    items = labeled_items(project)
    pool = Counter(dict.fromkeys((item.label for item in items), 0))
    pool.update(item.label for item in items if not item.held_out)
    _require_enough(pool, total=len(items))
    moved = holdout.choose(items, holdout.trained_texts(project), salt=project.slug)
    uses = _uses(items, moved, list(known.values()))
    draft = Draft([DraftRow(*row) for row in zip(items, uses, strict=True)], set(known), moved)
    _require_both(draft.items(RowUse.POOL), draft.items(RowUse.HOLDOUT))
    return draft


def _uses(items: Sequence[LabeledItem], moved: set[int], known: list[str]) -> list[RowUse]:
    """Return what each item is for: what is like a holdout item is left out."""
    held_out = [item.held_out or item.item_id in moved for item in items]
    known = known + [item.text for item in items if item.item_id in moved]
    candidates = [item.text for item, held in zip(items, held_out, strict=True) if not held]
    alike = iter(near_duplicates(candidates, known))
    return [
        RowUse.HOLDOUT if held else RowUse.LEFT_OUT if next(alike) else RowUse.POOL
        for held in held_out
    ]


def _claimed(project: Project, draft: Draft) -> bool:
    """Hold the draft's items as they are; False where the holdout is not what the draft knew."""
    training = {item.item_id for item in draft.items(RowUse.POOL)}
    return holdout.holdout_ids(project) == draft.holdout and holdout.claim(
        project, chosen=draft.moved, training=training
    )


def _store(project: Project, user: User | None, draft: Draft) -> DatasetSnapshot:
    labels = list(project.labels.values_list("name", flat=True))
    newest = project.snapshots.first()
    if newest is not None and (newest.hash, newest.labels) == (draft.hash, labels):
        return newest
    snapshot = DatasetSnapshot.objects.create(
        project=project,
        number=newest.number + 1 if newest else 1,
        hash=draft.hash,
        labels=labels,
        training_rows=len(draft.items(RowUse.POOL)),
        holdout_rows=len(draft.items(RowUse.HOLDOUT)),
        near_duplicates=len(draft.items(RowUse.LEFT_OUT)),
        created_by=user,
    )
    rows = (_row(snapshot, row) for row in draft.rows)
    SnapshotRow.objects.bulk_create(rows, batch_size=500)
    _tell(snapshot, user, len(draft.moved))
    return snapshot


def _row(snapshot: DatasetSnapshot, row: DraftRow) -> SnapshotRow:
    item = row.item
    return SnapshotRow(
        snapshot=snapshot,
        item_id=item.item_id,
        split=row.use,
        external_id=item.external_id,
        title=item.title,
        body=item.body,
        label=item.label,
        method=item.method,
        votes=item.votes,
        agreeing=item.agreeing,
        weight=item.weight,
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
