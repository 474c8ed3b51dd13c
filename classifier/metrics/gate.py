"""The promotion gate: named checks, each with its figure and its limit."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from classifier.metrics.classification import Estimate, Overall
from classifier.metrics.comparison import Comparison
from classifier.metrics.slices import MINIMUM_ROWS, SliceScores


class CheckState(StrEnum):
    """What a check says; too little data is neither a pass nor a failure."""

    PASS = "pass"  # noqa: S105 (not a password)
    FAIL = "fail"
    NOT_ENOUGH_DATA = "not_enough_data"


@dataclass(frozen=True)
class Check:
    """One check: its figure beside its limit, and what that means in words.

    An obligatory check has to pass; any other must only not fail.
    """

    name: str
    figure: float | None
    limit: float
    state: CheckState
    explanation: str
    obligatory: bool


@dataclass(frozen=True)
class GatePolicy:
    """The limits of a project. Margins say how much worse than the champion is tolerated."""

    margin: float = 0.01
    minimum_weighted_f1: float = 0.70
    label_margin: float = 0.05
    slice_margin: float = 0.05
    maximum_calibration_error: float = 0.10
    minimum_rows: int = 50
    minimum_part_rows: int = MINIMUM_ROWS


@dataclass(frozen=True)
class GateResult:
    """All checks, and whether the candidate may be promoted without a written reason."""

    passed: bool
    checks: tuple[Check, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the result ready for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Contender:
    """What the gate looks at of a model: its evaluation, and its scores on the slices."""

    overall: Overall
    slices: Sequence[SliceScores] = ()


def run_gate(
    candidate: Contender,
    champion: Contender | None,
    comparison: Comparison,
    *,
    policy: GatePolicy | None = None,
) -> GateResult:
    """Return whether `candidate` may replace `champion`, both evaluated on the same holdout.

    `comparison` is of the candidate with the champion or, where there is none, with the answer
    that is always the most frequent label. The gate passes if no check fails and every obligatory
    one has enough data.
    """
    limits = policy or GatePolicy()
    checks = [
        _better_than_baseline(comparison, limits)
        if champion is None
        else _as_good_as_champion(comparison, limits),
        _minimum_f1(candidate.overall, limits),
        _calibration(candidate.overall, limits),
    ]
    if champion is not None:
        checks += _no_label_worse(candidate.overall, champion.overall, limits)
        checks += _no_slice_worse(candidate.slices, champion.slices, limits)
    return GateResult(all(_lets_through(check) for check in checks), tuple(checks))


def _lets_through(check: Check) -> bool:
    if check.obligatory:
        return check.state is CheckState.PASS
    return check.state is not CheckState.FAIL


def _better_than_baseline(comparison: Comparison, limits: GatePolicy) -> Check:
    gain = comparison.difference
    return _check(
        "Better than the most frequent label",
        figure=gain.low,
        limit=0.0,
        passed=gain.low > 0,
        enough=comparison.rows >= limits.minimum_rows,
        explanation=(
            f"Weighted F1 {comparison.candidate:.3f}; always answering the most frequent label: "
            f"{comparison.baseline:.3f}. The difference is {_with_interval(gain)} on "
            f"{comparison.rows} items, and its lower end has to be above 0."
        ),
    )


def _as_good_as_champion(comparison: Comparison, limits: GatePolicy) -> Check:
    gain = comparison.difference
    return _check(
        "As good as the champion",
        figure=gain.value,
        limit=-limits.margin,
        passed=gain.value >= -limits.margin,
        enough=comparison.rows >= limits.minimum_rows,
        explanation=(
            f"Weighted F1 {comparison.candidate:.3f}; champion: {comparison.baseline:.3f}. "
            f"The difference is {_with_interval(gain)} on the same {comparison.rows} items."
        ),
    )


def _minimum_f1(overall: Overall, limits: GatePolicy) -> Check:
    figure, limit = overall.weighted_f1, limits.minimum_weighted_f1
    return _check(
        "Weighted F1",
        figure=figure.value,
        limit=limit,
        passed=figure.value >= limit,
        enough=overall.rows >= limits.minimum_rows,
        explanation=(
            f"Weighted F1 {figure.value:.3f} ({figure.low:.3f} to {figure.high:.3f}) on "
            f"{overall.rows} items, at least {limit:.3f}."
        ),
    )


def _calibration(overall: Overall, limits: GatePolicy) -> Check:
    limit = limits.maximum_calibration_error
    error = None if overall.calibration is None else overall.calibration.error
    measured = "not measured" if error is None else f"{error:.3f}"
    return _check(
        "Calibration error",
        figure=error,
        limit=limit,
        passed=error is not None and error <= limit,
        enough=error is not None and overall.rows >= limits.minimum_rows,
        explanation=f"Error {measured} on {overall.rows} items, at most {limit:.3f}.",
        obligatory=False,
    )


def _no_label_worse(candidate: Overall, champion: Overall, limits: GatePolicy) -> Iterator[Check]:
    before = {each.label: each.scores.f1 for each in champion.per_label}
    for each in candidate.per_label:
        name, rows = f"Label {each.label}", each.scores.support
        change = _Change(each.scores.f1, before.get(each.label), rows, limits.label_margin)
        yield _no_worse(name, change, limits)


def _no_slice_worse(
    candidate: Sequence[SliceScores], champion: Sequence[SliceScores], limits: GatePolicy
) -> Iterator[Check]:
    before = {each.name: each.weighted_f1 for each in champion}
    for each in candidate:
        change = _Change(each.weighted_f1, before.get(each.name), each.rows, limits.slice_margin)
        yield _no_worse(f"Slice {each.name}", change, limits)


@dataclass(frozen=True)
class _Change:
    """F1 on a part of the rows, of the candidate and of the champion."""

    new: float | None
    old: float | None
    rows: int
    margin: float


def _no_worse(name: str, change: _Change, limits: GatePolicy) -> Check:
    if change.new is None or change.old is None:
        figure, said = None, "not measured for both models"
    else:
        figure, said = change.new - change.old, f"{change.new:.3f}; champion: {change.old:.3f}"
    return _check(
        name,
        figure=figure,
        limit=-change.margin,
        passed=figure is not None and figure >= -change.margin,
        enough=figure is not None and change.rows >= limits.minimum_part_rows,
        explanation=f"F1 {said}, on {change.rows} items.",
        obligatory=False,
    )


def _with_interval(gain: Estimate) -> str:
    return f"{gain.value:+.3f} ({gain.low:+.3f} to {gain.high:+.3f})"


def _check(
    name: str,
    *,
    figure: float | None,
    limit: float,
    passed: bool,
    enough: bool,
    explanation: str,
    obligatory: bool = True,
) -> Check:
    decided = CheckState.PASS if passed else CheckState.FAIL
    state = decided if enough else CheckState.NOT_ENOUGH_DATA
    return Check(name, figure, limit, state, explanation, obligatory)
