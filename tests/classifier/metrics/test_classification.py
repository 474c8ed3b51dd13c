"""Scores against scikit-learn's own, and their intervals."""

import json
import time

import numpy as np
import pytest
from hypothesis import given
from sklearn.metrics import (
    accuracy_score,
    precision_recall_fscore_support,
)
from sklearn.metrics import (
    confusion_matrix as their_confusion_matrix,
)

from classifier.metrics.classification import (
    Scores,
    align_probabilities,
    confusion_matrix,
    evaluate,
    predicted_labels,
    weighted_f1,
)
from tests.classifier.metrics.examples import LABELS, label_pairs, noisy, random_truth


@given(label_pairs)
def test_figures_equal_scikit_learn(pairs: list[tuple[str, str]]) -> None:
    truth, predicted = [t for t, _ in pairs], [p for _, p in pairs]
    found = evaluate(truth, predicted, None, LABELS, resamples=2)
    assert found.accuracy.value == pytest.approx(accuracy_score(truth, predicted))
    for average, ours in (("weighted", found.weighted), ("macro", found.macro)):
        theirs = precision_recall_fscore_support(
            truth, predicted, average=average, zero_division=0
        )[:3]
        assert (ours.precision, ours.recall, ours.f1) == pytest.approx(theirs)
        assert ours.support == len(pairs)
    assert found.weighted_f1.value == found.weighted.f1
    assert found.macro_f1.value == found.macro.f1


@given(label_pairs)
def test_scores_of_each_label_equal_scikit_learn(pairs: list[tuple[str, str]]) -> None:
    truth, predicted = [t for t, _ in pairs], [p for _, p in pairs]
    found = evaluate(truth, predicted, None, LABELS, resamples=2)
    theirs = precision_recall_fscore_support(truth, predicted, labels=LABELS, zero_division=0)
    for each, *expected in zip(found.per_label, LABELS, *theirs, strict=True):
        scores = each.scores
        ours = [each.label, scores.precision, scores.recall, scores.f1, scores.support]
        assert ours[0] == expected[0]
        assert ours[1:] == pytest.approx(expected[1:])
    expected_matrix = their_confusion_matrix(truth, predicted, labels=LABELS)
    assert np.array(found.confusion).tolist() == expected_matrix.tolist()


def test_confusion_has_truth_in_rows() -> None:
    assert confusion_matrix("aab", "abb", "ab").tolist() == [[1, 1], [0, 1]]


def test_a_label_without_rows_scores_zero_and_is_left_out_of_the_mean() -> None:
    found = evaluate("ab", "ab", None, LABELS)
    assert found.per_label[3].scores == Scores(0.0, 0.0, 0.0, 0)
    assert found.macro_f1.value == 1.0


def test_weighted_f1_of_a_stack() -> None:
    stack = np.array([[[1, 0], [0, 1]], [[0, 1], [1, 0]]])
    assert weighted_f1(stack).tolist() == [1.0, 0.0]


def test_intervals_are_those_of_drawing_rows() -> None:
    truth = random_truth(300)
    predicted = noisy(truth, right=0.7, seed=1)
    found = evaluate(truth, predicted, None, "abc", resamples=4000)
    rows = np.random.default_rng(5).integers(300, size=(2000, 300))
    right = np.array(truth) == np.array(predicted)
    expected = np.quantile(right[rows].mean(axis=1), [0.025, 0.975])
    assert (found.accuracy.low, found.accuracy.high) == pytest.approx(expected, abs=0.01)
    for estimate in (found.accuracy, found.weighted_f1, found.macro_f1):
        assert estimate.low < estimate.value < estimate.high


def test_intervals_are_the_same_every_time() -> None:
    truth = random_truth(50)
    predicted = noisy(truth, right=0.7, seed=1)
    assert evaluate(truth, predicted, None, "abc") == evaluate(truth, predicted, None, "abc")


def test_a_perfect_model_has_no_spread() -> None:
    found = evaluate("aabbc", "aabbc", np.eye(3)[[0, 0, 1, 1, 2]], "abc")
    assert (found.macro_f1.low, found.macro_f1.value, found.macro_f1.high) == (1.0, 1.0, 1.0)
    assert found.calibration is not None
    assert found.calibration.error == 0.0


def test_an_evaluation_is_json() -> None:
    probabilities = np.array([[0.9, 0.1], [0.6, 0.4]])
    found = evaluate("ab", "aa", probabilities, "ab").to_dict()
    assert json.loads(json.dumps(found, allow_nan=False))["confusion"] == [[1, 0], [1, 0]]
    assert found["rows"] == 2
    assert found["labels"] == ("a", "b")
    assert found["per_label"][0] == {
        "label": "a",
        "scores": {"precision": 0.5, "recall": 1.0, "f1": pytest.approx(2 / 3), "support": 1},
        "intervals": {"precision": (0.0, 1.0), "recall": (0.0, 1.0), "f1": (0.0, 1.0)},
    }


@pytest.mark.parametrize(
    ("truth", "predicted", "message"),
    [
        ("", "", "no rows to evaluate"),
        ("ab", "a", "1 predictions for 2 rows"),
        ("az", "aa", "Not among the labels: z"),
        ("aa", "az", "Not among the labels: z"),
    ],
)
def test_what_cannot_be_evaluated(truth: str, predicted: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        evaluate(truth, predicted, None, "ab")


def test_probabilities_are_aligned_by_label() -> None:
    aligned = align_probabilities(np.array([[0.3, 0.7]]), ["c", "a"], ["a", "b", "c"])
    assert aligned.tolist() == [[0.7, 0.0, 0.3]]
    assert predicted_labels(aligned, ["a", "b", "c"]) == ["a"]


def test_a_label_that_is_gone_cannot_be_aligned() -> None:
    with pytest.raises(ValueError, match="Not among the labels: z"):
        align_probabilities(np.array([[0.3, 0.7]]), ["z", "a"], ["a", "b"])


def test_a_hundred_thousand_rows_take_less_than_a_second() -> None:
    truth = random_truth(100_000)
    predicted = noisy(truth, right=0.9, seed=1)
    start = time.process_time()
    evaluate(truth, predicted, None, "abc")
    assert time.process_time() - start < 1


def test_every_score_has_its_interval() -> None:
    truth = random_truth(200)
    predicted = noisy(truth, right=0.8, seed=1)
    found = evaluate(truth, predicted, None, "abc")

    weighted, macro = found.weighted_f1, found.macro_f1
    assert found.weighted_intervals.f1 == (weighted.low, weighted.high)
    assert found.macro_intervals.f1 == (macro.low, macro.high)
    # Weighted recall is accuracy, draw for draw.
    assert found.weighted_intervals.recall == pytest.approx(
        (found.accuracy.low, found.accuracy.high)
    )
    for each in found.per_label:
        for name in ("precision", "recall", "f1"):
            low, high = getattr(each.intervals, name)
            assert 0 < low < getattr(each.scores, name) < high <= 1


def test_the_interval_of_a_recall_is_that_of_a_share() -> None:
    # 50 of 100 rows of a label are found: the normal interval is .5 ± .098.
    found = evaluate("a" * 100 + "b", "a" * 50 + "b" * 51, None, "ab", resamples=4000)

    assert found.per_label[0].intervals.recall == pytest.approx((0.402, 0.598), abs=0.015)
