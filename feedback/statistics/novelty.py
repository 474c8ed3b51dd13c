"""Groups among recent texts that the reference has nothing like."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from feedback.statistics import text_shape

Floats = NDArray[np.float64]
UNUSUAL = 0.05
FEWEST = 5
MOST_GROUPS = 5
ROWS_A_GROUP = 15
WORDS = 8
MARKED = 3.0


@dataclass(frozen=True)
class Group:
    """Texts that are like each other and unlike the reference.

    `rows` are their places in the window, the most typical first; `words` what marks them.
    """

    rows: list[int]
    words: list[str]


def novel_groups(reference: Sequence[str], window: Sequence[str], *, seed: int = 0) -> list[Group]:
    """Return the groups of recent texts that are unlike every text of the reference.

    A text is unlike the reference if its nearest text there is farther than that of 95 of 100
    texts of the reference itself. Groups are found by k-means; those of fewer than five are left
    out. The largest comes first.
    """
    vectors = text_shape.directions([*reference, *window], seed=seed)
    old, new = vectors[: len(reference)], vectors[len(reference) :]
    rows = np.flatnonzero(_is_unusual(new, old))
    if len(rows) < FEWEST:
        return []
    grouped = _k_means(new[rows], seed)
    groups = [rows[members] for members in grouped if len(members) >= FEWEST]
    background = _word_counts(reference)
    found = [
        Group(
            [int(row) for row in group],
            marking([window[row] for row in group], background, len(reference)),
        )
        for group in groups
    ]
    return sorted(found, key=lambda group: -len(group.rows))


def marking(texts: Sequence[str], background: Counter[str], size: int) -> list[str]:
    """Return the words by which texts differ most from those of a background.

    Those count that are at least three times as frequent; the first have the highest share times
    the logarithm of how many times.

    Args:
        texts: what is to be told apart.
        background: in how many of `size` other texts each word occurs.
    """
    counts = _word_counts(texts)

    def times(word: str) -> float:
        return (counts[word] / len(texts)) / ((background[word] + 0.5) / (size + 1))

    marks = [word for word, count in counts.items() if count > 1 and times(word) >= MARKED]
    return sorted(marks, key=lambda word: (-counts[word] * log(times(word)), word))[:WORDS]


def _is_unusual(new: Floats, old: Floats) -> NDArray[np.bool_]:
    limit = np.quantile(text_shape.nearest_other(old), UNUSUAL)
    return np.asarray(text_shape.nearest(new, old) < limit)


def _word_counts(texts: Sequence[str]) -> Counter[str]:
    return Counter(word for text in texts for word in set(text_shape.words_of(text)))


def _k_means(vectors: Floats, seed: int) -> list[NDArray[np.int64]]:
    """Return the members of each group, the nearest to its middle first."""
    from sklearn.cluster import KMeans

    number = max(1, min(MOST_GROUPS, len(vectors) // ROWS_A_GROUP))
    fitted = KMeans(number, n_init=5, random_state=seed).fit(vectors)
    away = fitted.transform(vectors)
    return [
        members[np.argsort(away[members, group], kind="stable")]
        for group in range(number)
        if len(members := np.flatnonzero(fitted.labels_ == group))
    ]
