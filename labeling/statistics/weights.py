"""What one item's votes say under fixed weights: the same for the same votes, in any order.

The weights come from `labeling.statistics.aggregation`, estimated from all votes, and what makes
the result mean what it says from `labeling.statistics.gold`. Sums are exactly rounded, so that the
order of votes does not even matter to the last digit.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import exp, fsum, log
from zlib import crc32

from labeling.statistics.consensus import Outcome, decide

Matrix = Sequence[Sequence[float]]
# As `labeling.statistics.gold` has it, and no probability below it.
_FLOOR = 1e-12
_DIGITS = 6


@dataclass(frozen=True)
class Weights:
    """The labels in order, how frequent each is, and what each annotator says where each is true.

    `said[w][t][l]` is how often annotator w says label l where t is true; `anybody` stands for
    annotators who are not in it. The temperature and the offsets come from a calibration on gold;
    without one, probabilities are too sure of themselves.
    """

    labels: tuple[int, ...]
    prior: tuple[float, ...]
    said: Mapping[int, Matrix]
    anybody: Matrix
    temperature: float = 1.0
    offsets: tuple[float, ...] = ()
    _place: dict[int, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Number the labels."""
        object.__setattr__(self, "_place", {label: n for n, label in enumerate(self.labels)})

    def probabilities(self, votes: Iterable[tuple[int, int]]) -> dict[int, float] | None:
        """Return how probable each label of an item is.

        Args:
            votes: annotator and label of each; one vote an annotator.

        Returns:
            Probabilities by label, rounded to six digits; None where a vote is for a label that
            there was not when the weights were estimated.
        """
        columns = []
        for annotator, label in votes:
            if label not in self._place:
                return None
            columns.append((self.said.get(annotator, self.anybody), self._place[label]))
        scores = [
            fsum([log(prior), *(log(matrix[true][said]) for matrix, said in columns)])
            for true, prior in enumerate(self.prior)
        ]
        offsets = self.offsets or (0.0,) * len(scores)
        cooled = [
            log(max(share, _FLOOR)) / self.temperature + offset
            for share, offset in zip(_softmax(scores), offsets, strict=True)
        ]
        found = zip(self.labels, _softmax(cooled), strict=True)
        return {label: round(share, _DIGITS) for label, share in found}


def as_asked(
    item: int, votes: Sequence[tuple[int, int]], *, wanted: int, limit: int
) -> list[tuple[int, int]]:
    """Return those of an item's votes at which asking would have ended, in an order by hash.

    Gold items gather votes of everybody, others get few. A calibration has to see votes as few as
    those that it is for: looks until `wanted` agree, up to `limit`.

    Args:
        item: which item; decides the order.
        votes: annotator and label of each.
        wanted: looks wanted at first.
        limit: looks after which a reviewer decides.
    """
    drawn = sorted(votes, key=lambda vote: (crc32(f"{item}-{vote[0]}".encode()), vote))
    for count in range(wanted, min(limit, len(drawn))):
        said = [label for _, label in drawn[:count]]
        if decide(said, wanted=wanted, limit=limit).outcome is Outcome.AGREED:
            return drawn[:count]
    return drawn[:limit]


def _softmax(scores: Sequence[float]) -> list[float]:
    most = max(scores)
    odds = [exp(score - most) for score in scores]
    total = fsum(odds)
    return [each / total for each in odds]
