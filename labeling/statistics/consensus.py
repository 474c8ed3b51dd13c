"""What follows from the live votes of a task: resolved, one more look, or a reviewer."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
HALF = 0.5


class Outcome(StrEnum):
    """The next step of a task."""

    WAITING = "waiting"
    AGREED = "agreed"
    ANOTHER_LOOK = "another_look"
    REVIEW = "review"


@dataclass(frozen=True)
class Verdict(Generic[K]):
    """An outcome, with the label where the votes settle on one.

    `probability` is the label's, where votes are weighed.
    """

    outcome: Outcome
    label: K | None = None
    probability: float | None = None


def decide(votes: Sequence[K], *, wanted: int, limit: int) -> Verdict[K]:
    """Return what follows from `votes`, in whatever order they came.

    A label stands when at least `wanted` votes and more than half of all votes are for it, so the
    first `wanted` looks have to be unanimous. Otherwise further looks are asked for until there
    are `limit` votes; then a reviewer decides.

    Raises ValueError unless 1 <= wanted <= limit.
    """
    _check(wanted, limit)
    if len(votes) < wanted:
        return Verdict(Outcome.WAITING)
    label, count = Counter(votes).most_common(1)[0]
    if count >= wanted and 2 * count > len(votes):
        return Verdict(Outcome.AGREED, label)
    return Verdict(Outcome.REVIEW if len(votes) >= limit else Outcome.ANOTHER_LOOK)


def decide_unanimous(votes: Sequence[K], *, wanted: int, limit: int) -> Verdict[K]:
    """Return what follows where every vote has to be for the same label.

    Once two votes differ no further look can mend that, so a reviewer decides at once.

    Raises ValueError unless 1 <= wanted <= limit.
    """
    _check(wanted, limit)
    if len(set(votes)) > 1:
        return Verdict(Outcome.REVIEW)
    return Verdict(Outcome.WAITING) if len(votes) < wanted else Verdict(Outcome.AGREED, votes[0])


def decide_weighted(
    votes: Sequence[K],
    probabilities: Mapping[K, float],
    *,
    wanted: int,
    limit: int,
    sure_enough: float,
) -> Verdict[K]:
    """Return what follows where votes are weighed, in whatever order they came.

    From `wanted` votes on, a label stands that somebody voted for and that is at least
    `sure_enough` probable. Otherwise further looks are asked for until there are `limit` votes;
    then a reviewer decides.

    Args:
        votes: the labels that were voted for.
        probabilities: of each label, from calibrated weights.
        wanted: looks wanted at first.
        limit: looks after which a reviewer decides.
        sure_enough: above one half, so that only one label can be.

    Raises ValueError unless 1 <= wanted <= limit and .5 < sure_enough <= 1.
    """
    _check(wanted, limit)
    if not HALF < sure_enough <= 1:
        raise ValueError(f".5 < sure_enough <= 1 expected, not {sure_enough}")
    if len(votes) < wanted:
        return Verdict(Outcome.WAITING)
    for label in set(votes):
        if probabilities.get(label, 0.0) >= sure_enough:
            return Verdict(Outcome.AGREED, label, probabilities[label])
    return Verdict(Outcome.REVIEW if len(votes) >= limit else Outcome.ANOTHER_LOOK)


def _check(wanted: int, limit: int) -> None:
    if not 1 <= wanted <= limit:
        raise ValueError(f"1 <= wanted <= limit expected, not wanted={wanted}, limit={limit}")
