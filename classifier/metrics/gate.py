"""The promotion gate: named checks, each with its figure and its limit."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from classifier.metrics.classification import Estimate, Overall
from classifier.metrics.comparison import Comparison
from classifier.metrics.gate_policy import GatePolicy, Kind, Rule
from classifier.metrics.slices import SliceScores


class CheckState(StrEnum):
    """What a check says; too little data is neither a pass nor a failure."""

    PASS = "pass"  # noqa: S105 (not a password)
    FAIL = "fail"
    NOT_ENOUGH_DATA = "not_enough_data"


@dataclass(frozen=True)
class Check:
    """One check: its figure beside its limit, and what that means in words.

    An obligatory check has to pass; any other must only not fail. `missing` is how many more
    labeled items the holdout needs before the check can tell: 0 where it can, None where labels
    alone do not help.
    """

    kind: Kind
    name: str
    figure: float | None
    limit: float
    state: CheckState
    explanation: str
    obligatory: bool
    missing: int | None = 0


@dataclass(frozen=True)
class GateResult:
    """All checks, and whether the candidate may be promoted without a written reason."""

    passed: bool
    checks: tuple[Check, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the result ready for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Behaviour:
    """How many behavioural tests a model passed."""

    passed: int
    total: int


@dataclass(frozen=True)
class Contender:
    """What the gate looks at of a model.

    Its evaluation, its scores on the slices, its behavioural tests where there were any, and the
    median milliseconds that it takes for one item on one thread.
    """

    overall: Overall
    slices: Sequence[SliceScores] = ()
    behaviour: Behaviour | None = None
    latency_ms: float | None = None


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
    one has enough data. Checks that the policy turns off are left out.
    """
    limits = policy or GatePolicy()
    checks = tuple(
        check
        for check in _checks(candidate, champion, comparison, limits)
        if limits.rule(check.kind) is not Rule.OFF
    )
    return GateResult(all(_lets_through(check) for check in checks), checks)


def _checks(
    candidate: Contender, champion: Contender | None, comparison: Comparison, limits: GatePolicy
) -> Iterator[Check]:
    if champion is None:
        yield _better_than_baseline(comparison, limits)
    else:
        yield _as_good_as_champion(comparison, limits)
    yield _minimum_f1(candidate.overall, limits)
    yield _calibration(candidate.overall, limits)
    yield _behaviour(candidate.behaviour, limits)
    yield _latency(candidate.latency_ms, limits)
    if champion is not None:
        yield from _no_label_worse(candidate.overall, champion.overall, limits)
        yield from _no_slice_worse(candidate.slices, champion.slices, limits)


def _lets_through(check: Check) -> bool:
    if check.obligatory:
        return check.state is CheckState.PASS
    return check.state is not CheckState.FAIL


def _better_than_baseline(comparison: Comparison, limits: GatePolicy) -> Check:
    gain = comparison.difference
    return _check(
        Kind.BETTER,
        "Better than the most frequent label",
        limits,
        figure=gain.low,
        limit=0.0,
        passed=gain.low > 0,
        missing=limits.minimum_rows - comparison.rows,
        explanation=(
            f"Weighted F1 {comparison.candidate:.3f}; always answering the most frequent label: "
            f"{comparison.baseline:.3f}. The difference is {_with_interval(gain)} on "
            f"{comparison.rows} items, and its lower end has to be above 0."
        ),
    )


def _as_good_as_champion(comparison: Comparison, limits: GatePolicy) -> Check:
    gain = comparison.difference
    return _check(
        Kind.BETTER,
        "As good as the champion",
        limits,
        figure=gain.value,
        limit=-limits.margin,
        passed=gain.value >= -limits.margin,
        missing=limits.minimum_rows - comparison.rows,
        explanation=(
            f"Weighted F1 {comparison.candidate:.3f}; champion: {comparison.baseline:.3f}. "
            f"The difference is {_with_interval(gain)} on the same {comparison.rows} items."
        ),
    )


def _minimum_f1(overall: Overall, limits: GatePolicy) -> Check:
    figure, limit = overall.weighted_f1, limits.minimum_weighted_f1
    return _check(
        Kind.F1,
        "Weighted F1",
        limits,
        figure=figure.value,
        limit=limit,
        passed=figure.value >= limit,
        missing=limits.minimum_rows - overall.rows,
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
        Kind.CALIBRATION,
        "Calibration error",
        limits,
        figure=error,
        limit=limit,
        passed=error is not None and error <= limit,
        missing=limits.minimum_rows - overall.rows,
        explanation=f"Error {measured} on {overall.rows} items, at most {limit:.3f}.",
    )


def _behaviour(behaviour: Behaviour | None, limits: GatePolicy) -> Check:
    limit, share = limits.minimum_behaviour_share, None
    said = "No behavioural test was run: add some, then retrain."
    if behaviour is not None and behaviour.total:
        share = behaviour.passed / behaviour.total
        said = f"{behaviour.passed} of {behaviour.total} tests passed, at least {limit:.0%}."
    return _check(
        Kind.BEHAVIOUR,
        "Behavioural tests",
        limits,
        figure=share,
        limit=limit,
        passed=share is not None and share >= limit,
        explanation=said,
    )


def _latency(milliseconds: float | None, limits: GatePolicy) -> Check:
    limit = limits.maximum_latency_ms
    said = "It was not measured."
    if milliseconds is not None:
        said = (
            f"{milliseconds:.1f} ms for one item on one thread, in the median; at most {limit:g}."
        )
    return _check(
        Kind.LATENCY,
        "Latency",
        limits,
        figure=milliseconds,
        limit=limit,
        passed=milliseconds is not None and milliseconds <= limit,
        explanation=said,
    )


def _no_label_worse(candidate: Overall, champion: Overall, limits: GatePolicy) -> Iterator[Check]:
    before = {each.label: each.scores.f1 for each in champion.per_label}
    for each in candidate.per_label:
        name, rows = f"Label {each.label}", each.scores.support
        change = _Change(each.scores.f1, before.get(each.label), rows, limits.label_margin)
        yield _no_worse(Kind.LABELS, name, change, limits)


def _no_slice_worse(
    candidate: Sequence[SliceScores], champion: Sequence[SliceScores], limits: GatePolicy
) -> Iterator[Check]:
    before = {each.name: each.weighted_f1 for each in champion}
    for each in candidate:
        change = _Change(each.weighted_f1, before.get(each.name), each.rows, limits.slice_margin)
        yield _no_worse(Kind.SLICES, f"Slice {each.name}", change, limits)


@dataclass(frozen=True)
class _Change:
    """F1 on a part of the rows, of the candidate and of the champion."""

    new: float | None
    old: float | None
    rows: int
    margin: float


def _no_worse(kind: Kind, name: str, change: _Change, limits: GatePolicy) -> Check:
    if change.new is None or change.old is None:
        figure, said = None, "not measured for both models"
    else:
        figure, said = change.new - change.old, f"{change.new:.3f}; champion: {change.old:.3f}"
    return _check(
        kind,
        name,
        limits,
        figure=figure,
        limit=-change.margin,
        passed=figure is not None and figure >= -change.margin,
        missing=limits.minimum_part_rows - change.rows,
        explanation=f"F1 {said}, on {change.rows} items.",
    )


def _with_interval(gain: Estimate) -> str:
    return f"{gain.value:+.3f} ({gain.low:+.3f} to {gain.high:+.3f})"


def _check(
    kind: Kind,
    name: str,
    limits: GatePolicy,
    *,
    figure: float | None,
    limit: float,
    passed: bool,
    explanation: str,
    missing: int = 0,
) -> Check:
    """Return a check. `missing` labels, if above 0, or a figure of None are not enough data."""
    decided = CheckState.PASS if passed else CheckState.FAIL
    state = CheckState.NOT_ENOUGH_DATA if missing > 0 or figure is None else decided
    wanted: int | None = max(missing, 0)
    if wanted:
        explanation += f" {wanted:,} more labeled item{'s' * (wanted > 1)} in the holdout can tell."
    elif figure is None:
        wanted = None
    obligatory = limits.rule(kind) is Rule.MUST_PASS
    return Check(kind, name, figure, limit, state, explanation, obligatory, wanted)
