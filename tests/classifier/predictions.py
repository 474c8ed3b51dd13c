"""Stored predictions."""

from typing import Any

from classifier.models import ModelVersion, Prediction
from classifier.scoring import route_of
from tests.classifier.champions import WORDS


def make_prediction(
    model: ModelVersion, label: str = "alpha", confidence: float = 0.5, **fields: Any
) -> Prediction:
    """Store what a model said, as the serving process does; the threshold is 0.8."""
    rest = (1 - confidence) / (len(WORDS) - 1)
    return Prediction.objects.create(
        **{
            "project": model.project,
            "model_version": model,
            "title": f"Text number {Prediction.objects.count() + 1}",
            "label": model.project.labels.get(name=label),
            "confidence": confidence,
            "probabilities": dict.fromkeys(WORDS, rest) | {label: confidence},
            "route": route_of(confidence, 0.8),
            "threshold": 0.8,
            "source": "realtime",
        }
        | fields
    )
