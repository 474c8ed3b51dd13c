"""Parts of the rows on which a model should work as well as elsewhere."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.metrics.classification import (
    confusion_matrix,
    weighted_f1,
    weighted_f1_interval,
)
from labeling.statistics.text import normalise

Mask = NDArray[np.bool_]
MINIMUM_ROWS = 20


@dataclass(frozen=True)
class SliceScores:
    """A model's scores on a slice; None for all where `rows` is too few to say.

    `low` and `high` are the 95 % bootstrap interval of the weighted F1.
    """

    name: str
    rows: int
    accuracy: float | None
    weighted_f1: float | None
    low: float | None = None
    high: float | None = None

    @property
    def enough_data(self) -> bool:
        """Whether there are scores."""
        return self.weighted_f1 is not None


def short_text(texts: Sequence[str], max_words: int) -> Mask:
    """Say which texts have at most `max_words` words, as separated by white space."""
    return np.array([len(text.split()) <= max_words for text in texts], dtype=np.bool_)


def long_text(texts: Sequence[str], min_words: int) -> Mask:
    """Say which texts have at least `min_words` words, as separated by white space."""
    return np.array([len(text.split()) >= min_words for text in texts], dtype=np.bool_)


def has_term(texts: Sequence[str], terms: Sequence[str]) -> Mask:
    """Say which texts hold any of `terms` as whole words, whatever their case; no terms: none."""
    wanted = [re.escape(term) for term in map(normalise, terms) if term]
    # Not \b: a term may end in a sign, as "c++" does.
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(wanted)})(?!\w)") if wanted else None
    found = [bool(pattern and pattern.search(normalise(text))) for text in texts]
    return np.array(found, dtype=np.bool_)


def score_slices(
    slices: Mapping[str, Mask],
    truth: Sequence[str],
    predicted: Sequence[str],
    labels: Sequence[str],
    *,
    minimum_rows: int = MINIMUM_ROWS,
) -> tuple[SliceScores, ...]:
    """Return the scores on each slice, in the order given.

    Raises ValueError for lists of unequal length or a label that is not in `labels`.
    """
    return tuple(
        _score(
            name,
            [value for value, inside in zip(truth, mask, strict=True) if inside],
            [value for value, inside in zip(predicted, mask, strict=True) if inside],
            labels,
            minimum_rows,
        )
        for name, mask in slices.items()
    )


def _score(
    name: str, truth: list[str], predicted: list[str], labels: Sequence[str], minimum_rows: int
) -> SliceScores:
    if len(truth) < max(minimum_rows, 1):
        return SliceScores(name, len(truth), None, None)
    confusion = confusion_matrix(truth, predicted, labels)
    accuracy = float(np.trace(confusion) / len(truth))
    value, ends = float(weighted_f1(confusion)), weighted_f1_interval(confusion)
    return SliceScores(name, len(truth), accuracy, value, *ends)
