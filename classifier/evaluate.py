"""Judging a candidate: its figures beside the champion's on the same rows, and the gate."""

from dataclasses import asdict, replace
from typing import Any

import numpy as np

from classifier.latency import latency_of
from classifier.measure import Holdout, Measured, Opponent
from classifier.metrics.behaviour import run_cases
from classifier.metrics.calibration import calibrate
from classifier.metrics.classification import align_probabilities, positions
from classifier.metrics.comparison import Comparison, compare, majority_baseline
from classifier.metrics.gate import Behaviour, run_gate
from classifier.metrics.gate_policy import GatePolicy
from classifier.metrics.risk_coverage import risk_coverage
from classifier.metrics.slice_search import search_slices
from classifier.models import Evaluation, HoldoutPrediction, ModelVersion
from classifier.recipes.artifact import LoadedModel


def judge(
    model: LoadedModel,
    measured: Measured,
    holdout: Holdout,
    opponent: Opponent | None,
    *,
    limits: GatePolicy,
) -> Evaluation:
    """Return the unsaved evaluation of a measured model, held against the gate's limits.

    Without a champion it is compared with always answering the most frequent label.
    """
    champion = opponent.measured if opponent else None
    versus = _compare(measured, holdout, champion)
    behaviour = run_cases(holdout.cases, model.predict_proba, model.labels)
    contender = replace(
        measured.contender,
        latency_ms=latency_of(model, holdout.texts),
        behaviour=Behaviour(
            passed=sum(test.passed for test in behaviour),
            total=sum(test.cases for test in behaviour),
        ),
    )
    before = champion.contender if champion else None
    gate = run_gate(contender, before, versus, policy=limits)
    return Evaluation(
        champion=opponent.model if opponent else None,
        rows=len(holdout.rows),
        weighted_f1=measured.overall.weighted_f1.value,
        overall=_overall(measured),
        per_class=_per_class(measured, champion),
        confusion=[list(row) for row in measured.overall.confusion],
        slices=_slices(measured, champion),
        behaviour=[asdict(each) for each in behaviour],
        found_slices=_found_slices(measured, holdout),
        calibration=_calibration(model, holdout, measured),
        risk_coverage=_risk_coverage(measured, holdout),
        comparison=asdict(versus) | {"champion": opponent.model.number if opponent else None},
        latency_ms=contender.latency_ms,
        checks=gate.to_dict()["checks"],
        limits=limits.to_dict(),
        passed=gate.passed,
    )


def save_evaluation(
    *, evaluation: Evaluation, model: ModelVersion, measured: Measured, holdout: Holdout
) -> Evaluation:
    """Store an evaluation with the answer to every holdout row, inside the caller's transaction."""
    evaluation.model_version = model
    evaluation.save()
    columns = {label: place for place, label in enumerate(measured.labels)}
    answers = zip(holdout.rows, measured.predicted, measured.probabilities.tolist(), strict=True)
    HoldoutPrediction.objects.bulk_create(
        (
            HoldoutPrediction(
                evaluation=evaluation,
                row=row,
                predicted=predicted,
                confidence=probabilities[columns[predicted]],
                probabilities=probabilities,
            )
            for row, predicted, probabilities in answers
        ),
        batch_size=500,
    )
    return evaluation


def _compare(measured: Measured, holdout: Holdout, champion: Measured | None) -> Comparison:
    if champion is None:
        baseline, labels = majority_baseline(holdout.truth), measured.labels
    else:
        baseline, labels = champion.predicted, champion.labels
    return compare(holdout.truth, measured.predicted, baseline, labels)


def _overall(measured: Measured) -> dict[str, Any]:
    figures = measured.overall.to_dict()
    names = ("labels", "accuracy", "weighted_f1", "macro_f1", "weighted", "macro")
    means = ("weighted_intervals", "macro_intervals")
    return {name: figures[name] for name in names + means}


def _per_class(measured: Measured, champion: Measured | None) -> list[dict[str, Any]]:
    before = {}
    if champion is not None:
        before = {each.label: each.scores.f1 for each in champion.overall.per_label}
    return [
        {
            "label": each.label,
            **asdict(each.scores),
            "intervals": asdict(each.intervals),
            "champion_f1": before.get(each.label),
        }
        for each in measured.overall.per_label
    ]


def _slices(measured: Measured, champion: Measured | None) -> list[dict[str, Any]]:
    before = {each.name: each.weighted_f1 for each in champion.slices} if champion else {}
    return [{**asdict(each), "champion_f1": before.get(each.name)} for each in measured.slices]


def _found_slices(measured: Measured, holdout: Holdout) -> dict[str, Any]:
    known = [{"source": each.source, "method": each.method} for each in holdout.facts]
    return asdict(
        search_slices(holdout.texts, known, holdout.truth, measured.predicted, measured.labels)
    )


def _risk_coverage(measured: Measured, holdout: Holdout) -> dict[str, Any]:
    correct = np.array(measured.predicted) == np.array(holdout.truth)
    return asdict(risk_coverage(measured.probabilities.max(axis=1), correct))


def _calibration(model: LoadedModel, holdout: Holdout, measured: Measured) -> dict[str, Any]:
    """Return how far confidence is from accuracy, before the temperature was applied and after."""
    raw = model.recipe.predict_proba(holdout.texts)
    aligned = align_probabilities(raw, model.labels, measured.labels)
    before = calibrate(aligned, positions(holdout.truth, measured.labels))
    after = measured.overall.calibration
    return {
        "temperature": model.manifest.temperature,
        "before": asdict(before),
        "after": asdict(after) if after else None,
    }
