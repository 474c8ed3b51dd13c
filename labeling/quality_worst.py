"""The items that people disagree on most."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from labeling.models import Item, ItemStatus, Label, Project
from labeling.quality import Answer

# One query reads the text of so many, on either engine.
WORST_SHOWN = 500


@dataclass(frozen=True)
class Disputed:
    """An item's votes by label; `against` are those that differ from the leading label."""

    item_id: int
    votes: tuple[tuple[int, int], ...]
    total: int

    @property
    def against(self) -> int:
        """How many votes are not for the label that leads."""
        return self.total - self.votes[0][1]

    @property
    def share(self) -> float:
        """Which share of the votes that is."""
        return self.against / self.total


@dataclass(frozen=True)
class WorstRow:
    """A disputed item; `votes` is empty while annotators may still be asked for theirs."""

    item: Item
    disputed: Disputed
    votes: tuple[tuple[Label, int], ...]


def disputed_of(answers: Iterable[Answer]) -> list[Disputed]:
    """Return the items whose votes differ, the most disputed first.

    In the order of the votes against the leading label, then of their share, then the newest.
    """
    votes: dict[int, list[int]] = defaultdict(list)
    for one in answers:
        if not one.checking:
            votes[one.item_id].append(one.label_id)
    found = [
        Disputed(item_id, tuple(Counter(labels).most_common()), len(labels))
        for item_id, labels in votes.items()
        if labels.count(labels[0]) < len(labels)
    ]
    return sorted(found, key=lambda one: (-one.against, -one.share, -one.item_id))


def rows_of(
    project: Project, disputed: Sequence[Disputed], labels: Sequence[Label]
) -> list[WorstRow]:
    """Return disputed items with their text and label, in the same order, in one query."""
    found = project.items.select_related("resolution__label")
    items = found.in_bulk([one.item_id for one in disputed])
    named = {label.pk: label for label in labels}
    return [
        WorstRow(items[one.item_id], one, _shown(items[one.item_id], one, named))
        for one in disputed
        if one.item_id in items
    ]


def _shown(
    item: Item, disputed: Disputed, named: dict[int, Label]
) -> tuple[tuple[Label, int], ...]:
    """Return the votes by label, unless whoever asks could still have to give one."""
    if item.status == ItemStatus.WAITING:
        return ()
    places = sorted(disputed.votes, key=lambda vote: (-vote[1], named[vote[0]].position))
    return tuple((named[label_id], count) for label_id, count in places)
