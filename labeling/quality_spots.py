"""What stands out for the worse against the project as a whole."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from labeling.quality import AnnotatorRow
from labeling.quality_agreement import Group, LabelRow
from labeling.statistics.agreement import Agreement


@dataclass(frozen=True)
class Spot:
    """A label, a person or the newest week, and the figure that lies below that of all.

    All of its interval does, which chance brings about for one in 40 that are like all others.
    """

    kind: str
    name: str
    value: float
    low: float
    high: float


def spots_of(
    *,
    labels: Iterable[LabelRow],
    people: Sequence[AnnotatorRow],
    weeks: Sequence[Group[date]],
    whole: Agreement,
) -> list[Spot]:
    """Return the labels, then the people, then the newest week that stand out, the worst first.

    Args:
        labels: compared by their alpha against the rest.
        people: compared by how often they agree with the items' labels.
        weeks: the oldest first; only the newest is compared, by its alpha.
        whole: alpha over everything.
    """
    settled, agreed = sum(row.settled for row in people), sum(row.agreed for row in people)
    shares = ((row.username, row.share) for row in people)
    of_people = [
        _below("person", name, share.value, (share.low, share.high), agreed / max(settled, 1))
        for name, share in shares
    ]
    of_labels = [_less("label", row.label.name, row.found.alpha, whole) for row in labels]
    of_week = [_less("week", week.key.isoformat(), week.alpha, whole) for week in weeks[-1:]]
    return [*_worst_first(of_labels), *_worst_first(of_people), *_worst_first(of_week)]


def _worst_first(spots: Iterable[Spot | None]) -> list[Spot]:
    return sorted((spot for spot in spots if spot is not None), key=lambda spot: spot.value)


def _less(kind: str, name: str, found: Agreement, whole: Agreement) -> Spot | None:
    if whole.value is None:
        return None
    return _below(kind, name, found.value, (found.low, found.high), whole.value)


def _below(
    kind: str,
    name: str,
    value: float | None,
    interval: tuple[float | None, float | None],
    limit: float,
) -> Spot | None:
    low, high = interval
    if value is None or low is None or high is None or high >= limit:
        return None
    return Spot(kind, name, value, low, high)
