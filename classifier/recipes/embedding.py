"""A frozen sentence encoder under a logistic regression."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from threadpoolctl import threadpool_limits

from classifier.recipes.agreement import Agreement, texts_to_compare
from classifier.recipes.base import (
    Floats,
    Parameters,
    Piece,
    Progress,
    Recipe,
    RecipeError,
    TrainingRows,
    allowed_name,
    check_rows,
    choice,
    setting,
)
from classifier.recipes.encoders import NetworkEncoder, encode, prepared
from classifier.recipes.encoders.network import Network
from classifier.recipes.encoders.source import MINILM, allowed_encoders
from classifier.recipes.skops_file import read_skops, write_skops
from classifier.recipes.space import Options, Space, Span

_FILE = "embedding.json"
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
_ITERATIONS = 2000


@dataclass(frozen=True)
class EmbeddingParameters(Parameters):
    """Settings of the embedding recipe."""

    encoder: str = allowed_name(
        MINILM,
        label="Encoder",
        explanation="“minilm”, or another that the operator of this server allows.",
        allowed=allowed_encoders,
    )
    precision: str = choice(
        "int8",
        label="Precision of the encoder",
        explanation="int8 is twice as fast; fp32 is taken where the two disagree too often.",
        choices=("int8", "fp32"),
    )
    fit_strength: float = setting(
        10.0,
        label="Fit strength",
        explanation="The higher, the closer the model follows single examples.",
        low=0.001,
        high=1e6,
    )
    balanced: bool = setting(
        True,
        label="Balance labels",
        explanation="Rare labels count as much as frequent ones.",
        low=0,
        high=1,
    )


class EmbeddingRecipe(Recipe[EmbeddingParameters]):
    """The meaning of a text as a vector, and a logistic regression on it.

    The vectors are those of the encoder that will serve: in ONNX, by default with weights of 8
    bits. They are kept by text (`encoders/cache.py`), so that training again costs a second.
    """

    name: ClassVar[str] = "embedding"
    title: ClassVar[str] = "Embedding (frozen encoder)"
    parameters_type: ClassVar[type[Parameters]] = EmbeddingParameters
    search_space: ClassVar[Space] = {
        "fit_strength": Span(0.3, 100.0, log=True),
        "balanced": Options((True, False)),
    }
    needs: ClassVar[tuple[str, ...]] = ("onnxruntime", "tokenizers", "torch", "transformers")

    def __init__(self, parameters: EmbeddingParameters | None = None) -> None:
        """Take the settings, by default the recipe's own."""
        super().__init__(parameters)
        self._encoder: NetworkEncoder | None = None
        self._head: Any = None

    def fit(
        self,
        texts: Sequence[str],
        labels: Sequence[str],
        *,
        weights: Floats | None = None,
        progress: Progress | None = None,
    ) -> None:
        """Encode the texts and fit the weights; see `Recipe.fit`."""
        report = progress or Progress()
        rows = check_rows(texts, labels, weights)
        self.labels, self.warnings = rows.labels, rows.warnings
        report("preparing the encoder", 0.0)
        full = prepared.full_precision(self.parameters.encoder)
        if self.parameters.precision == "int8":
            small = prepared.eight_bit(self.parameters.encoder)
            self._learn(small, texts, rows, Piece(report, 0.1, 0.7))
            if self._agrees(full, texts, Piece(report, 0.7, 0.8)):
                report("trained", 1.0)
                return
        self._learn(full, texts, rows, Piece(report, 0.8, 1.0))
        report("trained", 1.0)

    def predict_proba(self, texts: Sequence[str]) -> Floats:
        """Return the probabilities of the logistic regression; see `Recipe`."""
        if not texts:
            return np.zeros((0, len(self.labels)))
        vectors = encode(self._used, texts)
        return np.asarray(self._head.predict_proba(vectors.astype(np.float64)), dtype=np.float64)

    def vectors(self, texts: Sequence[str]) -> Floats:
        """Return the encoder's vector of each text, and keep the new ones."""
        return encode(self._used, texts, keep=True).astype(np.float64)

    def save(self, folder: Path) -> None:
        """Write the encoder in ONNX, the head with skops, the rest as JSON; see `Recipe.save`."""
        self._used.network.write(folder)
        write_skops(folder / _HEAD, {"head": self._head})
        content = {
            "parameters": self.parameters.to_dict(),
            "labels": self.labels,
            "warnings": self.warnings,
            "agreement": self.agreement and self.agreement.to_dict(),
        }
        text = json.dumps(content, ensure_ascii=False, indent=1)
        (folder / _FILE).write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote; the encoder is opened at the first text. See `Recipe.load`."""
        stored = read_skops(folder / _HEAD, allowed=_TYPES)
        try:
            content = json.loads((folder / _FILE).read_text(encoding="utf-8"))
            model = cls(EmbeddingParameters.from_dict(content["parameters"]))
            model.labels, model.warnings = tuple(content["labels"]), tuple(content["warnings"])
            model.agreement = Agreement.read(content["agreement"])
            model._head = stored["head"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RecipeError(f"{_FILE} holds no embedding model: {error!r}") from error
        model._encoder = NetworkEncoder(Network.read(folder))
        return model

    def describe(self) -> dict[str, Any]:
        """Return the encoder, the size of its vectors, and how often 8 bits agreed with 32."""
        return {
            "recipe": self.name,
            "labels": list(self.labels),
            "encoder": self.parameters.encoder,
            "dimensions": int(self._head.coef_.shape[1]),
            "int8": self.agreement and self.agreement.to_dict(),
            "warnings": list(self.warnings),
        }

    @property
    def _used(self) -> NetworkEncoder:
        if self._encoder is None:
            raise RecipeError("This model has not been trained.")
        return self._encoder

    def _learn(
        self, network: Network, texts: Sequence[str], rows: TrainingRows, progress: Progress
    ) -> None:
        """Take `network` as the encoder and fit the head on its vectors."""
        from sklearn.linear_model import LogisticRegression

        self._encoder = NetworkEncoder(network)
        vectors = encode(self._encoder, texts, keep=True, progress=progress)
        self._head = LogisticRegression(
            C=self.parameters.fit_strength,
            class_weight="balanced" if self.parameters.balanced else None,
            max_iter=_ITERATIONS,
        )
        # The matrices of a step are small: threads would wait for each other longer than they work.
        with threadpool_limits(1):
            self._head.fit(vectors.astype(np.float64), rows.targets, sample_weight=rows.weights)

    def _agrees(self, full: Network, texts: Sequence[str], progress: Progress) -> bool:
        """Tell whether the encoder of 8 bits gives the labels that the full one gives."""
        compared, on = texts_to_compare(self.held_out, texts)
        small = encode(self._used, compared, keep=True, progress=Piece(progress, 0.0, 0.4))
        large = encode(
            NetworkEncoder(full), compared, keep=True, progress=Piece(progress, 0.4, 1.0)
        )
        of_small, of_large = (
            self._head.predict(vectors.astype(float)) for vectors in (small, large)
        )
        self.agreement = Agreement.of(of_small, of_large, on)
        if not self.agreement.enough:
            self.warnings += (self.agreement.warning("encoder"),)
        return self.agreement.enough
