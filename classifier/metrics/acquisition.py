"""Which texts teach a model most when people label them next.

Scores of uncertainty (Settles 2009, Active Learning Literature Survey, section 3.1), a choice among
the uncertain that covers every kind of text (Zhdanov 2019, Diverse Mini-Batch Active Learning), and
a random share whose inclusion probability is known.
"""

from collections.abc import Callable
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from labeling.statistics.diversity import in_rounds

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# How many times as many texts as are wanted are grouped before the choice among them.
SHORTLIST = 4
MOST_GROUPS = 64


class Strategy(StrEnum):
    """How what is not drawn at random is chosen."""

    MARGIN = "margin"
    ENTROPY = "entropy"
    DIVERSE = "diverse"


def margin(probabilities: Floats) -> Floats:
    """Return 1 minus the lead of the likeliest label over the second, 0 to 1, a value per row.

    Raises ValueError for fewer than two labels.
    """
    if probabilities.ndim != 2 or probabilities.shape[1] < 2:  # noqa: PLR2004 (rows and columns)
        raise ValueError("A margin is between two labels: give a row per text, a column per label.")
    two = np.partition(probabilities, -2, axis=1)[:, -2:]
    return np.asarray(1.0 - (two[:, 1] - two[:, 0]), dtype=np.float64)


def entropy(probabilities: Floats) -> Floats:
    """Return the Shannon entropy of each row over its largest possible value, 0 to 1.

    Raises ValueError for fewer than two labels.
    """
    if probabilities.ndim != 2 or probabilities.shape[1] < 2:  # noqa: PLR2004 (rows and columns)
        raise ValueError("Entropy needs two labels: give a row per text, a column per label.")
    logs = np.log(probabilities, out=np.zeros_like(probabilities), where=probabilities > 0)
    most = np.log(probabilities.shape[1])
    return np.asarray(-(probabilities * logs).sum(axis=1) / most, dtype=np.float64)


def uncertainty(strategy: Strategy, probabilities: Floats) -> Floats:
    """Return the scores that a strategy goes by, the higher the more there is to learn."""
    return entropy(probabilities) if strategy == Strategy.ENTROPY else margin(probabilities)


def most_uncertain(scores: Floats, wanted: int) -> Integers:
    """Return the positions of the highest scores, the highest first; of equal ones the earliest."""
    return np.argsort(-scores, kind="stable")[:wanted].astype(np.int64)


def diverse(features: Floats, scores: Floats, wanted: int) -> Integers:
    """Return which rows to label, most useful first: uncertain ones, from every kind of text.

    Rows are grouped by k-means that is weighted by the scores. Each round takes the most uncertain
    row that is left of every group. The same input gives the same choice.

    Args:
        features: a row of numbers per text, those of like texts close together. Only the most
            uncertain are worth passing: SHORTLIST times as many as are wanted.
        scores: how uncertain each is.
        wanted: how many to return at most.

    Raises ValueError where the two lengths differ.
    """
    if len(features) != len(scores):
        raise ValueError(f"{len(features)} rows of features, but {len(scores)} scores")
    if not len(scores) or wanted < 1:
        return np.zeros(0, dtype=np.int64)
    groups = _groups(features, scores, min(wanted, MOST_GROUPS, len(scores)))
    order = in_rounds(groups.tolist(), (-scores).tolist())
    return np.array(order[:wanted], dtype=np.int64)


def random_places(size: int, share: float) -> list[int]:
    """Return which of the places 0 to `size` - 1 are for texts drawn at random.

    They lie evenly, so that whoever stops anywhere has seen that share of them, within one.

    Raises ValueError for a share outside 0 to 1.
    """
    if not 0.0 <= share <= 1.0:
        raise ValueError("The share lies between 0 and 1.")
    # Rounded, so that ten times 0.1 is one, whatever the binary fractions add up to.
    reached = [int(round(share * place, 9)) for place in range(size + 1)]
    return [place for place in range(size) if reached[place + 1] > reached[place]]


def draw(count: int, wanted: int, below: Callable[[int], int]) -> list[int]:
    """Return `wanted` of the positions 0 to `count` - 1, drawn without replacement, in drawn order.

    Every ordered sample is as likely as any other, so each position is drawn with the probability
    `wanted / count`, and any beginning of the draw is a draw itself (Fisher and Yates).

    Args:
        count: how many there are.
        wanted: how many to draw.
        below: returns a uniform integer from 0 to below its argument.

    Raises ValueError where more are wanted than there are.
    """
    if not 0 <= wanted <= count:
        raise ValueError(f"{wanted} of {count} cannot be drawn.")
    moved: dict[int, int] = {}
    drawn = []
    for place in range(wanted):
        other = place + below(count - place)
        drawn.append(moved.get(other, other))
        moved[other] = moved.get(place, place)
    return drawn


def _groups(features: Floats, scores: Floats, count: int) -> Integers:
    from sklearn.cluster import KMeans

    # A text that the model is sure of still counts a little: weights of zero are no groups.
    weights = np.maximum(scores, 1e-6)
    distinct = len(np.unique(features, axis=0))
    means = KMeans(n_clusters=min(count, distinct), random_state=0, n_init=1)
    return np.asarray(means.fit_predict(features, sample_weight=weights), dtype=np.int64)
