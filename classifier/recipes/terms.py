"""A linear model of weighted terms, read text by text.

It says what scikit-learn's vectorizers and regression say. They are made for large matrices, and
spend a millisecond before they look at the first text: half of what a tag in real time costs.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from classifier.recipes.base import Floats
from labeling.statistics.text import normalise

Cut = Callable[[str], Iterable[str]]
REMEMBERED, LONGEST_REMEMBERED = 50_000, 40
_RUN_LENGTHS = (3, 4, 5)


@dataclass
class View:
    """The terms of one kind in a text, by their columns.

    Attributes:
        pieces: cuts a text into pieces of which each always has the same terms.
        terms: returns the terms of a piece.
        vocabulary: the column of each known term.
        rarity: [columns] what a term counts for being rare (its inverse document frequency).
        weights: [columns, scores] what a term adds to each score.
    """

    pieces: Cut
    terms: Cut
    vocabulary: dict[str, int]
    rarity: Floats
    weights: Floats
    _known: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def scores(self, text: str) -> Floats | float:
        """Return what this view adds to the scores.

        Terms count by the logarithm of their count and by their rarity, scaled to length 1.
        """
        found = [column for piece in self.pieces(text) for column in self._columns(piece)]
        if not found:
            return 0.0
        columns, counts = np.unique(np.array(found, dtype=np.intp), return_counts=True)
        values = (np.log(counts) + 1.0) * self.rarity[columns]
        scores: Floats = (values / np.sqrt(values @ values)) @ self.weights[columns]
        return scores

    def _columns(self, piece: str) -> tuple[int, ...]:
        columns = self._known.get(piece)
        if columns is not None:
            return columns
        known = self.vocabulary
        columns = tuple(known[term] for term in self.terms(piece) if term in known)
        if len(piece) <= LONGEST_REMEMBERED:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[piece] = columns
        return columns


@dataclass(frozen=True)
class TermModel:
    """Views whose scores add up, from which a regression makes probabilities."""

    views: Sequence[View]
    intercept: Floats

    def predict_proba(self, texts: Sequence[str]) -> Floats:
        """Return the probabilities [texts, labels]; a row depends on its own text alone."""
        return np.array([self._probabilities(text) for text in texts])

    def _probabilities(self, text: str) -> Floats:
        scores = self.intercept + sum(view.scores(text) for view in self.views)
        if len(scores) == 1:
            # Two labels share one score, which speaks for the second of them.
            second = 1.0 / (1.0 + np.exp(-scores[0]))
            return np.array([1.0 - second, second])
        odds = np.exp(scores - scores.max())
        probabilities: Floats = odds / odds.sum()
        return probabilities


def runs_of_characters(text: str) -> list[str]:
    """Return the runs of 3 to 5 characters within the words of `text`, edges of words included.

    What scikit-learn's `char_wb` gives of a normalised text, and about twice as fast: most words
    come again, and their runs are remembered.
    """
    return [run for word in normalise(text).split() for run in _remembered(word)]


def runs_of(word: str) -> tuple[str, ...]:
    """Return the runs of 3 to 5 characters of a word, its edges included."""
    edged = f" {word} "
    starts = ((start, n) for n in _RUN_LENGTHS for start in range(len(edged) - n + 1))
    return tuple(edged[start : start + n] for start, n in starts)


_remembered = lru_cache(maxsize=100_000)(runs_of)
