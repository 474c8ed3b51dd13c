"""What the champion may accept by itself under a promise, by its answers to the holdout."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.deploy import NOTHING, Thresholds, deployment_of, in_force, promise_of
from classifier.holdout import drawn_and_labeled
from classifier.metrics.warranty import Promise, Warranty, warrant, warrant_each
from classifier.models import HoldoutPrediction, ModelVersion, Stage
from labeling.models import Project

# Shares that may be wrong, which are shown beside the one that was asked for.
USUAL_ERRORS = (0.01, 0.02, 0.05, 0.1)
USUAL_RISK = 0.05


@dataclass(frozen=True)
class Offer:
    """A promise, and what would be accepted under it."""

    promise: Promise
    warranty: Warranty

    @property
    def one_in(self) -> int:
        """In how many cases the promise may fail once."""
        return round(1 / self.promise.risk)

    @property
    def reason(self) -> str:
        """Why a threshold stands where it does, for the record."""
        return (
            f"At most {self.promise.error:.1%} of the accepted is wrong, "
            f"{1 - self.promise.risk:.0%} sure, by {self.warranty.labels} holdout labels."
        )

    @property
    def shortfall(self) -> str:
        """Why nothing may be accepted, for the record."""
        lack = f"{self.warranty.missing} labels more are needed at the least"
        why = lack if self.warranty.missing else "it is wrong too often even where it is surest"
        return (
            f"That at most {self.promise.error:.1%} of the accepted is wrong is not proven by "
            f"{self.warranty.labels} holdout labels: {why}."
        )


@dataclass(frozen=True)
class LabelOffer:
    """A promise that is to hold of every label, and what would be accepted as each."""

    promise: Promise
    by_label: Mapping[str, Warranty]

    @property
    def each(self) -> Promise:
        """What is promised of one label: all of them share the risk."""
        return self.promise.each(len(self.by_label) or 1)

    @property
    def thresholds(self) -> dict[str, float | None]:
        """Each label's threshold; None where nothing is accepted as it."""
        return {label: found.threshold for label, found in self.by_label.items()}

    @property
    def accepts(self) -> bool:
        """Whether anything is accepted as any label."""
        return any(threshold is not None for threshold in self.thresholds.values())

    @property
    def coverage(self) -> float:
        """Share of all answers that is accepted, as whichever label."""
        labels = sum(found.labels for found in self.by_label.values())
        return sum(found.accepted for found in self.by_label.values()) / labels if labels else 0.0

    @property
    def reason(self) -> str:
        """Why the thresholds stand where they do, for the record."""
        return (
            f"At most {self.promise.error:.1%} of what is accepted as each label is wrong, "
            f"{1 - self.promise.risk:.0%} sure of all {len(self.by_label)} at once, by "
            f"{sum(found.labels for found in self.by_label.values())} holdout labels."
        )


@dataclass(frozen=True)
class Answers:
    """What a model answered to the holdout, a row each."""

    confidence: NDArray[np.float64]
    predicted: NDArray[np.str_]
    right: NDArray[np.bool_]

    def __len__(self) -> int:
        """How many there are."""
        return len(self.confidence)


def offers_of(said: Answers, promises: Sequence[Promise]) -> list[Offer]:
    """Return what may be accepted under each promise by what a model answered to the holdout."""
    return [Offer(each, warrant(said.confidence, said.right, each)) for each in promises]


def label_offer_of(said: Answers, promise: Promise, labels: Sequence[str]) -> LabelOffer:
    """Return what may be accepted as each label, under a promise that holds for all of them.

    A label is tested on the holdout items that the model answers with it.
    """
    found = warrant_each(said.confidence, said.right, said.predicted, promise, labels)
    return LabelOffer(promise, found)


def proven(model: ModelVersion, promise: Promise, *, by_label: bool) -> tuple[Thresholds, str]:
    """Return the thresholds with which a model keeps a promise, and why they stand there.

    What its answers do not prove is not accepted.
    """
    said = answers_of(model)
    if by_label:
        labels = list(model.project.labels.values_list("name", flat=True))
        each = label_offer_of(said, promise, labels)
        return Thresholds(NOTHING, each.thresholds), each.reason
    (offer,) = offers_of(said, [promise])
    if offer.warranty.threshold is None:
        return Thresholds(NOTHING), offer.shortfall
    return Thresholds(offer.warranty.threshold), offer.reason


def thresholds_for(model: ModelVersion) -> Thresholds:
    """Return from which confidence on the answers of a model are accepted now.

    Those of the champion are in force; under a promise every other model has its own.
    """
    deployment = deployment_of(
        Project.objects.select_related("deployment").get(pk=model.project_id)
    )
    promise = promise_of(deployment)
    is_champion = ModelVersion.objects.filter(pk=model.pk, stage=Stage.CHAMPION)
    if promise is None or deployment.closed_at is not None or is_champion.exists():
        return in_force(deployment)
    return proven(model, promise, by_label=deployment.label_thresholds is not None)[0]


def usual_promises(own: Promise | None = None) -> list[Promise]:
    """Return the promises to show, from the strictest on, with the one that was asked for."""
    risk = own.risk if own else USUAL_RISK
    errors = {*USUAL_ERRORS, *([own.error] if own else [])}
    return [Promise(error, risk) for error in sorted(errors)]


def answers_of(model: ModelVersion | None) -> Answers:
    """Return a model's answers to the holdout, of its evaluation and since; none of no model.

    No model learned from these items, and people labeled them without a model. So what is promised
    by them is about texts like those, and about nothing that is new. Left out are the items that a
    person chose for the holdout, for a bound holds only of what was drawn at random.
    """
    rows: list[tuple[float, str, str]] = []
    if model is not None:
        measured = HoldoutPrediction.objects.filter(
            evaluation__model_version=model, row__item__gold_pick=None
        )
        later = model.later_answers.filter(item__in=drawn_and_labeled(model.project_id))
        label = "item__resolution__label__name"
        rows = [
            *measured.values_list("confidence", "predicted", "row__label"),
            *later.order_by("item").values_list("confidence", "predicted", label),
        ]
    return Answers(
        confidence=np.array([sure for sure, _, _ in rows], dtype=float),
        predicted=np.array([predicted for _, predicted, _ in rows], dtype=str),
        right=np.array([predicted == label for _, predicted, label in rows], dtype=bool),
    )
