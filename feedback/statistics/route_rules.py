"""Where one prediction goes, by what is known of it alone: the same inputs give the same route.

A prediction is accepted, or people review it, or it is accepted and audited all the same. Which of
the accepted are audited is a lottery whose tickets are drawn by hash: nobody outside knows the
salt, so nobody can tell before, and everybody who has it can draw the same ticket again.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

# A text of fewer words than this counts as if it had so many: of three words one or two are new in
# any text.
FEWEST_WORDS = 5
DRAW_BITS = 53


class Destination(StrEnum):
    """Where a prediction goes."""

    ACCEPT = "accept"
    REVIEW = "review"
    AUDIT = "audit"


class Reason(StrEnum):
    """Why it goes there; of several the first in this order."""

    RULE = "rule"
    NOVEL = "novel"
    NEAR_TIE = "near_tie"
    LOW_CONFIDENCE = "low_confidence"
    CONFIDENT = "confident"
    DRAWN = "drawn"


@dataclass(frozen=True)
class Inputs:
    """All that a route rests on.

    Attributes:
        probabilities: of each label, 0 to 1.
        threshold: the probability from which on an answer may be accepted; above 1 none is.
        near_tie: the margin of the two best below which they count as tied.
        novelty: share of the text's words that the model never saw; None where that is unknown.
        novelty_limit: from which novelty on a text is too far from what the model knows.
        broken_rule: the behavioural rule that the answer breaks; '' where it breaks none.
        audit_share: the probability with which an accepted answer is audited.
        draw: the ticket of this prediction, uniform in [0, 1).
    """

    probabilities: Mapping[str, float]
    threshold: float
    near_tie: float
    novelty: float | None
    novelty_limit: float
    broken_rule: str
    audit_share: float
    draw: float

    @property
    def confidence(self) -> float:
        """The highest probability; 0 without any."""
        return max(self.probabilities.values(), default=0.0)

    @property
    def margin(self) -> float:
        """By how much the best label leads the second."""
        first, second = sorted([*self.probabilities.values(), 0.0, 0.0], reverse=True)[:2]
        return first - second


@dataclass(frozen=True)
class Decision:
    """A route.

    Attributes:
        destination: where the prediction goes.
        reason: why.
        inclusion_probability: with which chance people were to see it: 1 for all that is reviewed,
            the audit share for all that is accepted, whether it was drawn or not.
        value: how much a look is worth, 0 to 1: 1 where a rule is broken, else how unsure the
            model is, or how novel the text if that is more.
    """

    destination: Destination
    reason: Reason
    inclusion_probability: float
    value: float


def decide(given: Inputs) -> Decision:
    """Return where a prediction goes."""
    reason = _doubt(given)
    if reason is not None:
        return Decision(Destination.REVIEW, reason, 1.0, _value(given, reason))
    drawn = given.draw < given.audit_share
    destination = Destination.AUDIT if drawn else Destination.ACCEPT
    reason = Reason.DRAWN if drawn else Reason.CONFIDENT
    return Decision(destination, reason, given.audit_share, 1 - given.confidence)


def draw_of(salt: str, key: UUID | str) -> float:
    """Return the ticket of a prediction, by its id, or of something else.

    It is uniform in [0, 1), and the same at every call.
    """
    digest = hashlib.sha256(f"{salt}:{key}".encode()).digest()
    # As many bits as a float holds: more would round up to 1.
    ticket = int.from_bytes(digest[:8]) >> (64 - DRAW_BITS)
    return ticket / float(2**DRAW_BITS)


def novelty_of(words: Collection[str], known: Collection[str]) -> float | None:
    """Return the share of a text's different words that are unknown, of five words at least.

    None where nothing is known: then nothing can be told.
    """
    if not known:
        return None
    different = set(words)
    return len(different.difference(known)) / max(len(different), FEWEST_WORDS)


def broken(
    words: Collection[str], label: str, rules: Iterable[tuple[str, Collection[str], str]]
) -> str:
    """Return the name of the first rule that an answer breaks, '' where it breaks none.

    Args:
        words: of the text.
        label: the answer.
        rules: each with its name, its words and its label: a text with all of its words has it.
    """
    there = set(words)
    return next(
        (name for name, wanted, right in rules if right != label and there.issuperset(wanted)), ""
    )


def _doubt(given: Inputs) -> Reason | None:
    if given.broken_rule:
        return Reason.RULE
    if given.novelty is not None and given.novelty >= given.novelty_limit:
        return Reason.NOVEL
    if given.margin < given.near_tie:
        return Reason.NEAR_TIE
    return Reason.LOW_CONFIDENCE if given.confidence < given.threshold else None


def _value(given: Inputs, reason: Reason) -> float:
    if reason is Reason.RULE:
        return 1.0
    unsure = 1 - given.confidence
    return max(unsure, given.novelty or 0.0) if reason is Reason.NOVEL else unsure
