"""The mean of what several recipes say."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from classifier.recipes.base import (
    Floats,
    Parameters,
    Piece,
    Progress,
    Recipe,
    RecipeError,
    allowed_name,
    check_rows,
    choice,
    setting,
)
from classifier.recipes.embedding import EmbeddingParameters, EmbeddingRecipe
from classifier.recipes.encoders.source import MINILM, allowed_encoders
from classifier.recipes.linear import LinearRecipe
from classifier.recipes.space import Space, Span

_FILE = "blend.json"


@dataclass(frozen=True)
class BlendParameters(Parameters):
    """Settings of the blend."""

    linear_weight: float = setting(
        0.4,
        label="Weight of linear",
        explanation="How much the linear recipe counts; 0 leaves it out.",
        low=0,
        high=1,
    )
    embedding_weight: float = setting(
        0.6,
        label="Weight of embedding",
        explanation="How much the embedding recipe counts; 0 leaves it out.",
        low=0,
        high=1,
    )
    embedding_fit_strength: float = setting(
        3.0,
        label="Fit strength of embedding",
        explanation="The higher, the closer the embedding recipe follows single examples.",
        low=0.001,
        high=1e6,
    )
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


class BlendRecipe(Recipe[BlendParameters]):
    """Words and meaning err on different items, so the mean of both errs less often."""

    name: ClassVar[str] = "blend"
    title: ClassVar[str] = "Blend (linear and embedding)"
    parameters_type: ClassVar[type[Parameters]] = BlendParameters
    search_space: ClassVar[Space] = {
        "embedding_weight": Span(0.1, 1.0),
        "embedding_fit_strength": Span(0.3, 100.0, log=True),
    }
    needs: ClassVar[tuple[str, ...]] = EmbeddingRecipe.needs

    def __init__(self, parameters: BlendParameters | None = None) -> None:
        """Take the settings, by default the recipe's own."""
        super().__init__(parameters)
        self._parts: dict[str, Recipe[Any]] = {}

    def fit(
        self,
        texts: Sequence[str],
        labels: Sequence[str],
        *,
        weights: Floats | None = None,
        progress: Progress | None = None,
    ) -> None:
        """Train every part that counts, one after the other; see `Recipe.fit`."""
        report = progress or Progress()
        rows = check_rows(texts, labels, weights)
        parts = self._new_parts()
        for place, (name, part) in enumerate(parts.items()):
            low, high = place / len(parts), (place + 1) / len(parts)
            part.compare_on(self.held_out)
            part.fit(texts, labels, weights=weights, progress=Piece(report, low, high, folder=name))
        self._take(parts)
        self.labels = rows.labels
        told = (warning for part in parts.values() for warning in part.warnings)
        self.warnings = tuple(dict.fromkeys(told))
        report("trained", 1.0)

    def predict_proba(self, texts: Sequence[str]) -> Floats:
        """Return the weighted mean of the parts' probabilities; see `Recipe`."""
        total = sum(
            self._weights[name] * part.predict_proba(texts) for name, part in self._parts.items()
        )
        return np.asarray(total / sum(self._weights.values()))

    def vectors(self, texts: Sequence[str]) -> Floats | None:
        """Return the embedding's vectors; None where the embedding does not count."""
        part = self._parts.get("embedding")
        return part.vectors(texts) if isinstance(part, EmbeddingRecipe) else None

    def save(self, folder: Path) -> None:
        """Write every part into a folder of its own; see `Recipe.save`."""
        content = {
            "parameters": self.parameters.to_dict(),
            "labels": self.labels,
            "warnings": self.warnings,
        }
        text = json.dumps(content, ensure_ascii=False, indent=1)
        (folder / _FILE).write_text(text, encoding="utf-8")
        for name, part in self._parts.items():
            (folder / name).mkdir()
            part.save(folder / name)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read every part that counts; see `Recipe.load`."""
        try:
            content = json.loads((folder / _FILE).read_text(encoding="utf-8"))
            model = cls(BlendParameters.from_dict(content["parameters"]))
            model.labels, model.warnings = tuple(content["labels"]), tuple(content["warnings"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RecipeError(f"{_FILE} holds no blend: {error!r}") from error
        kinds = model._new_parts()
        model._take({name: type(part).load(folder / name) for name, part in kinds.items()})
        if any(part.labels != model.labels for part in model._parts.values()):
            raise RecipeError(f"The labels of the parts are not those of {_FILE}.")
        return model

    def describe(self) -> dict[str, Any]:
        """Return each part's weight and description."""
        return {
            "recipe": self.name,
            "labels": list(self.labels),
            "weights": self._weights,
            "parts": {name: part.describe() for name, part in self._parts.items()},
            "warnings": list(self.warnings),
        }

    @property
    def _weights(self) -> dict[str, float]:
        """The weight of every part that counts."""
        settings = self.parameters
        weights = {"linear": settings.linear_weight, "embedding": settings.embedding_weight}
        return {name: weight for name, weight in weights.items() if weight > 0}

    def _take(self, parts: dict[str, Recipe[Any]]) -> None:
        """Take trained parts; what became of 8 bits is what the embedding says."""
        self._parts = parts
        self.agreement = parts["embedding"].agreement if "embedding" in parts else None

    def _new_parts(self) -> dict[str, Recipe[Any]]:
        settings = self.parameters
        embedding = EmbeddingParameters(
            encoder=settings.encoder,
            precision=settings.precision,
            fit_strength=settings.embedding_fit_strength,
        )
        parts: dict[str, Recipe[Any]] = {
            "linear": LinearRecipe(),
            "embedding": EmbeddingRecipe(embedding),
        }
        if not self._weights:
            raise RecipeError("linear_weight and embedding_weight are both 0: one must count.")
        return {name: parts[name] for name in self._weights}
