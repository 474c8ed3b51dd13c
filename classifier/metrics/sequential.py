"""Evidence that one of two models is better, which stays valid however often somebody looks.

Both models answer the same items, and people say what is right. An item on which exactly one of
them is right is a win of that one; on the others they do not differ, and those say nothing. If the
models are equally good, each win is a fair coin. The evidence is what somebody would own who began
with 1 and kept betting on one side of that coin. It is an e-process: under a fair coin it ever
reaches 1/a with probability a at most (Ville's inequality), so it may be read after every item.
"""

from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

LEVEL = 0.05
# Shares of wins that are bet on, evenly spread from a half to four in five: a model that wins more
# is soon seen anyhow, and one that wins less is seen earlier for it.
BETS = 0.5 + 0.3 * (np.arange(100) + 0.5) / 100


@dataclass(frozen=True)
class Evidence:
    """What the wins so far say.

    Attributes:
        wins: items on which only the challenger was right.
        losses: items on which only the other was right.
        log_better: natural logarithm of the evidence that the challenger is better.
        log_worse: of the evidence that it is worse.
    """

    wins: int
    losses: int
    log_better: float
    log_worse: float

    def won(self, level: float = LEVEL) -> bool:
        """Tell whether the challenger is better, in error with probability `level` at most."""
        return self.log_better >= -log(level)

    def lost(self, level: float = LEVEL) -> bool:
        """Tell whether the challenger is worse, in error with probability `level` at most."""
        return self.log_worse >= -log(level)


def evidence(wins: int, losses: int) -> Evidence:
    """Return what these wins and losses say.

    Raises:
        ValueError: one of them is negative.
    """
    if wins < 0 or losses < 0:
        raise ValueError(f"Wins and losses are counts, not {wins} and {losses}.")
    ahead, behind = np.array([wins, losses]), np.array([losses, wins])
    better, worse = log_evidence(ahead, behind)
    return Evidence(wins, losses, float(better), float(worse))


def log_evidence(wins: NDArray[np.int_], losses: NDArray[np.int_]) -> NDArray[np.float64]:
    """Return the natural logarithm of the evidence for the side of the wins, of the same shape.

    The bet on a share p of wins owns (2p)^wins (2(1-p))^losses; the evidence is the mean of `BETS`
    (a mixture as in Robbins 1970; Ramdas et al. 2023, "Game-theoretic statistics and safe
    anytime-valid inference", section 3).
    """
    owned = np.multiply.outer(wins, np.log(2 * BETS))
    owned += np.multiply.outer(losses, np.log(2 * (1 - BETS)))
    mean: NDArray[np.float64] = logsumexp(owned, axis=-1) - log(len(BETS))
    return mean
