"""The promotion gate."""

import json
from dataclasses import replace

import numpy as np

from classifier.metrics.calibration import Calibration
from classifier.metrics.classification import Estimate, evaluate
from classifier.metrics.comparison import Comparison, compare, majority_baseline
from classifier.metrics.gate import (
    Behaviour,
    Check,
    CheckState,
    Contender,
    GateResult,
    run_gate,
)
from classifier.metrics.gate_policy import GatePolicy, Kind, Rule, default_rules
from classifier.metrics.slices import score_slices
from tests.classifier.metrics.examples import noisy, random_truth

TRUTH = random_truth(300)
GOOD = noisy(TRUTH, right=0.9, seed=1)
POOR = noisy(TRUTH, right=0.5, seed=2)
HALVES = {"first half": np.arange(300) < 150, "few": np.arange(300) < 5}


def contender(predicted: list[str], *, calibration_error: float = 0.02) -> Contender:
    overall = evaluate(TRUTH, predicted, None, "abc")
    overall = replace(overall, calibration=Calibration(calibration_error, ()))
    slices = score_slices(HALVES, TRUTH, predicted, "abc")
    return Contender(overall, slices, latency_ms=3.0)


def first_model(predicted: list[str], policy: GatePolicy | None = None) -> GateResult:
    comparison = compare(TRUTH, predicted, majority_baseline(TRUTH), "abc")
    return run_gate(contender(predicted), None, comparison, policy=policy)


def next_model(predicted: list[str], champion: list[str]) -> GateResult:
    comparison = compare(TRUTH, predicted, champion, "abc")
    return run_gate(contender(predicted), contender(champion), comparison)


def states(result: GateResult) -> dict[str, str]:
    return {check.name: check.state.value for check in result.checks}


def check(result: GateResult, name: str) -> Check:
    return next(each for each in result.checks if each.name == name)


def test_a_good_first_model_passes() -> None:
    result = first_model(GOOD)
    assert result.passed
    assert states(result) == {
        "Better than the most frequent label": "pass",
        "Weighted F1": "pass",
        "Calibration error": "pass",
        "Behavioural tests": "not_enough_data",
        "Latency": "pass",
    }


def test_a_model_that_always_says_the_same_fails() -> None:
    result = first_model(majority_baseline(TRUTH))
    assert not result.passed
    assert check(result, "Better than the most frequent label").figure == 0.0
    assert states(result)["Better than the most frequent label"] == "fail"
    assert states(result)["Weighted F1"] == "fail"


def test_a_better_model_passes_every_check() -> None:
    result = next_model(GOOD, POOR)
    assert result.passed
    assert states(result) == {
        "As good as the champion": "pass",
        "Weighted F1": "pass",
        "Calibration error": "pass",
        "Behavioural tests": "not_enough_data",
        "Latency": "pass",
        "Label a": "pass",
        "Label b": "pass",
        "Label c": "pass",
        "Slice first half": "pass",
        "Slice few": "not_enough_data",
    }


def test_a_worse_model_fails_by_name() -> None:
    result = next_model(POOR, GOOD)
    assert not result.passed
    failed = [each.name for each in result.checks if each.state is CheckState.FAIL]
    assert failed == [
        "As good as the champion",
        "Weighted F1",
        "Label a",
        "Label b",
        "Label c",
        "Slice first half",
    ]


def test_the_champion_itself_is_good_enough() -> None:
    result = next_model(GOOD, GOOD)
    assert result.passed
    assert check(result, "As good as the champion").figure == 0.0


def test_one_label_that_got_worse_is_enough_to_fail() -> None:
    worse = ["a" if said == "c" else said for said in GOOD]
    result = next_model(worse, GOOD)
    assert not result.passed
    assert states(result)["Label c"] == "fail"
    assert states(result)["Label b"] == "pass"


def test_figures_on_the_limit_pass() -> None:
    comparison = Comparison(Estimate(-0.01, -0.1, 0.1), 0.89, 0.9, 300)
    good = contender(GOOD, calibration_error=0.1)
    policy = GatePolicy(minimum_weighted_f1=good.overall.weighted_f1.value)
    assert run_gate(good, good, comparison, policy=policy).passed


def test_confidence_that_is_not_true_fails() -> None:
    comparison = compare(TRUTH, GOOD, majority_baseline(TRUTH), "abc")
    result = run_gate(contender(GOOD, calibration_error=0.3), None, comparison)
    assert not result.passed
    assert check(result, "Calibration error").explanation == (
        "Error 0.300 on 300 items, at most 0.100."
    )


def test_a_small_holdout_is_neither_pass_nor_failure_and_keeps_the_gate_shut() -> None:
    result = first_model(GOOD, GatePolicy(minimum_rows=301))
    assert states(result) == {
        "Better than the most frequent label": "not_enough_data",
        "Weighted F1": "not_enough_data",
        "Calibration error": "not_enough_data",
        "Behavioural tests": "not_enough_data",
        "Latency": "pass",
    }
    assert not result.passed


def test_too_little_data_says_how_many_labels_are_missing() -> None:
    result = first_model(GOOD, GatePolicy(minimum_rows=342))
    floor = check(result, "Weighted F1")
    assert floor.missing == 42
    assert floor.explanation.endswith(" 42 more labeled items in the holdout can tell.")
    one = check(first_model(GOOD, GatePolicy(minimum_rows=301)), "Weighted F1")
    assert one.explanation.endswith(" 1 more labeled item in the holdout can tell.")
    assert check(next_model(GOOD, POOR), "Slice few").missing == 15


def test_what_labels_cannot_mend_says_so() -> None:
    tests = check(first_model(GOOD), "Behavioural tests")
    assert (tests.state, tests.missing) == (CheckState.NOT_ENOUGH_DATA, None)
    assert tests.explanation == "No behavioural test was run: add some, then retrain."


def test_behavioural_tests_are_judged_by_their_share() -> None:
    comparison = compare(TRUTH, GOOD, majority_baseline(TRUTH), "abc")
    good = contender(GOOD)
    found = {}
    for passed in (89, 90):
        one = replace(good, behaviour=Behaviour(passed, 100))
        found[passed] = check(run_gate(one, None, comparison), "Behavioural tests")
    assert (found[89].state, found[89].figure) == (CheckState.FAIL, 0.89)
    assert (found[90].state, found[90].figure) == (CheckState.PASS, 0.9)
    assert found[90].explanation == "90 of 100 tests passed, at least 90%."


def test_a_slow_model_fails() -> None:
    comparison = compare(TRUTH, GOOD, majority_baseline(TRUTH), "abc")
    slow = replace(contender(GOOD), latency_ms=100.1)
    result = run_gate(slow, None, comparison)
    assert not result.passed
    assert states(result)["Latency"] == "fail"


def test_a_check_that_must_pass_holds_the_gate_without_data() -> None:
    policy = GatePolicy(rules=default_rules() | {Kind.BEHAVIOUR: Rule.MUST_PASS})
    assert first_model(GOOD).passed
    assert not first_model(GOOD, policy).passed


def test_a_check_that_is_off_is_left_out() -> None:
    policy = GatePolicy(minimum_rows=301, rules=dict.fromkeys(Kind, Rule.OFF))
    assert first_model(GOOD, policy) == GateResult(True, ())


def test_what_was_not_measured_is_not_enough_data() -> None:
    plain = Contender(evaluate(TRUTH, GOOD, None, "abc"))
    result = run_gate(plain, None, compare(TRUTH, GOOD, majority_baseline(TRUTH), "abc"))
    calibration = check(result, "Calibration error")
    assert (calibration.state, calibration.figure) == (CheckState.NOT_ENOUGH_DATA, None)
    assert result.passed


def test_a_new_label_has_nothing_to_be_compared_with() -> None:
    old = Contender(evaluate(TRUTH, GOOD, None, "abc"))
    new = Contender(evaluate(TRUTH, GOOD, None, "abcd"))
    result = run_gate(new, old, compare(TRUTH, GOOD, GOOD, "abcd"))
    assert states(result)["Label d"] == "not_enough_data"
    assert result.passed


def test_the_explanation_holds_the_figures() -> None:
    comparison = Comparison(Estimate(0.0123, -0.01, 0.034), 0.9123, 0.9, 300)
    result = run_gate(contender(GOOD), contender(GOOD), comparison)
    assert check(result, "As good as the champion").explanation == (
        "Weighted F1 0.912; champion: 0.900. "
        "The difference is +0.012 (-0.010 to +0.034) on the same 300 items."
    )


def test_a_result_is_json() -> None:
    content = json.loads(json.dumps(next_model(GOOD, POOR).to_dict(), allow_nan=False))
    assert content["passed"] is True
    assert content["checks"][-1] == {
        "kind": "slices",
        "name": "Slice few",
        "figure": None,
        "limit": -0.05,
        "state": "not_enough_data",
        "explanation": "F1 not measured for both models, on 5 items. "
        "15 more labeled items in the holdout can tell.",
        "obligatory": False,
        "missing": 15,
    }
