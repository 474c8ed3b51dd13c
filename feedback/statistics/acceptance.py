"""Whether a model is sure of less than it was, so that a promise about it holds for fewer answers.

That the accepted are right as often as promised says nothing of how many they are. As what comes in
moves away from what was learned, fewer answers reach the threshold.
"""

from dataclasses import dataclass

from scipy.special import bdtr

# Fewer tell too little: the test would hardly ever find anything, or a holdout's share is a guess.
LEAST_LIVE, LEAST_HOLDOUT = 200, 50
# So much less is not worth a model, and as much is what a holdout of some hundreds may be off by.
TOLERANCE = 0.05
RISK = 0.01


@dataclass(frozen=True)
class Accepted:
    """How many answers there were, and how many of them were sure enough to be accepted."""

    accepted: int
    answers: int

    @property
    def share(self) -> float:
        """The share accepted; 0 without answers."""
        return self.accepted / self.answers if self.answers else 0.0


def shrunk(live: Accepted, holdout: Accepted) -> bool:
    """Tell whether surely a smaller share is accepted live than of the holdout.

    By the one-sided binomial test of the holdout's share less a tolerance of five points, at 1 %;
    with fewer than 200 live answers or 50 of the holdout nothing is told.
    """
    if live.answers < LEAST_LIVE or holdout.answers < LEAST_HOLDOUT:
        return False
    least = max(holdout.share - TOLERANCE, 0.0)
    return bool(bdtr(live.accepted, live.answers, least) < RISK)
