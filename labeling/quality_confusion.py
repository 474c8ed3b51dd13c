"""What annotators gave where the item's label is another, and who tells which label how well."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from labeling.access import Access
from labeling.models import Label, Role
from labeling.quality import Answer
from labeling.statistics.intervals import Share, share_of

NOTHING = "No vote on an item of this label."


@dataclass(frozen=True)
class Mixed:
    """How often a person gave a label to items that have this one."""

    username: str
    given: Label
    label: Label
    count: int


@dataclass(frozen=True)
class Told:
    """On which share of their votes on items of each label a person gave that label."""

    username: str
    shares: tuple[Share, ...]


def finished_votes(answers: Iterable[Answer], access: Access) -> list[Answer]:
    """Return the votes to compare with their items' labels: an annotator's own alone.

    Items that wait for another look or a reviewer are left out: nobody is to learn from a
    figure what somebody gave there.
    """
    found = [one for one in answers if one.finished]
    if access.may(Role.REVIEWER):
        return found
    return [one for one in found if one.username == access.user.username]


def confusion_of(votes: Iterable[Answer], labels: Sequence[Label]) -> list[Mixed]:
    """Return the counts above 0, by person, then in the order of the labels.

    Args:
        votes: what `finished_votes` gives.
        labels: all of the project.
    """
    places = {label.pk: place for place, label in enumerate(labels)}
    counts = Counter(
        (one.username, places[one.resolved_id], places[one.label_id])
        for one in votes
        if one.resolved_id is not None
    )
    return [
        Mixed(name, labels[given], labels[label], count)
        for (name, label, given), count in sorted(counts.items())
    ]


def told_apart(rows: Iterable[Mixed], labels: Sequence[Label]) -> list[Told]:
    """Return a row for each person, by name, with a share for each label in their order."""
    right: Counter[tuple[str, int]] = Counter()
    total: Counter[tuple[str, int]] = Counter()
    for row in rows:
        total[row.username, row.label.pk] += row.count
        right[row.username, row.label.pk] += row.count * (row.given == row.label)
    return [
        Told(
            name,
            tuple(
                share_of(right[name, one.pk], total[name, one.pk], nothing=NOTHING)
                for one in labels
            ),
        )
        for name in sorted({name for name, _ in total})
    ]
