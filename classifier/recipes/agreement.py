"""How often a network with weights of 8 bits gives the label that the full one gives."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

LEAST_AGREEMENT = 0.99
_SAMPLE = 300


@dataclass(frozen=True)
class Agreement:
    """What became of a network of 8 bits.

    Attributes:
        share: of the texts, how many got the same label from both networks, 0 to 1.
        on: which texts these were, in words.
    """

    share: float
    on: str

    @classmethod
    def of(cls, small: ArrayLike, full: ArrayLike, on: str) -> Self:
        """Return how often two lists of labels, one for each text, are the same."""
        return cls(float(np.mean(np.asarray(small) == np.asarray(full))), on)

    @classmethod
    def read(cls, stored: Any) -> Self | None:
        """Return what `to_dict` gave; None where nothing was compared."""
        if isinstance(stored, float):
            # Written before there was a word for the texts: a sample of those learned from.
            return cls(stored, "training texts")
        return None if stored is None else cls(stored["share"], stored["on"])

    def to_dict(self) -> dict[str, Any]:
        """Return the agreement, and whether 8 bits were taken, ready for JSON."""
        return {"share": self.share, "on": self.on, "taken": self.enough}

    @property
    def enough(self) -> bool:
        """Tell whether the network of 8 bits may serve."""
        return self.share >= LEAST_AGREEMENT

    @property
    def words(self) -> str:
        """What a reader of the model is told."""
        bits, than = ("8 bits", "32") if self.enough else ("32 bits", "8")
        return f"{bits}: the same label as with {than} for {self.share:.1%} of {self.on}"

    def warning(self, what: str) -> str:
        """Return what the person who trains is told where it is not enough."""
        return (
            f"With 8 bits the {what} gave the same label for {self.share:.1%} only of "
            f"{self.on}: it stays at full precision."
        )


def texts_to_compare(held_out: Sequence[str], texts: Sequence[str]) -> tuple[Sequence[str], str]:
    """Return the texts to compare on, and in words which they are: the holdout, where there is one.

    Else a sample of the training `texts`. They are compared without their labels, so a holdout
    stays unlearnt.
    """
    if held_out:
        return held_out, f"{len(held_out)} holdout texts"
    sample = texts[:: -(-len(texts) // _SAMPLE)]
    return sample, f"{len(sample)} training texts"
