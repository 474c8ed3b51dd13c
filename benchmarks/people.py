"""People who err: how they settle an item between them."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from labeling.statistics.consensus import Outcome, decide

VOTE_ERROR, REVIEW_ERROR, WANTED, LIMIT = 0.08, 0.04, 2, 3


@dataclass
class People:
    """Annotators who err, and how many looks they have given."""

    names: Sequence[str]
    chance: random.Random
    looks: int = 0

    def settle(self, truth: str) -> str:
        """Return the label that people give an item by votes, or a reviewer."""
        votes: list[str] = []
        while True:
            votes.append(self._say(truth, VOTE_ERROR))
            verdict = decide(votes, wanted=WANTED, limit=LIMIT)
            if verdict.outcome is Outcome.REVIEW:
                return self._say(truth, REVIEW_ERROR)
            if verdict.label is not None:
                return verdict.label

    def _say(self, truth: str, error: float) -> str:
        self.looks += 1
        if self.chance.random() >= error:
            return truth
        return self.chance.choice([name for name in self.names if name != truth])
