"""How right a live model is: exact values, a census, and what is not known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t as student
from sklearn.metrics import f1_score

from feedback.statistics.online import Looks, Window, accuracy, f1, f1_parts, ratio

WINDOW = Window(np.array([100, 300]), np.array([0.5, 0.9]))
ONES_AND_ZEROS = st.lists(st.booleans(), min_size=4, max_size=60)


def looks(*rights: list[int], expected: tuple[float, ...] = (0.5, 0.9)) -> Looks:
    """Return looks at answers of each stratum, all of a stratum expected alike."""
    stratum = np.repeat(np.arange(len(rights)), [len(each) for each in rights])
    right = np.array([bool(one) for each in rights for one in each])
    return Looks(stratum, right, np.array(expected)[stratum])


def test_each_look_stands_for_as_many_answers_as_its_stratum_has() -> None:
    found = accuracy(WINDOW, looks([1, 1, 0, 0], [1, 1, 1, 0]))
    assert found.value == pytest.approx(0.25 * 0.5 + 0.75 * 0.75)
    assert found.looks == 8


def test_the_interval_is_wilsons_with_the_spread_of_a_stratified_sample() -> None:
    found = accuracy(WINDOW, looks([1, 1, 0, 0], [1, 1, 1, 0]))
    # Each spread with two looks more that show what was expected: (1 + 2/4) / 5, and .3 times its
    # share in place of .9 times .1, which is less: (.75 + .45) / 5.
    first = 0.25**2 * (1.5 / 5) / 4 * (1 - 4 / 100)
    second = 0.75**2 * (1.2 / 5) / 4 * (1 - 4 / 300)
    freedom = (first + second) ** 2 / (first**2 / 5 + second**2 / 5)
    value, drawn = 0.6875, (0.6875 * 8 + 0.5) / 9
    square = student.ppf(0.975, freedom) ** 2 * (first + second) / (drawn * (1 - drawn))
    middle = (value + square / 2) / (1 + square)
    half = (square * value * (1 - value) + square**2 / 4) ** 0.5 / (1 + square)
    assert (found.low, found.high) == pytest.approx((middle - half, middle + half))


def test_looks_weigh_by_the_probability_that_they_were_drawn_with() -> None:
    one = Window(np.array([1000]), np.array([0.5]))
    right, stratum = np.array([True, True, False]), np.zeros(3, dtype=int)
    probability = np.array([0.1, 0.1, 0.05])
    found = accuracy(one, Looks(stratum, right, np.full(3, 0.5), probability))
    # 10 and 10 right answers to 20 wrong ones.
    assert found.value == pytest.approx(0.5)
    alike = accuracy(one, Looks(stratum, right, np.full(3, 0.5), np.full(3, 0.1)))
    assert alike == accuracy(one, Looks(stratum, right, np.full(3, 0.5)))


def test_macro_f1_is_the_mean_over_the_labels_that_occur() -> None:
    said, truth = ["a", "a", "b", "c"], ["a", "b", "b", "c"]
    parts = [f1_parts(said, truth, label) for label in "abcd"]
    found = ratio(Window(np.array([4]), np.array([0.5])), np.zeros(4, dtype=int), parts)
    exact = f1_score(truth, said, average="macro")
    assert (found.value, found.low, found.high) == pytest.approx((exact, exact, exact))


@pytest.mark.parametrize(("power", "audited"), [(1.0, 0.01), (2.0, 0.01), (1.0, 0.03)])
def test_the_interval_holds_as_often_as_it_says(power: float, audited: float) -> None:
    """With a few dozen audits of accepted answers, for models that know themselves or boast."""
    rng = np.random.default_rng(1)
    held = [holds(rng, power, audited) for _ in range(400)]
    assert 0.91 <= np.mean(held) <= 0.99


def holds(rng: np.random.Generator, power: float, audited: float) -> bool:
    """Return whether the interval of a simulated window holds the truth."""
    sure = 0.25 + 0.75 * rng.beta(2.1, 0.5, 5000)
    right = rng.random(5000) < sure**power
    # The audit share is raised to the double after a half; all unsure answers are looked at.
    share = np.where(np.arange(5000) < 2500, audited, 2 * audited)
    probability = np.where(sure >= 0.8, share, 1.0)
    stratum = np.searchsorted([0.6, 0.8, 0.95], sure, side="right")
    drawn = rng.random(5000) < probability
    sizes = np.bincount(stratum)
    window = Window(sizes, np.bincount(stratum, sure) / sizes)
    found = accuracy(window, Looks(stratum[drawn], right[drawn], sure[drawn], probability[drawn]))
    assert found.low is not None
    assert found.high is not None
    return found.low <= float(right.mean()) <= found.high


def test_what_the_model_knows_of_single_answers_takes_the_noise_away() -> None:
    """Where it knows which are right, a sample that happens to hold too few is put straight."""
    expected = np.array([1.0, 1.0, 0.0, 0.0, 0.0, 0.0])
    drawn = Looks(np.zeros(6, dtype=int), expected > 0, expected)
    found = accuracy(Window(np.array([1000]), np.array([0.8])), drawn)
    assert found.value == pytest.approx(0.8)


def test_a_model_that_expects_the_contrary_is_not_believed() -> None:
    right = np.array([True, True, True, False])
    drawn = Looks(np.zeros(4, dtype=int), right, 1.0 - right)
    found = accuracy(Window(np.array([1000]), np.array([0.1])), drawn)
    assert found.value == pytest.approx(0.75)


@given(ONES_AND_ZEROS, ONES_AND_ZEROS)
def test_a_census_is_exact(first: list[bool], second: list[bool]) -> None:
    window = Window(np.array([len(first), len(second)]), np.array([0.6, 0.9]))
    found = accuracy(
        window, looks(list(map(int, first)), list(map(int, second)), expected=(0.6, 0.9))
    )
    truth = float(np.mean(first + second))
    assert (found.value, found.low, found.high) == pytest.approx((truth, truth, truth))


@pytest.mark.parametrize(
    ("sizes", "drawn", "reason"),
    [
        ([100, 300], [[1, 1], [1]], "Fewer than 2 looks were given in 1 of 2 groups"),
        ([0, 0], [[], []], "There are no answers"),
        ([100, 0], [[1, 0], []], ""),
        ([100, 1], [[1, 0], [1]], ""),
    ],
)
def test_too_few_looks_are_said_to_be_too_few(
    sizes: list[int], drawn: list[list[int]], reason: str
) -> None:
    found = accuracy(Window(np.array(sizes), np.array([0.5, 0.9])), looks(*drawn))
    assert found.reason.startswith(reason)
    assert (found.value is None) is bool(reason)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("ab")), min_size=4, max_size=40))
def test_f1_of_a_census_is_that_of_scikit_learn(rows: list[tuple[str, str]]) -> None:
    predicted, truth = zip(*rows, strict=True)
    stratum = np.arange(len(rows)) % 2
    window = Window(np.bincount(stratum), np.array([0.5, 0.5]))
    found = f1(window, stratum, predicted, truth, "a")
    if "a" in predicted + truth:
        exact = f1_score(truth, predicted, pos_label="a", zero_division=0)
        assert (found.value, found.low, found.high) == pytest.approx((exact, exact, exact))
    else:
        assert found.value is None
        assert "neither" in found.reason


def test_f1_weighs_looks_by_how_many_answers_they_stand_for() -> None:
    stratum = np.array([0, 0, 1, 1])
    found = f1(WINDOW, stratum, ["a", "a", "a", "b"], ["a", "b", "a", "a"], "a")
    # 50 + 150 hits, 50 said in error, 150 missed.
    assert found.value == pytest.approx(2 * 200 / (2 * 200 + 50 + 150))
    assert found.looks == 4
