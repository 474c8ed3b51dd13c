"""What a decision did, to be told once it is made: who had said what, and whom it answers."""

from collections.abc import Callable
from dataclasses import dataclass

from labeling.models import Adjudication, Annotation, Label

Effect = Callable[[Adjudication], str]
effects: list[Effect] = []
Follower = Callable[[Adjudication], None]
followers: list[Follower] = []


@dataclass(frozen=True)
class Said:
    """What one person had answered."""

    annotator: str
    label: Label
    agrees: bool


@dataclass(frozen=True)
class Told:
    """The answers to the item by name, now that they may be known, and what else followed."""

    said: list[Said]
    effects: list[str]

    @property
    def words(self) -> str:
        """The whole in sentences."""
        said = ", ".join(f"{one.annotator} said {one.label}" for one in self.said)
        return " ".join(filter(None, [said and f"{said}.", *self.effects]))


def register(effect: Effect) -> None:
    """Let an app above tell what a decision did there: a sentence, or nothing."""
    if effect not in effects:
        effects.append(effect)


def register_follower(follower: Follower) -> None:
    """Let an app above follow each decision that a reviewer makes, in its transaction."""
    if follower not in followers:
        followers.append(follower)


def follow(decision: Adjudication) -> None:
    """Let the apps above do what they do with a decision."""
    for follower in followers:
        follower(decision)


def told_of(decision: Adjudication) -> Told:
    """Return what may be told of a decision that was just made."""
    votes = Annotation.objects.live().filter(item=decision.item_id).order_by("id")
    said = [
        Said(str(vote.annotator), vote.label, vote.label_id == decision.label_id)
        for vote in votes.select_related("annotator", "label")
        if vote.label is not None
    ]
    return Told(said, [words for words in (effect(decision) for effect in effects) if words])
