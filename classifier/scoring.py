"""From texts to what is stored of a prediction: the same in batch and in real time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from classifier import artifacts
from classifier.models import ModelVersion, Route
from classifier.recipes.artifact import ArtifactError, LoadedModel
from classifier.recipes.text import join_text
from labeling.models import Label

PLACES = 8


@dataclass(frozen=True)
class Score:
    """What a model says of one text. Rounded, so that what is stored is what is compared."""

    label: Label
    confidence: float
    probabilities: dict[str, float]


@dataclass(frozen=True)
class Scorer:
    """A model that is ready to predict a project's labels."""

    version: ModelVersion
    loaded: LoadedModel
    labels: Mapping[str, Label]

    def score(self, texts: Sequence[tuple[str, str]]) -> list[Score]:
        """Return a score for each title and body."""
        rows = self.loaded.predict_proba([join_text(title, body) for title, body in texts])
        return [self._score(row) for row in rows.tolist()]

    def _score(self, row: Sequence[float]) -> Score:
        shares = (round(share, PLACES) for share in row)
        probabilities = dict(zip(self.loaded.labels, shares, strict=True))
        best = max(probabilities, key=probabilities.__getitem__)
        return Score(self.labels[best], probabilities[best], probabilities)


def open_scorer(version: ModelVersion, loaded: LoadedModel | None = None) -> Scorer:
    """Load a model, unless it is given, and match its labels with its project's.

    Raises:
        ArtifactError: its files are not what was stored, or the project lost one of its labels.
    """
    loaded = loaded or artifacts.load(version)
    labels = {label.name: label for label in version.project.labels.all()}
    lost = [name for name in loaded.labels if name not in labels]
    if lost:
        raise ArtifactError(f"The project has no label {', '.join(lost)} any more.")
    return Scorer(version, loaded, labels)


def route_of(confidence: float, threshold: float) -> Route:
    """Return what follows from a prediction of this confidence."""
    return Route.ACCEPT if confidence >= threshold else Route.REVIEW
