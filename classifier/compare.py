"""Any two models side by side, on the holdout items that both were measured on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404

from classifier.metrics.classification import LabelScores, Overall, evaluate
from classifier.metrics.comparison import Comparison, compare
from classifier.models import HoldoutPrediction, ModelVersion
from labeling.models import Project

RESAMPLES = 500
OUTCOMES = ("only the first is right", "only the second is right", "both are wrong")


@dataclass(frozen=True)
class Answer:
    """What one model said of one item."""

    label: str
    confidence: float


@dataclass(frozen=True)
class Shared:
    """An item that both models were measured on; `outcome` says who is right where they differ."""

    external_id: str
    title: str
    item_id: int | None
    truth: str
    first: Answer
    second: Answer

    @property
    def differs(self) -> bool:
        """Whether the models give different labels."""
        return self.first.label != self.second.label

    @property
    def outcome(self) -> str:
        """Who is right, of models that differ."""
        if self.first.label == self.truth:
            return OUTCOMES[0]
        return OUTCOMES[1] if self.second.label == self.truth else OUTCOMES[2]


@dataclass(frozen=True)
class Duel:
    """Two models on the same items. Without shared items there is nothing to compare.

    `versus` is the first model's weighted F1 minus the second's, by a paired bootstrap.
    """

    first: ModelVersion
    second: ModelVersion
    rows: tuple[Shared, ...]
    versus: Comparison | None
    scores: tuple[Overall, Overall] | None

    @property
    def models(self) -> tuple[ModelVersion, ModelVersion]:
        """Both, in their order."""
        return self.first, self.second

    @property
    def differing(self) -> list[Shared]:
        """The items on which they differ: by outcome, then the surest answers first."""
        found = [row for row in self.rows if row.differs]
        return sorted(
            found,
            key=lambda row: (
                OUTCOMES.index(row.outcome),
                -max(row.first.confidence, row.second.confidence),
                row.external_id,
            ),
        )

    @property
    def outcomes(self) -> dict[str, int]:
        """How many items have each outcome, also those on which they agree."""
        agreeing = [row for row in self.rows if not row.differs]
        right = sum(row.first.label == row.truth for row in agreeing)
        counts = {"both are right": right, "both give the same wrong label": len(agreeing) - right}
        differing = [row.outcome for row in self.rows if row.differs]
        return counts | {name: differing.count(name) for name in OUTCOMES}

    @property
    def labels(self) -> list[tuple[LabelScores, LabelScores]]:
        """The scores of both on each label."""
        if self.scores is None:
            return []
        return list(zip(*(each.per_label for each in self.scores), strict=True))


def compare_models(project: Project, first: int, second: int) -> Duel:
    """Return two models of a project side by side.

    Both answered the holdout of their own snapshot. Compared are the items in both holdouts; an
    item that was relabeled in between counts with the label of the newer snapshot.

    Raises:
        Http404: the project has no such model.
    """
    models = project.model_versions.select_related("evaluation", "snapshot").defer("manifest")
    found = {each.number: each for each in models.filter(number__in=[first, second])}
    if not {first, second} <= found.keys():
        raise Http404("There is no such model in this project.")
    one, other = found[first], found[second]
    rows = tuple(_shared(one, other))
    if not rows:
        return Duel(one, other, (), None, None)
    truth = [row.truth for row in rows]
    said = [row.first.label for row in rows], [row.second.label for row in rows]
    labels = _order(one, other, {*truth, *said[0], *said[1]})
    scores = [evaluate(truth, each, None, labels, resamples=RESAMPLES) for each in said]
    return Duel(one, other, rows, compare(truth, *said, labels), (scores[0], scores[1]))


def headline(duel: Duel) -> str:
    """Return who is better, in one sentence."""
    if duel.versus is None:
        return "These models were measured on different items: there is nothing to compare"
    gain, names = duel.versus.difference, (duel.first.number, duel.second.number)
    points = abs(100 * gain.value)
    if gain.low > 0:
        return f"Model {names[0]} is better than model {names[1]} by {points:.1f} points"
    if gain.high < 0:
        return f"Model {names[1]} is better than model {names[0]} by {points:.1f} points"
    return f"Not told apart by {len(duel.rows)} items"


def _shared(first: ModelVersion, second: ModelVersion) -> list[Shared]:
    known = _answers(first, second)
    theirs = known[first.evaluation.pk], known[second.evaluation.pk]
    newer = theirs[0] if first.snapshot.number >= second.snapshot.number else theirs[1]
    both = sorted(theirs[0].keys() & theirs[1].keys())
    return [
        Shared(
            external_id=name,
            title=newer[name]["row__title"],
            item_id=newer[name]["row__item_id"],
            truth=newer[name]["row__label"],
            first=_answer(theirs[0][name]),
            second=_answer(theirs[1][name]),
        )
        for name in both
    ]


def _answers(*models: ModelVersion) -> dict[int, dict[str, Mapping[str, Any]]]:
    """Return the answers of each evaluation by the item's external id."""
    answers: dict[int, dict[str, Mapping[str, Any]]] = {model.evaluation.pk: {} for model in models}
    found = HoldoutPrediction.objects.filter(evaluation__in=answers).values(
        "evaluation",
        "row__external_id",
        "row__title",
        "row__item_id",
        "row__label",
        "predicted",
        "confidence",
    )
    for each in found:
        answers[each["evaluation"]][each["row__external_id"]] = each
    return answers


def _answer(found: Mapping[str, Any]) -> Answer:
    return Answer(found["predicted"], found["confidence"])


def _order(first: ModelVersion, second: ModelVersion, used: set[str]) -> Sequence[str]:
    """Return the labels that occur, in the order of the newer snapshot and then the older."""
    newer, older = sorted((first, second), key=lambda each: -each.snapshot.number)
    known = dict.fromkeys([*newer.snapshot.labels, *older.snapshot.labels, *sorted(used)])
    return [label for label in known if label in used]
