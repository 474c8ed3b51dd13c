"""Whether a shown suggestion draws annotators to the model's label."""

from dataclasses import dataclass

from labeling.statistics.intervals import Difference, newcombe

LIMIT = 0.10
# With 50 hidden the 95 % interval reaches some 12 points to each side: fewer can't tell a bias
# of the limit's size from none.
FEWEST = 50


@dataclass(frozen=True)
class Anchoring:
    """Agreement with the model where its label was shown minus where it was hidden.

    `difference` is None, with the reason, where there are too few answers of either kind.
    """

    difference: Difference | None
    suggestions_off: bool
    shown: int
    hidden: int
    reason: str = ""


def measure_anchoring(
    shown: tuple[int, int],
    hidden: tuple[int, int],
    *,
    limit: float = LIMIT,
    fewest: int = FEWEST,
    level: float = 0.95,
) -> Anchoring:
    """Return how far showing the model's label raises agreement with it.

    Suggestions go off when the whole interval lies above the limit: chance alone turns them off
    in less than one of 40 looks at the figures, also where the bias is exactly the limit.

    Args:
        shown: (answers that equal the model's label, answers) where the label was shown.
        hidden: the same where it was hidden at random.
        limit: the difference that is put up with.
        fewest: answers of each kind that it takes.
        level: of the interval.

    Raises ValueError for more hits than answers, or a limit outside 0 to 1.
    """
    if not 0 <= limit <= 1:
        raise ValueError(f"A limit is 0 to 1, not {limit}.")
    if min(shown[1], hidden[1]) < max(fewest, 1):
        reason = (
            f"Not enough answers yet: {shown[1]} with the suggestion shown and {hidden[1]} with "
            f"it hidden; it takes {max(fewest, 1)} of each."
        )
        return Anchoring(None, False, shown[1], hidden[1], reason)
    difference = newcombe(shown, hidden, level=level)
    return Anchoring(difference, difference.low > limit, shown[1], hidden[1])
