"""What models answer on the gold holdout, and how right they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from classifier import artifacts
from classifier.behaviour import cases_of
from classifier.deploy import champion_of
from classifier.metrics.behaviour import Case
from classifier.metrics.classification import (
    Overall,
    align_probabilities,
    evaluate,
    predicted_labels,
)
from classifier.metrics.gate import Contender
from classifier.metrics.slices import Mask, SliceScores, score_slices
from classifier.models import DatasetSnapshot, ModelVersion, SnapshotRow
from classifier.recipes.artifact import ArtifactError, LoadedModel
from classifier.recipes.text import join_text
from classifier.slices import Facts, ensure_slices, facts_of, masks
from labeling.errors import Unavailable
from labeling.models import Project, Split

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Holdout:
    """The rows that models are measured on, their slices, and the cases that models must pass."""

    rows: Sequence[SnapshotRow]
    labels: Sequence[str]
    slices: dict[str, Mask]
    facts: Sequence[Facts]
    cases: Sequence[Case] = ()

    @cached_property
    def texts(self) -> list[str]:
        """What a model sees of each row."""
        return [join_text(row.title, row.body) for row in self.rows]

    @cached_property
    def truth(self) -> list[str]:
        """The label of each row."""
        return [row.label for row in self.rows]


@dataclass(frozen=True)
class Measured:
    """A model's answers on a holdout; `labels` is the order of the probabilities."""

    labels: Sequence[str]
    predicted: list[str]
    probabilities: Floats
    overall: Overall
    slices: tuple[SliceScores, ...]

    @property
    def contender(self) -> Contender:
        """What the gate looks at."""
        return Contender(self.overall, self.slices)


@dataclass(frozen=True)
class Opponent:
    """The champion, measured on the same holdout as its challenger."""

    model: ModelVersion
    measured: Measured


def holdout_of(snapshot: DatasetSnapshot) -> Holdout:
    """Return the holdout rows of a snapshot with the project's slices."""
    held_out = snapshot.rows.filter(split=Split.HOLDOUT).order_by("id")
    rows = list(held_out.select_related("item__import_job"))
    facts = [facts_of(row) for row in rows]
    slices = masks(ensure_slices(snapshot.project), facts)
    return Holdout(rows, list(snapshot.labels), slices, facts, cases_of(snapshot.project))


def measure(model: LoadedModel, holdout: Holdout) -> Measured:
    """Return a model's answers on a holdout and their figures.

    A label that the project has given up since the model was trained is still an answer of it,
    and a wrong one.
    """
    given_up = [label for label in model.labels if label not in holdout.labels]
    labels = [*holdout.labels, *given_up]
    probabilities = align_probabilities(model.predict_proba(holdout.texts), model.labels, labels)
    predicted = predicted_labels(probabilities, labels)
    return Measured(
        labels=labels,
        predicted=predicted,
        probabilities=probabilities,
        overall=evaluate(holdout.truth, predicted, probabilities, labels),
        slices=score_slices(holdout.slices, holdout.truth, predicted, labels),
    )


def opponent_of(project: Project, holdout: Holdout) -> Opponent | None:
    """Return the champion with its figures on this very holdout, or None without a champion.

    Raises:
        Unavailable: the champion's artifact cannot be loaded, so nothing can be compared.
    """
    champion = champion_of(project)
    if champion is None:
        return None
    try:
        loaded = artifacts.load(champion)
    except ArtifactError as error:
        raise Unavailable(
            f"The champion, model {champion.number}, cannot be compared with: {error} Restore its "
            "artifact, or roll back to another model."
        ) from error
    return Opponent(champion, measure(loaded, holdout))
