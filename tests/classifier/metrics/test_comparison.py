"""Two models on the same rows."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from classifier.metrics.comparison import compare, majority_baseline
from tests.classifier.metrics.examples import noisy, random_truth


def test_the_difference_is_that_of_the_two_scores() -> None:
    truth = random_truth(200)
    better, worse = noisy(truth, right=0.9, seed=1), noisy(truth, right=0.5, seed=2)
    found = compare(truth, better, worse, "abc")
    assert found.rows == 200
    assert found.candidate == pytest.approx(f1_score(truth, better, average="weighted"))
    assert found.baseline == pytest.approx(f1_score(truth, worse, average="weighted"))
    assert found.difference.value == pytest.approx(found.candidate - found.baseline)
    assert 0 < found.difference.low < found.difference.value < found.difference.high


def test_the_interval_is_that_of_drawing_rows_in_pairs() -> None:
    truth = random_truth(150)
    one, other = noisy(truth, right=0.8, seed=1), noisy(truth, right=0.7, seed=2)
    found = compare(truth, one, other, "abc").difference
    rng = np.random.default_rng(3)
    columns = [np.array(each) for each in (truth, one, other)]
    differences = []
    for _ in range(400):
        rows = rng.integers(150, size=150)
        t, a, b = (column[rows] for column in columns)
        scores = (f1_score(t, predicted, average="weighted") for predicted in (a, b))
        differences.append(next(scores) - next(scores))
    expected = np.quantile(differences, [0.025, 0.975])
    assert (found.low, found.high) == pytest.approx(expected, abs=0.02)


def test_equal_models_differ_by_nothing() -> None:
    truth = random_truth(60)
    same = noisy(truth, right=0.8, seed=1)
    found = compare(truth, same, same, "abc").difference
    assert (found.value, found.low, found.high) == (0.0, 0.0, 0.0)


def test_swapping_the_models_turns_the_sign() -> None:
    truth = random_truth(60)
    one, other = noisy(truth, right=0.9, seed=1), noisy(truth, right=0.6, seed=2)
    forth, back = compare(truth, one, other, "abc"), compare(truth, other, one, "abc")
    assert forth.difference.value == -back.difference.value


@pytest.mark.parametrize(
    ("truth", "candidate", "baseline", "message"),
    [
        ("", "", "", "no rows to compare on"),
        ("ab", "ab", "a", "the same number of rows"),
        ("ab", "az", "ab", "Not among the labels: z"),
    ],
)
def test_what_cannot_be_compared(truth: str, candidate: str, baseline: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        compare(truth, candidate, baseline, "ab")


@pytest.mark.parametrize(("truth", "baseline"), [("abb", "bbb"), ("bbaac", "aaaaa"), ("", "")])
def test_majority_baseline(truth: str, baseline: str) -> None:
    assert majority_baseline(truth) == list(baseline)
