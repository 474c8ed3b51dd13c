"""TF-IDF of words and characters under a logistic regression."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from threadpoolctl import threadpool_limits

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
from classifier.recipes.skops_file import read_skops, write_skops
from classifier.recipes.space import Options, Space, Span
from classifier.recipes.terms import Cut, TermModel, View, runs_of, runs_of_characters
from labeling.statistics.text import normalise

_VOCABULARY = "vocabulary.json"
_HEAD = "head.skops"
_TYPES = frozenset(
    {
        "builtins.dict",
        "builtins.list",
        "builtins.str",
        "numpy.ndarray",
        "sklearn.linear_model._logistic.LogisticRegression",
    }
)
_ITERATIONS = 1000
_PRIOR = 0.1
_CUTS: dict[str, Callable[[Any], tuple[Cut, Cut]]] = {
    # Pairs of words are those of a whole text, runs of characters those of each word.
    "words": lambda view: (lambda text: (text,), view.build_analyzer()),
    "characters": lambda _: (lambda text: normalise(text).split(), runs_of),
}


@dataclass(frozen=True)
class LinearParameters(Parameters):
    """Settings of the linear recipe."""

    fit_strength: float = setting(
        10.0,
        label="Fit strength",
        explanation="The higher, the closer the model follows single examples.",
        low=0.001,
        high=1e6,
    )
    character_share: float = setting(
        1.0,
        label="Weight of characters",
        explanation="How much runs of characters count beside words.",
        low=0.01,
        high=10.0,
    )
    minimum_items: int = setting(
        2,
        label="Smallest number of items",
        explanation="A term found in fewer items is left out.",
        low=1,
        high=1000,
    )
    maximum_terms: int = setting(
        200_000,
        label="Largest vocabulary",
        explanation="Keeps that many terms of each kind, the most frequent first.",
        low=100,
        high=5_000_000,
    )
    balanced: bool = setting(
        True,
        label="Balance labels",
        explanation="Rare labels count as much as frequent ones.",
        low=0,
        high=1,
    )


class LinearRecipe(Recipe[LinearParameters]):
    """Words, pairs of words, and runs of 3 to 5 characters, weighted by a logistic regression."""

    name: ClassVar[str] = "linear"
    title: ClassVar[str] = "Linear (TF-IDF)"
    parameters_type: ClassVar[type[Parameters]] = LinearParameters
    search_space: ClassVar[Space] = {
        "fit_strength": Span(0.3, 100.0, log=True),
        "character_share": Span(0.3, 2.0, log=True),
        "minimum_items": Options((1, 2, 3)),
        "balanced": Options((True, False)),
    }

    def __init__(self, parameters: LinearParameters | None = None) -> None:
        """Take the settings, by default the recipe's own."""
        super().__init__(parameters)
        self._views: dict[str, Any] = {}
        self._head: Any = None
        self._read_by: TermModel | None = None

    def fit(
        self,
        texts: Sequence[str],
        labels: Sequence[str],
        *,
        weights: Floats | None = None,
        progress: Progress | None = None,
    ) -> None:
        """Build the vocabulary and fit the weights; see `Recipe.fit`."""
        report = progress or Progress()
        rows = check_rows(texts, labels, weights)
        report("building the vocabulary", 0.0)
        matrix = self._fitted_views(texts)
        report("fitting the weights", 0.5)
        self._head, self._read_by = self._fitted_head(matrix, rows), None
        self.labels, self.warnings = rows.labels, rows.warnings
        report("trained", 1.0)

    def predict_proba(self, texts: Sequence[str]) -> Floats:
        """Return the probabilities of the logistic regression; see `Recipe`."""
        if not texts:
            return np.zeros((0, len(self.labels)))
        return self._reader.predict_proba(texts)

    def save(self, folder: Path) -> None:
        """Write the vocabulary as JSON, its weights and the head with skops; see `Recipe.save`."""
        content = {
            "parameters": self.parameters.to_dict(),
            "labels": self.labels,
            "warnings": self.warnings,
            "terms": {name: _terms(view) for name, view in self._views.items()},
        }
        text = json.dumps(content, ensure_ascii=False)
        (folder / _VOCABULARY).write_text(text, encoding="utf-8")
        rarity = {name: view.idf_ for name, view in self._views.items()}
        write_skops(folder / _HEAD, {"head": self._head, "rarity": rarity})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote, refusing types that it never writes; see `Recipe.load`."""
        stored = read_skops(folder / _HEAD, allowed=_TYPES)
        try:
            content = json.loads((folder / _VOCABULARY).read_text(encoding="utf-8"))
            model = cls(LinearParameters.from_dict(content["parameters"]))
            model.labels, model.warnings = tuple(content["labels"]), tuple(content["warnings"])
            model._head = stored["head"]
            for name, terms in content["terms"].items():
                model._views[name] = model._new_view(name, vocabulary=terms)
                model._views[name].idf_ = stored["rarity"][name]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RecipeError(f"{_VOCABULARY} holds no linear model: {error!r}") from error
        return model

    def describe(self) -> dict[str, Any]:
        """Return the size of the vocabulary and each label's strongest words."""
        return {
            "recipe": self.name,
            "labels": list(self.labels),
            "terms": {name: len(view.vocabulary_) for name, view in self._views.items()},
            "strongest_words": self._strongest_words(20),
            "warnings": list(self.warnings),
        }

    def contributions(self, text: str) -> Iterator[tuple[str, str, Floats]]:
        """Yield each term of `text`: its kind, the term, and what it adds to each label's score.

        Kinds are words (pairs too) and characters; scores are those before the softmax, in the
        order of `labels`, and also hold an intercept that no term adds.
        """
        weights = self._head.coef_
        # Two labels share one row of weights, the difference of their scores.
        weights = np.vstack([-weights, weights]) / 2 if len(weights) == 1 else weights
        row = self._matrix([text])
        terms = [(name, term) for name, view in self._views.items() for term in _terms(view)]
        for column, value in zip(row.indices, row.data, strict=True):
            yield *terms[column], weights[:, column] * value

    @property
    def _reader(self) -> TermModel:
        """The model in the form that predicts: made once, at the first text."""
        if self._read_by is None:
            self._read_by = self._new_reader()
        return self._read_by

    def _new_reader(self) -> TermModel:
        share = {"words": 1.0, "characters": self.parameters.character_share}
        views, begin = [], 0
        for name, view in self._views.items():
            # A row a term, side by side in memory: those of a text are gathered from all over.
            end = begin + len(view.idf_)
            weights = np.ascontiguousarray(share[name] * self._head.coef_[:, begin:end].T)
            begin = end
            views.append(View(*_CUTS[name](view), view.vocabulary_, view.idf_, weights))
        return TermModel(views, self._head.intercept_)

    def _new_view(self, name: str, *, vocabulary: list[str] | None = None) -> Any:
        """Return the vectorizer of words or characters, unfitted unless it gets a vocabulary."""
        from sklearn.feature_extraction.text import TfidfVectorizer

        kinds: dict[str, dict[str, Any]] = {
            "words": {"analyzer": "word", "ngram_range": (1, 2), "preprocessor": normalise},
            "characters": {"analyzer": runs_of_characters},
        }
        limits = {
            "min_df": self.parameters.minimum_items,
            "max_features": self.parameters.maximum_terms,
        }
        return TfidfVectorizer(
            sublinear_tf=True,
            vocabulary=vocabulary,
            **kinds[name],
            **(limits if vocabulary is None else {}),
        )

    def _fitted_views(self, texts: Sequence[str]) -> Any:
        """Keep the views that have a vocabulary, and return their matrix of `texts`.

        Scripts without spaces have no words.
        """
        views: dict[str, Any] = {}
        blocks: dict[str, Any] = {}
        for name in ("words", "characters"):
            view = self._new_view(name)
            try:
                blocks[name] = view.fit_transform(texts)
            except ValueError:  # How scikit-learn says that no term is left.
                continue
            views[name] = view
        if not views:
            least = self.parameters.minimum_items
            raise RecipeError(f"No term occurs in {least} of the {len(texts)} items or more.")
        self._views = views
        return self._joined(blocks)

    def _matrix(self, texts: Sequence[str]) -> Any:
        return self._joined({name: view.transform(texts) for name, view in self._views.items()})

    def _joined(self, blocks: dict[str, Any]) -> Any:
        from scipy.sparse import hstack

        share = {"words": 1.0, "characters": self.parameters.character_share}
        return hstack([share[name] * block for name, block in blocks.items()], format="csr")

    def _fitted_head(self, matrix: Any, rows: TrainingRows) -> Any:
        """Return the regression, fitted on terms scaled by how well each tells labels apart.

        The scale is then folded into the weights, so that the model stays plainly linear.
        """
        from sklearn.linear_model import LogisticRegression

        scale = _telling_apart(matrix, rows)
        head = LogisticRegression(
            C=self.parameters.fit_strength,
            class_weight="balanced" if self.parameters.balanced else None,
            max_iter=_ITERATIONS,
        )
        # The vectors of a step are short: threads would wait for each other longer than they work.
        with threadpool_limits(1):
            head.fit(matrix.multiply(scale).tocsr(), rows.targets, sample_weight=rows.weights)
        head.coef_ = head.coef_ * scale
        return head

    def _strongest_words(self, count: int) -> dict[str, dict[str, float]]:
        """Return, per label, the words that speak most for it, with their weights."""
        # Words come first in the matrix, so their columns start at 0.
        terms = _terms(self._views["words"]) if "words" in self._views else []
        # Two labels share one row of weights, which speaks for the second of them.
        rows = self._head.coef_
        rows = np.vstack([-rows, rows]) if len(rows) == 1 else rows
        strongest: dict[str, dict[str, float]] = {}
        for label, row in zip(self.labels, rows, strict=True):
            own = row[: len(terms)]
            best = np.argsort(-own, kind="stable")[:count]
            strongest[label] = {terms[n]: round(float(own[n]), 4) for n in best}
        return strongest


def _telling_apart(matrix: Any, rows: TrainingRows) -> Floats:
    """Return each term's spread, over labels, of its log-count ratio against all other labels.

    The ratio of naive Bayes as a scale for a linear model is by Wang and Manning (2012); the
    standard deviation over labels carries it from two labels to any number.
    """
    every = np.asarray(rows.weights @ matrix)
    ratios = []
    for target in range(len(rows.labels)):
        own = np.where(rows.targets == target, rows.weights, 0.0) @ matrix
        here, there = own + _PRIOR, every - own + _PRIOR
        ratios.append(np.log(here / here.sum()) - np.log(there / there.sum()))
    return np.asarray(np.std(ratios, axis=0))


def _terms(view: Any) -> list[str]:
    """Return the terms of a fitted vectorizer, in the order of its columns."""
    return [str(term) for term in view.get_feature_names_out()]
