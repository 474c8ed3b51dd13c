"""What a project asks of a candidate: its limits, and which checks hold the gate."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any, Self, cast

from classifier.metrics.slices import MINIMUM_ROWS

MOST_ROWS = 100_000


class Kind(StrEnum):
    """What a check looks at."""

    BETTER = "better"
    F1 = "f1"
    LABELS = "labels"
    SLICES = "slices"
    CALIBRATION = "calibration"
    BEHAVIOUR = "behaviour"
    LATENCY = "latency"


class Rule(StrEnum):
    """How much a check counts. A failure holds the gate under both of the first two."""

    MUST_PASS = "must_pass"  # noqa: S105 (not a password)
    MUST_NOT_FAIL = "must_not_fail"
    OFF = "off"


KIND_WORDS = {
    Kind.BETTER: "Compared with the champion",
    Kind.F1: "Weighted F1",
    Kind.LABELS: "No label worse",
    Kind.SLICES: "No slice worse",
    Kind.CALIBRATION: "Calibration error",
    Kind.BEHAVIOUR: "Behavioural tests",
    Kind.LATENCY: "Latency",
}
RULE_WORDS = {
    Rule.MUST_PASS: "must pass",
    Rule.MUST_NOT_FAIL: "must not fail",
    Rule.OFF: "is not looked at",
}


def default_rules() -> dict[str, str]:
    """Return how much each check counts unless a manager says otherwise."""
    obligatory = {Kind.BETTER, Kind.F1}
    return {
        kind.value: (Rule.MUST_PASS if kind in obligatory else Rule.MUST_NOT_FAIL).value
        for kind in Kind
    }


def limit(default: float, *, label: str, explanation: str, high: float) -> Any:
    """Return a limit from 0 to `high`, with what a form shows of it."""
    metadata = {"label": label, "explanation": explanation, "low": 0, "high": high}
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class GatePolicy:
    """The limits of a project. Margins say how much worse than the champion is tolerated."""

    margin: float = limit(
        0.01,
        label="Weighted F1 below the champion's, at most",
        explanation="On the same held-out items; 0.01 is one point.",
        high=1.0,
    )
    minimum_weighted_f1: float = limit(
        0.70, label="Weighted F1, at least", explanation="Whoever is champion.", high=1.0
    )
    label_margin: float = limit(
        0.05,
        label="F1 of a label below the champion's, at most",
        explanation="For every label by itself.",
        high=1.0,
    )
    slice_margin: float = limit(
        0.05,
        label="Weighted F1 of a slice below the champion's, at most",
        explanation="For every slice by itself.",
        high=1.0,
    )
    maximum_calibration_error: float = limit(
        0.10,
        label="Calibration error, at most",
        explanation="How far confidence is from the share that is right.",
        high=1.0,
    )
    minimum_behaviour_share: float = limit(
        0.90,
        label="Behavioural tests that pass, at least",
        explanation="As a share of all; 1 asks for every one.",
        high=1.0,
    )
    maximum_latency_ms: float = limit(
        100.0,
        label="Latency, at most",
        explanation="Milliseconds for one item on one thread, in the median.",
        high=60_000.0,
    )
    minimum_rows: int = limit(
        50,
        label="Held-out items to judge by, at least",
        explanation="With fewer there is not enough data.",
        high=MOST_ROWS,
    )
    minimum_part_rows: int = limit(
        MINIMUM_ROWS,
        label="Held-out items of a label or slice, at least",
        explanation="With fewer there is not enough data on it.",
        high=MOST_ROWS,
    )
    rules: Mapping[str, str] = field(default_factory=default_rules)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Return the policy with `values` in place of its defaults; rules that are left out stay.

        Raises ValueError, which names the field, for an unknown name or a value out of range.
        """
        known = {each.name: each for each in fields(cls)}
        checked: dict[str, Any] = {}
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"{name}: there is no such limit; known: {', '.join(known)}.")
            checked[name] = _rules(value) if name == "rules" else _limit(known[name], value)
        return cls(**checked)

    def rule(self, kind: Kind) -> Rule:
        """Return how much a kind of check counts."""
        return Rule(self.rules[kind])

    def to_dict(self) -> dict[str, Any]:
        """Return the policy ready for JSON."""
        return asdict(self)


LIMITS = tuple(each for each in fields(GatePolicy) if each.name != "rules")


def _limit(known: Any, value: Any) -> float:
    low, high = known.metadata["low"], known.metadata["high"]
    number = isinstance(value, int | float) and not isinstance(value, bool)
    whole = isinstance(known.default, int)
    if not number or not low <= value <= high or (whole and int(value) != value):
        kind = "a whole number" if whole else "a number"
        raise ValueError(f"{known.name}: it is {kind} from {low:g} to {high:g}.")
    return int(value) if whole else float(value)


def _rules(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise ValueError(f"rules: say for each of {', '.join(Kind)} how much it counts.")
    for kind, rule in cast("Mapping[str, str]", value).items():
        if kind not in set(Kind):
            raise ValueError(f"rules: there is no check '{kind}'; known: {', '.join(Kind)}.")
        if rule not in set(Rule):
            raise ValueError(f"rules: '{kind}' is one of {', '.join(Rule)}.")
    return default_rules() | dict(value)
