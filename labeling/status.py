"""An item's derived columns: where it stands, and how far its votes agree."""

from collections import Counter

from labeling.models import (
    Adjudication,
    Annotation,
    Item,
    ItemStatus,
    LookState,
    Resolution,
    Task,
    TaskState,
)

_OF_TASK = {TaskState.OPEN: ItemStatus.WAITING, TaskState.REVIEW: ItemStatus.REVIEW}


def restate(item: Item) -> None:
    """Write an item's status, votes and agreement as its tasks, votes and label give them."""
    votes = Annotation.objects.live().filter(item=item, assignment__state=LookState.DONE)
    counts = Counter(votes.values_list("label_id", flat=True))
    Item.with_deleted.filter(pk=item.pk).update(
        status=_status(item), vote_count=counts.total(), agreement=agreement_of(counts)
    )


def agreement_of(counts: Counter[int]) -> float | None:
    """Return the leading label's share of the votes; None below two, which can't agree."""
    return max(counts.values()) / counts.total() if counts.total() > 1 else None


def _status(item: Item) -> ItemStatus:
    live = Task.objects.filter(item=item).exclude(state=TaskState.CLOSED)
    state = live.values_list("state", flat=True).first()
    if state is not None:
        return _OF_TASK[TaskState(state)]
    if Resolution.objects.filter(item=item).exists():
        return ItemStatus.LABELED
    decided = Adjudication.objects.filter(item=item).exists()
    return ItemStatus.OUT_OF_SCOPE if decided else ItemStatus.IDLE
