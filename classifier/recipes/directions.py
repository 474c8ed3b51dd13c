"""Texts as points, like texts close together: by a recipe's encoder, or else by their words."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np

from classifier.recipes.base import Floats
from labeling.statistics.text import normalise

DIMENSIONS = 64
TERMS = 20_000


@runtime_checkable
class Encodes(Protocol):
    """A recipe with an encoder of its own; what it has encoded before costs it nothing."""

    def vectors(self, texts: Sequence[str]) -> Floats | None:
        """Return a row per text, kept for the next time; None from a model without an encoder."""
        ...


def points(recipe: object, texts: Sequence[str]) -> Floats:
    """Return a row of numbers per text: the recipe's vectors where it has some."""
    own = recipe.vectors(texts) if isinstance(recipe, Encodes) else None
    return directions(texts) if own is None else own


def encode_ahead(recipe: object, texts: Sequence[str]) -> None:
    """Let a recipe with an encoder keep the vectors of texts that will be asked for again."""
    if texts and isinstance(recipe, Encodes):
        recipe.vectors(texts)


def directions(texts: Sequence[str], *, dimensions: int = DIMENSIONS) -> Floats:
    """Return a row of length 1 per text: its TF-IDF of words on their main directions.

    Latent semantic analysis (Deerwester et al. 1990). The same texts give the same rows; texts
    without a known word get zeros.
    """
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import normalize

    words = TfidfVectorizer(max_features=TERMS, sublinear_tf=True)
    try:
        matrix = words.fit_transform([normalise(text) for text in texts])
    except ValueError:
        # No text has a word at all.
        return np.zeros((len(texts), 1))
    wanted = min(dimensions, min(matrix.shape) - 1)
    if wanted < 1:
        return np.asarray(normalize(matrix.toarray()), dtype=np.float64)
    found = TruncatedSVD(n_components=wanted, random_state=0).fit_transform(matrix)
    return np.asarray(normalize(found), dtype=np.float64)
