"""Behavioural tests on a model whose probabilities are written down."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from classifier.metrics.behaviour import MOST_FAILURES, Case, Failure, run_cases

LABELS = ("a", "b")
SHARES = {"plain": 0.9, "other": 0.2, "edge": 0.8, "beyond": 0.79}


def predict(texts: Sequence[str]) -> NDArray[np.float64]:
    return np.array([[SHARES[text], 1 - SHARES[text]] for text in texts])


@pytest.mark.parametrize(
    ("case", "failure"),
    [
        (Case("t", "minimum", "plain", label="a"), None),
        (Case("t", "minimum", "other", label="a"), Failure("other", "", "a", "b 0.80")),
        (Case("t", "minimum", "plain", label="unknown"), Failure("plain", "", "unknown", "a 0.90")),
        (Case("t", "invariance", "plain", "edge"), None),
        (
            Case("t", "invariance", "plain", "other"),
            Failure("plain", "other", "a", "b 0.80, before a 0.90"),
        ),
        (Case("t", "directional", "other", "plain", "a", "up"), None),
        # It may fall by the tolerance of 0.1, and no further.
        (Case("t", "directional", "plain", "edge", "a", "up"), None),
        (
            Case("t", "directional", "plain", "beyond", "a", "up"),
            Failure("plain", "beyond", "a no lower", "a from 0.90 to 0.79"),
        ),
        (
            Case("t", "directional", "other", "plain", "a", "down"),
            Failure("other", "plain", "a no higher", "a from 0.20 to 0.90"),
        ),
        (Case("t", "directional", "plain", "other", "unknown", "up"), None),
    ],
)
def test_each_kind_expects_its_own(case: Case, failure: Failure | None) -> None:
    (result,) = run_cases([case], predict, LABELS)

    assert (result.cases, result.passed) == (1, int(failure is None))
    assert result.failures == ((failure,) if failure else ())


def test_results_are_by_test_with_the_first_failures() -> None:
    good = Case("good", "minimum", "plain", label="a")
    bad = [Case("bad", "minimum", "plain", label="b")] * (MOST_FAILURES + 5)
    first, second = run_cases([good, *bad], predict, LABELS)

    assert (first.test, first.cases, first.passed) == ("bad", MOST_FAILURES + 5, 0)
    assert len(first.failures) == MOST_FAILURES
    assert (second.test, second.passed, second.kind) == ("good", 1, "minimum")


def test_without_cases_the_model_is_not_asked() -> None:
    def refuse(texts: Sequence[str]) -> NDArray[np.float64]:
        raise AssertionError

    assert run_cases([], refuse, LABELS) == ()
