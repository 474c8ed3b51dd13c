"""Behavioural tests of a model: what it must do, whatever the holdout says.

The three kinds are those of CheckList (Ribeiro et al. 2020): minimum functionality (a simple text
has one right label), invariance (a change that means nothing must not change the label) and
directional expectation (a change must move a label's probability one way, within a tolerance).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

TOLERANCE = 0.1
MOST_FAILURES = 10
Floats = NDArray[np.float64]
Predict = Callable[[Sequence[str]], Floats]


class Kind(StrEnum):
    """What a case expects."""

    MINIMUM = "minimum"
    INVARIANCE = "invariance"
    DIRECTIONAL = "directional"


class Direction(StrEnum):
    """Which way a label's probability may move, beyond the tolerance."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True)
class Case:
    """One case of the test `test`; which fields count depends on its kind.

    Minimum functionality: `text`, `label`. Invariance: `text`, `changed`. Directional: `text`,
    `changed`, `label`, `direction`.
    """

    test: str
    kind: str
    text: str
    changed: str = ""
    label: str = ""
    direction: str = ""


@dataclass(frozen=True)
class Failure:
    """A case that failed: what was expected, and what the model said."""

    text: str
    changed: str
    expected: str
    said: str


@dataclass(frozen=True)
class TestResult:
    """How many cases of a test passed, and the first that failed."""

    __test__ = False

    test: str
    kind: str
    cases: int
    passed: int
    failures: tuple[Failure, ...]


def run_cases(
    cases: Sequence[Case], predict: Predict, labels: Sequence[str]
) -> tuple[TestResult, ...]:
    """Return the result of each test, by name.

    `predict` gives a row of probabilities per text, in the order of `labels`. A label that the
    model does not know has the probability 0.
    """
    if not cases:
        return ()
    before = predict([case.text for case in cases])
    # Cases without a change are asked for their text again, so that the rows stay in step.
    after = predict([case.changed or case.text for case in cases])
    tests: dict[str, list[tuple[Case, Failure | None]]] = {}
    for case, first, second in zip(cases, before, after, strict=True):
        failure = _failure(case, first, second, labels)
        tests.setdefault(case.test, []).append((case, failure))
    return tuple(_result(name, tests[name]) for name in sorted(tests))


def _result(name: str, judged: Sequence[tuple[Case, Failure | None]]) -> TestResult:
    failures = [failure for _, failure in judged if failure]
    return TestResult(
        test=name,
        kind=judged[0][0].kind,
        cases=len(judged),
        passed=len(judged) - len(failures),
        failures=tuple(failures[:MOST_FAILURES]),
    )


def _failure(case: Case, first: Floats, second: Floats, labels: Sequence[str]) -> Failure | None:
    said, then = labels[int(first.argmax())], labels[int(second.argmax())]
    sure = f"{said} {first.max():.2f}"
    if case.kind == Kind.MINIMUM:
        good, expected, told = said == case.label, case.label, sure
    elif case.kind == Kind.INVARIANCE:
        good, expected, told = said == then, said, f"{then} {second.max():.2f}, before {sure}"
    else:
        old, new = _share(first, case.label, labels), _share(second, case.label, labels)
        up = case.direction == Direction.UP
        good = new >= old - TOLERANCE if up else new <= old + TOLERANCE
        expected = f"{case.label} {'no lower' if up else 'no higher'}"
        told = f"{case.label} from {old:.2f} to {new:.2f}"
    return None if good else Failure(case.text, case.changed, expected, told)


def _share(row: Floats, label: str, labels: Sequence[str]) -> float:
    return float(row[list(labels).index(label)]) if label in labels else 0.0
