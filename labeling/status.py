"""An item's derived columns: where it stands, and how far its votes agree."""

from collections import Counter

from labeling.dossier import Dossier, read
from labeling.models import Item, ItemStatus, TaskState

_OF_TASK = {TaskState.OPEN: ItemStatus.WAITING, TaskState.REVIEW: ItemStatus.REVIEW}


def restate(item: Item, known: Dossier | None = None) -> None:
    """Write an item's status, votes and agreement as its tasks, votes and label give them."""
    known = known or read(item.pk)
    counts = Counter(vote.label_id for vote in known.votes())
    stated = {
        "status": status_of(
            known.live, labeled=known.label is not None, decided=known.decided is not None
        ),
        "vote_count": counts.total(),
        "agreement": agreement_of(counts),
    }
    before = known.item
    if any(getattr(before, name) != value for name, value in stated.items()):
        Item.with_deleted.filter(pk=before.pk).update(**stated)
        for name, value in stated.items():
            setattr(before, name, value)


def agreement_of(counts: Counter[int | None]) -> float | None:
    """Return the leading label's share of the votes; None below two, which can't agree."""
    return max(counts.values()) / counts.total() if counts.total() > 1 else None


def status_of(live: TaskState | None, *, labeled: bool, decided: bool) -> ItemStatus:
    """Return where an item stands by its live task, if any, its label and its decisions."""
    if live is not None:
        return _OF_TASK[live]
    if labeled:
        return ItemStatus.LABELED
    return ItemStatus.OUT_OF_SCOPE if decided else ItemStatus.IDLE
