"""An evaluation in words: is the model better, and what stands in its way?"""

from dataclasses import dataclass
from typing import Any

from classifier.metrics.gate import CheckState
from classifier.models import Evaluation


@dataclass(frozen=True)
class Verdict:
    """The first thing to read of an evaluation; `state` is ok, warn or bad."""

    state: str
    headline: str
    low: float
    high: float
    notes: tuple[str, ...]


def verdict_of(evaluation: Evaluation) -> Verdict:
    """Return what an evaluation says, with the difference and its interval in points of F1."""
    difference = evaluation.comparison["difference"]
    return Verdict(
        state={"passed": "ok", "failed": "bad"}.get(gate_word(evaluation), "warn"),
        headline=_headline(evaluation.comparison),
        low=100 * difference["low"],
        high=100 * difference["high"],
        notes=tuple(_notes(evaluation)),
    )


def gate_word(evaluation: Evaluation) -> str:
    """Return what the gate says in two words at most: passed, failed or not enough data."""
    if evaluation.passed:
        return "passed"
    states = {check["state"] for check in evaluation.checks}
    return "failed" if CheckState.FAIL in states else "not enough data"


def _headline(comparison: dict[str, Any]) -> str:
    number = comparison["champion"]
    other = f"the champion, model {number}," if number else "always the most frequent label"
    difference = comparison["difference"]
    points = abs(100 * difference["value"])
    if difference["low"] > 0:
        return f"Better than {other} by {points:.1f} points"
    if difference["high"] < 0:
        return f"Worse than {other} by {points:.1f} points"
    return f"Not told apart from {other} by {comparison['rows']} items"


def _notes(evaluation: Evaluation) -> list[str]:
    failed = _names(evaluation, CheckState.FAIL)
    unknown = _names(evaluation, CheckState.NOT_ENOUGH_DATA)
    notes = []
    if failed:
        notes.append(f"Failed: {', '.join(failed)}.")
    if unknown:
        notes.append(f"Not enough data to judge: {', '.join(unknown)}.")
    return notes or ["Every check of the gate passed."]


def _names(evaluation: Evaluation, state: CheckState) -> list[str]:
    return [check["name"] for check in evaluation.checks if check["state"] == state]
