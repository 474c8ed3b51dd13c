"""When the looks that are left will have been given, from the pace of the last days."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt

from scipy.special import stdtrit

FEWEST_DAYS, FEWEST_ANSWERS = 2, 20
TWO_SIDED_95 = 0.975


@dataclass(frozen=True)
class Finish:
    """A range of working days that the rest will take, or the reason why none can be told.

    `pace` is the mean number of answers on a day on which anybody worked.
    """

    low: int | None
    high: int | None
    pace: float
    days: int
    reason: str = ""


def estimate_finish(left: int, answers_by_day: Sequence[int]) -> Finish:
    """Return how many working days `left` looks take.

    The pace is the mean over the n days with answers, and its 95 % interval is that of Student
    (1908): the mean plus or minus the quantile of t with n - 1 degrees of freedom times the
    standard error. A pace whose lower bound is not above zero has no upper end.

    Args:
        left: looks that wait.
        answers_by_day: answers of each of the last whole days, zeros included.
    """
    worked = [count for count in answers_by_day if count]
    pace = sum(worked) / len(worked) if worked else 0.0
    if not left:
        return Finish(0, 0, pace, len(worked))
    if len(worked) < FEWEST_DAYS or sum(worked) < FEWEST_ANSWERS:
        reason = (
            f"Not enough answers yet: {sum(worked)} on {len(worked)} "
            f"day{'' if len(worked) == 1 else 's'}; it takes {FEWEST_ANSWERS} on {FEWEST_DAYS}."
        )
        return Finish(None, None, pace, len(worked), reason)
    spread = sqrt(sum((count - pace) ** 2 for count in worked) / (len(worked) - 1))
    quantile = float(stdtrit(len(worked) - 1, TWO_SIDED_95))
    error = quantile * spread / sqrt(len(worked))
    slow = pace - error
    high = ceil(left / slow) if slow > 0 else None
    return Finish(ceil(left / (pace + error)), high, pace, len(worked))
