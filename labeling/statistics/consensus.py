"""What follows from the live votes of a task: resolved, one more look, or a reviewer."""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class Outcome(StrEnum):
    """The next step of a task."""

    WAITING = "waiting"
    AGREED = "agreed"
    ANOTHER_LOOK = "another_look"
    REVIEW = "review"


@dataclass(frozen=True)
class Verdict(Generic[K]):
    """An outcome, with the label where the votes settle on one."""

    outcome: Outcome
    label: K | None = None


def decide(votes: Sequence[K], *, wanted: int, limit: int) -> Verdict[K]:
    """Return what follows from `votes`, in whatever order they came.

    A label stands when at least `wanted` votes and more than half of all votes are for it, so the
    first `wanted` looks have to be unanimous. Otherwise further looks are asked for until there
    are `limit` votes; then a reviewer decides.

    Raises ValueError unless 1 <= wanted <= limit.
    """
    if not 1 <= wanted <= limit:
        raise ValueError(f"1 <= wanted <= limit expected, not wanted={wanted}, limit={limit}")
    if len(votes) < wanted:
        return Verdict(Outcome.WAITING)
    label, count = Counter(votes).most_common(1)[0]
    if count >= wanted and 2 * count > len(votes):
        return Verdict(Outcome.AGREED, label)
    return Verdict(Outcome.REVIEW if len(votes) >= limit else Outcome.ANOTHER_LOOK)
