"""Texts that say nearly the same as a text which must stay unseen."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labeling.statistics.text import normalise

_CELLS = 4_000_000


def near_duplicates(
    candidates: Sequence[str], references: Sequence[str], *, threshold: float = 0.9
) -> NDArray[np.bool_]:
    """Say of each candidate whether it is equal or nearly equal to any of `references`.

    Near means a cosine of at least `threshold` between counts of hashed runs of 5 characters,
    after normalising. Works in chunks: memory does not grow with candidates times references.
    """
    found = np.zeros(len(candidates), dtype=np.bool_)
    if not candidates or not references:
        return found
    known = {normalise(text) for text in references}
    columns = _fingerprints(list(known)).T.tocsr()
    step = max(1, _CELLS // len(known))
    for start in range(0, len(candidates), step):
        chunk = [normalise(text) for text in candidates[start : start + step]]
        similar = (_fingerprints(chunk) @ columns).max(axis=1).toarray().ravel() >= threshold
        # Equality is asked for as well: a text too short for a run of characters has no cosine.
        found[start : start + step] = similar | np.array([text in known for text in chunk])
    return found


def _fingerprints(texts: list[str]) -> Any:
    """Return one sparse row of unit length per text."""
    from sklearn.feature_extraction.text import HashingVectorizer

    hashing = HashingVectorizer(
        analyzer="char", ngram_range=(5, 5), n_features=2**20, lowercase=False, dtype=np.float32
    )
    return hashing.transform(texts)
