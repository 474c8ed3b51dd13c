"""An encoder that is fine-tuned end to end."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

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
from classifier.recipes.encoders.network import Network
from classifier.recipes.encoders.source import MINILM, allowed_encoders, locate
from classifier.recipes.space import Options, Space, Span
from classifier.recipes.tuning.plan import Plan, balance

_FILE = "transformer.json"


@dataclass(frozen=True)
class TransformerParameters(Parameters):
    """Settings of the transformer recipe."""

    encoder: str = allowed_name(
        MINILM,
        label="Encoder",
        explanation="“minilm”, or another that the operator of this server allows.",
        allowed=allowed_encoders,
    )
    epochs: int = setting(
        3, label="Epochs", explanation="How often every item is seen, at most.", low=1, high=100
    )
    learning_rate: float = setting(
        1e-4,
        label="Learning rate",
        explanation="The larger the encoder, the lower: 2e-5 to 5e-5 for one of 110 million.",
        low=1e-7,
        high=1e-2,
    )
    batch: int = setting(
        16, label="Items per step", explanation="How many items a step sees.", low=1, high=4096
    )
    at_once: int = setting(
        16,
        label="Items at once",
        explanation="How many of them are in memory together; halved by itself where it lacks.",
        low=1,
        high=4096,
    )
    weight_decay: float = setting(
        0.01, label="Weight decay", explanation="Pulls weights towards 0.", low=0, high=1
    )
    validation_share: float = setting(
        0.1,
        label="Share for early stopping",
        explanation="Items kept apart to tell when to stop; 0 trains on all for all epochs.",
        low=0,
        high=0.5,
    )
    patience: int = setting(
        2,
        label="Patience",
        explanation="Epochs without improvement before training stops.",
        low=1,
        high=100,
    )
    balanced: bool = setting(
        True,
        label="Balance labels",
        explanation="Rare labels count as much as frequent ones.",
        low=0,
        high=1,
    )
    precision: str = choice(
        "int8",
        label="Precision of the model",
        explanation="int8 is twice as fast; fp32 is taken where the two disagree too often.",
        choices=("int8", "fp32"),
    )
    seed: int = setting(
        0, label="Seed", explanation="The same seed gives the same model.", low=0, high=2**31 - 1
    )


class TransformerRecipe(Recipe[TransformerParameters]):
    """All weights of an encoder learn, on a GPU where there is one; the model runs in ONNX."""

    name: ClassVar[str] = "transformer"
    title: ClassVar[str] = "Transformer (fine-tuned)"
    parameters_type: ClassVar[type[Parameters]] = TransformerParameters
    search_space: ClassVar[Space] = {
        "learning_rate": Span(2e-5, 3e-4, log=True),
        "epochs": Options((2, 3, 4)),
        "batch": Options((16, 32)),
        "balanced": Options((True, False)),
    }
    needs: ClassVar[tuple[str, ...]] = ("onnxruntime", "tokenizers", "torch", "transformers")
    folds_checked: ClassVar[int] = 1

    def __init__(self, parameters: TransformerParameters | None = None) -> None:
        """Take the settings, by default the recipe's own."""
        super().__init__(parameters)
        self._network: Network | None = None

    def fit(
        self,
        texts: Sequence[str],
        labels: Sequence[str],
        *,
        weights: Floats | None = None,
        progress: Progress | None = None,
    ) -> None:
        """Fine-tune the encoder, from the checkpoint if there is one; see `Recipe.fit`."""
        from classifier.recipes.encoders.export import export, require_torch

        report = progress or Progress()
        rows = check_rows(texts, labels, weights)
        report("preparing the encoder", 0.0)
        require_torch()
        from classifier.recipes.tuning.run import carry_out

        model, tokenizer = carry_out(self._plan(texts, rows), Piece(report, 0.02, 0.95))
        report("bringing the model into ONNX", 0.95)
        self.labels, self.warnings = rows.labels, rows.warnings
        self._network = self._smaller(export(model, tokenizer), texts)
        report("trained", 1.0)

    def predict_proba(self, texts: Sequence[str]) -> Floats:
        """Return the softmax of the network's scores; see `Recipe`."""
        if not texts:
            return np.zeros((0, len(self.labels)))
        scores = self._trained.run(texts).astype(np.float64)
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(odds / odds.sum(axis=1, keepdims=True))

    def save(self, folder: Path) -> None:
        """Write the network in ONNX and the rest as JSON; see `Recipe.save`."""
        self._trained.write(folder)
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
        """Read what `save` wrote; the network is opened at the first text. See `Recipe.load`."""
        try:
            content = json.loads((folder / _FILE).read_text(encoding="utf-8"))
            model = cls(TransformerParameters.from_dict(content["parameters"]))
            model.labels, model.warnings = tuple(content["labels"]), tuple(content["warnings"])
            model.agreement = Agreement.read(content["agreement"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RecipeError(f"{_FILE} holds no transformer model: {error!r}") from error
        model._network = Network.read(folder)
        return model

    def describe(self) -> dict[str, Any]:
        """Return the encoder, the size of the network, and how often 8 bits agreed with 32."""
        return {
            "recipe": self.name,
            "labels": list(self.labels),
            "encoder": self.parameters.encoder,
            "network_mb": round(len(self._trained.graph) / 1e6, 1),
            "int8": self.agreement and self.agreement.to_dict(),
            "warnings": list(self.warnings),
        }

    @property
    def _trained(self) -> Network:
        if self._network is None:
            raise RecipeError("This model has not been trained.")
        return self._network

    def _plan(self, texts: Sequence[str], rows: TrainingRows) -> Plan:
        settings = self.parameters
        weights = balance(rows.targets, rows.weights) if settings.balanced else rows.weights
        return Plan(
            encoder=str(locate(settings.encoder)),
            texts=list(texts),
            targets=rows.targets.tolist(),
            weights=weights.tolist(),
            classes=len(rows.labels),
            epochs=settings.epochs,
            batch=settings.batch,
            micro=min(settings.at_once, settings.batch),
            rate=settings.learning_rate,
            decay=settings.weight_decay,
            validation_share=settings.validation_share,
            patience=settings.patience,
            seed=settings.seed,
        )

    def _smaller(self, full: Network, texts: Sequence[str]) -> Network:
        """Return `full` with 8 bits where that is wanted and gives the same labels."""
        from classifier.recipes.encoders.export import quantised

        if self.parameters.precision != "int8":
            return full
        small = quantised(full)
        compared, on = texts_to_compare(self.held_out, texts)
        of_small, of_full = (each.run(compared).argmax(axis=1) for each in (small, full))
        self.agreement = Agreement.of(of_small, of_full, on)
        if self.agreement.enough:
            return small
        self.warnings += (self.agreement.warning("network"),)
        return full
