"""What texts are like, in numbers: words, length, hashed words, and a few directions.

Nothing here looks at which texts are old and which are new, so that texts can change places.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_WORD = re.compile(r"[^\W\d_]{2,}")
BINS = 64
FEATURES = 2**12
DIRECTIONS = 64
POWERS = 2


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case; digits and single letters are none."""
    return _WORD.findall(text.lower())


def lengths(texts: Sequence[str]) -> Floats:
    """Return the number of words of each text."""
    return np.array([len(words_of(text)) for text in texts], dtype=np.float64)


def known_share(texts: Sequence[str], vocabulary: Iterable[str]) -> Floats:
    """Return which share of each text's words is in a vocabulary; 1 for a text without words."""
    known = set(vocabulary)
    found = []
    for text in texts:
        words = words_of(text)
        found.append(sum(word in known for word in words) / len(words) if words else 1.0)
    return np.array(found)


def vocabulary_of(texts: Iterable[str]) -> set[str]:
    """Return the words that occur in these texts."""
    return {word for text in texts for word in words_of(text)}


def word_bins(texts: Sequence[str], *, bins: int = BINS) -> Floats:
    """Return in how many bins each text's distinct words fall by their hash: (texts, bins)."""
    counts = np.zeros((len(texts), bins))
    for row, text in enumerate(texts):
        for word in set(words_of(text)):
            counts[row, crc32(word.encode()) % bins] += 1
    return counts


def directions(texts: Sequence[str], *, most: int = DIRECTIONS, seed: int = 0) -> Floats:
    """Return unit vectors of texts in the main directions of their hashed, weighted words.

    Args:
        texts: n texts, three at least.
        most: how many directions, if there are as many.

    Returns:
        (n, directions); a row of zeros for a text without words.
    """
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
    from sklearn.preprocessing import normalize

    hashed = HashingVectorizer(
        analyzer=words_of, n_features=FEATURES, alternate_sign=False, norm=None
    )
    weighted: Any = TfidfTransformer(sublinear_tf=True).fit_transform(hashed.transform(texts))
    if not weighted.nnz:
        return np.zeros((len(texts), 1))
    svd = TruncatedSVD(min(most, len(texts) - 1), n_iter=POWERS, random_state=seed)
    reduced = svd.fit_transform(weighted)
    return np.asarray(normalize(reduced), dtype=np.float64)


def nearest(rows: Floats, others: Floats) -> Floats:
    """Return how like each row its most similar one among `others` is, 1 at most."""
    return np.asarray((rows @ others.T).max(axis=1))


def nearest_other(rows: Floats) -> Floats:
    """Return how like each row the most similar other row is."""
    likeness = rows @ rows.T
    np.fill_diagonal(likeness, -1.0)
    return np.asarray(likeness.max(axis=1))
