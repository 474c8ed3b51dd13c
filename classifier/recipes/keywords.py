"""Rules learnt from the data: each label's most distinctive words vote for it."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from classifier.recipes.base import (
    Floats,
    Parameters,
    Progress,
    Recipe,
    RecipeError,
    TrainingRows,
    check_rows,
    setting,
)
from classifier.recipes.space import Options, Space, Span
from labeling.statistics.text import normalise

# Word characters, with what holds a word together (don't, scikit-learn) or ends it (c++, c#).
_WORD = re.compile(r"\w+(?:['.\-]\w+)*[+#]*")
_FILE = "keywords.json"


@dataclass(frozen=True)
class KeywordsParameters(Parameters):
    """Settings of the keyword rules."""

    words_per_label: int = setting(
        100, label="Words per label", explanation="How many words a label has.", low=1, high=5000
    )
    minimum_items: int = setting(
        2,
        label="Smallest number of items",
        explanation="A word found in fewer items is left out.",
        low=1,
        high=1000,
    )
    prior_share: float = setting(
        0.1,
        label="Share of the prior",
        explanation="The higher, the more evidence a rare word needs.",
        low=0.0001,
        high=10.0,
    )


class KeywordsRecipe(Recipe[KeywordsParameters]):
    """Counts the keywords of each label in a text; the label with the most weight wins.

    A label's keywords are the words with the highest log-odds against all other labels under an
    informative Dirichlet prior, and their log-odds are their weights (Monroe, Colaresi and
    Quinn 2008, "Fightin' Words").
    """

    name: ClassVar[str] = "keywords"
    title: ClassVar[str] = "Keyword rules"
    parameters_type: ClassVar[type[Parameters]] = KeywordsParameters
    search_space: ClassVar[Space] = {
        "words_per_label": Span(20, 500, log=True, whole=True),
        "minimum_items": Options((1, 2, 3)),
        "prior_share": Span(0.01, 1.0, log=True),
    }

    def __init__(self, parameters: KeywordsParameters | None = None) -> None:
        """Take the settings, by default the recipe's own."""
        super().__init__(parameters)
        self._priors: list[float] = []
        self._keywords: dict[str, dict[str, float]] = {}

    def fit(
        self,
        texts: Sequence[str],
        labels: Sequence[str],
        *,
        weights: Floats | None = None,
        progress: Progress | None = None,
    ) -> None:
        """Find each label's keywords; see `Recipe.fit`."""
        report = progress or Progress()
        rows = check_rows(texts, labels, weights)
        report("counting words", 0.0)
        vocabulary, counts = self._count(texts, rows)
        report("choosing keywords", 0.7)
        self._keywords = self._choose(vocabulary, counts, rows.labels)
        shares = np.bincount(rows.targets, weights=rows.weights, minlength=len(rows.labels))
        self._priors = [float(each) for each in np.log(shares / shares.sum())]
        self.labels, self.warnings = rows.labels, rows.warnings
        report("trained", 1.0)

    def predict_proba(self, texts: Sequence[str]) -> Floats:
        """Return softmax(log prior + the weights of the keywords found); see `Recipe`."""
        columns = [self._keywords[label] for label in self.labels]
        scores = np.zeros((len(texts), len(columns)))
        for row, text in enumerate(texts):
            found = sorted(words(text))
            scores[row] = [sum(column.get(word, 0.0) for word in found) for column in columns]
        scores += np.array(self._priors)
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(odds / odds.sum(axis=1, keepdims=True))

    def save(self, folder: Path) -> None:
        """Write the keywords and their weights as JSON; see `Recipe.save`."""
        content = {
            "parameters": self.parameters.to_dict(),
            "labels": self.labels,
            "priors": self._priors,
            "keywords": self._keywords,
            "warnings": self.warnings,
        }
        text = json.dumps(content, ensure_ascii=False, indent=1)
        (folder / _FILE).write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote; see `Recipe.load`."""
        try:
            content = json.loads((folder / _FILE).read_text(encoding="utf-8"))
            model = cls(KeywordsParameters.from_dict(content["parameters"]))
            model.labels = tuple(content["labels"])
            model.warnings = tuple(content["warnings"])
            model._priors = [float(each) for each in content["priors"]]
            model._keywords = {label: content["keywords"][label] for label in model.labels}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RecipeError(f"{_FILE} holds no keyword rules: {error!r}") from error
        return model

    def describe(self) -> dict[str, Any]:
        """Return the number of keywords and each label's strongest ones, with their weights."""
        return {
            "recipe": self.name,
            "labels": list(self.labels),
            "keywords": {
                label: dict(list(chosen.items())[:20]) for label, chosen in self._keywords.items()
            },
            "keyword_count": sum(len(chosen) for chosen in self._keywords.values()),
            "warnings": list(self.warnings),
        }

    def _count(self, texts: Sequence[str], rows: TrainingRows) -> tuple[list[str], Floats]:
        """Return the vocabulary, and per label the weight of the items that hold each word."""
        found = [words(text) for text in texts]
        items = Counter(word for each in found for word in each)
        vocabulary = sorted(w for w, n in items.items() if n >= self.parameters.minimum_items)
        if not vocabulary:
            least = self.parameters.minimum_items
            raise RecipeError(f"No word occurs in {least} of the {len(texts)} items or more.")
        column = {word: number for number, word in enumerate(vocabulary)}
        counts = np.zeros((len(rows.labels), len(vocabulary)))
        for each, target, weight in zip(found, rows.targets, rows.weights, strict=True):
            # Each column comes up once per item, so += adds it every time.
            counts[target, [column[word] for word in each if word in column]] += weight
        return vocabulary, counts

    def _choose(
        self, vocabulary: list[str], counts: Floats, labels: tuple[str, ...]
    ) -> dict[str, dict[str, float]]:
        """Return each label's keywords with their weights, the most certain ones first."""
        chosen: dict[str, dict[str, float]] = {}
        for label, own in zip(labels, counts, strict=True):
            others = counts.sum(axis=0) - own
            odds, certainty = log_odds(own, others, share=self.parameters.prior_share)
            best = np.argsort(-certainty, kind="stable")[: self.parameters.words_per_label]
            chosen[label] = {vocabulary[n]: float(odds[n]) for n in best if certainty[n] > 0}
        return chosen


def words(text: str) -> set[str]:
    """Return the words of `text` as compared: normalised, each once."""
    return set(_WORD.findall(normalise(text)))


def log_odds(own: Floats, others: Floats, *, share: float) -> tuple[Floats, Floats]:
    """Return each word's log-odds ratio between two groups, and its z-score.

    The prior of a word is a `share` of its count in both groups together (Monroe et al. 2008,
    equations 16, 20 and 21), so that it grows with the data. Every word must occur in a group.
    """
    prior = share * (own + others)
    here, there = own + prior, others + prior
    odds = _logit(here) - _logit(there)
    return odds, odds / np.sqrt(1 / here + 1 / there)


def _logit(mass: Floats) -> Floats:
    # A vocabulary of one word leaves nothing beside it; the floor keeps its odds finite.
    return np.asarray(np.log(mass / np.maximum(mass.sum() - mass, 1e-9)))
