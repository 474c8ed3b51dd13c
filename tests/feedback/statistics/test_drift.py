"""The checks of drift against known values, the same data again, and planted shifts."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import roc_auc_score

from feedback.statistics import drift, text_shape
from feedback.statistics.novelty import novel_groups

OLD = [
    *("model", "train", "network", "image", "deep", "learning", "data", "language"),
    *("vision", "vector", "paper", "layer"),
]
NEW = ["bread", "oven", "flour", "yeast", "dough", "butter", "sugar", "salt", "garlic", "onion"]


def texts(number: int, seed: int, words: list[str] = OLD, length: int = 12) -> list[str]:
    """Return random texts of some words."""
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(words, rng.poisson(length) + 3)) for _ in range(number)]


def judged(reference: list[str], window: list[str], seed: int = 0) -> dict[str, drift.Figure]:
    """Return the checks of texts by name."""
    found = drift.text_checks(reference, window, rng=np.random.default_rng(seed))
    return {figure.name: figure for figure in drift.judge(found)}


def test_holm_as_in_a_textbook() -> None:
    """Holm 1979 by hand: .01·4, .02·3, .03·2, .04·1, never falling."""
    assert drift.holm([0.01, 0.04, 0.03, 0.02]) == pytest.approx([0.04, 0.06, 0.06, 0.06])
    assert drift.holm([]) == []
    assert drift.holm([0.9, 0.8]) == [1.0, 1.0]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=9))
def test_holm_lies_between_the_p_value_and_bonferroni(p: list[float]) -> None:
    for one, adjusted in zip(p, drift.holm(p), strict=True):
        assert one <= adjusted <= 1
        assert adjusted <= max(1.0, len(p) * one) if one < 1 else adjusted == 1


def test_the_psi_of_two_mixes() -> None:
    """(.2 - .5) ln(.2/.5) + (.8 - .5) ln(.8/.5), counts large enough for the half to vanish."""
    old, new = np.array([[5e8, 5e8]]), np.array([[2e8, 8e8]])
    assert drift.psi(old, new)[0] == pytest.approx(0.415888, abs=1e-5)
    assert drift.psi(old, old)[0] == 0


def test_the_area_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 50).astype(float)
    scores = rng.integers(0, 9, 50).astype(float)
    found = drift._areas(truth[:, None], scores[:, None])[0]
    assert found == pytest.approx(roc_auc_score(truth, scores))


def test_the_limit_of_the_distance_is_where_its_p_value_is_the_level() -> None:
    rng = np.random.default_rng(1)
    measured = drift.confidence(rng.random(400), rng.random(300))
    assert measured.null is not None
    effective = 400 * 300 / 700
    assert stats.kstwobign.sf(measured.null(0.05) * effective**0.5) == pytest.approx(0.05, abs=2e-3)


def test_the_same_texts_again_are_no_drift() -> None:
    found = judged(texts(300, 1), texts(200, 2))
    assert {figure.state for figure in found.values()} == {drift.OK}
    assert set(found) == set(drift.TEXT_CHECKS)
    for figure in found.values():
        assert figure.value is not None
        assert figure.limit is not None
        assert figure.value <= figure.limit


def test_a_new_topic_is_an_alarm() -> None:
    window = texts(180, 2) + texts(20, 3, NEW)
    found = judged(texts(300, 1), window)
    assert found["unlike"].state == drift.ALARM
    assert found["words"].state == drift.ALARM
    assert found["length"].state == drift.OK
    assert drift.overall(list(found.values())) == drift.ALARM


def test_shorter_texts_are_an_alarm() -> None:
    found = judged(texts(300, 1), texts(200, 2, length=6))
    assert found["length"].state == drift.ALARM


def test_unknown_words_are_an_alarm() -> None:
    mixed = texts(200, 2, OLD + NEW)
    assert judged(texts(300, 1), mixed)["known_words"].state == drift.ALARM


def test_too_little_data_says_how_much_it_takes() -> None:
    found = judged(texts(99, 1), texts(40, 2))
    assert {figure.state for figure in found.values()} == {drift.TOO_LITTLE}
    figure = found["words"]
    assert (figure.reference, figure.window, figure.needed, figure.value) == (99, 40, 100, None)
    assert figure.missing == "It takes 1 more to compare with and 60 more recent ones."
    assert drift.overall(list(found.values())) == drift.TOO_LITTLE


def test_another_mix_of_labels_is_an_alarm() -> None:
    rng = np.random.default_rng(0)
    before = Counter(alpha=300, beta=100)
    [same] = drift.judge([drift.class_mix(before, Counter(alpha=148, beta=52), rng=rng)])
    [other] = drift.judge([drift.class_mix(before, Counter(alpha=100, beta=100), rng=rng)])
    [new] = drift.judge([drift.class_mix(before, Counter(alpha=130, gamma=40), rng=rng)])
    assert (same.state, other.state, new.state) == (drift.OK, drift.ALARM, drift.ALARM)


def test_more_disagreement_is_an_alarm_and_less_is_none() -> None:
    [more] = drift.judge([drift.disagreement((10, 200), (20, 80))])
    [less] = drift.judge([drift.disagreement((100, 200), (2, 80))])
    assert (more.state, more.value, more.before) == (drift.ALARM, 0.25, 0.05)
    assert less.state == drift.OK
    _, p = stats.fisher_exact([[20, 60], [10, 190]], alternative="greater")
    assert more.p == pytest.approx(p)


def test_what_is_too_small_to_matter_is_no_alarm() -> None:
    rng = np.random.default_rng(0)
    before, after = rng.normal(0.8, 0.1, 20_000), rng.normal(0.805, 0.1, 20_000)
    [figure] = drift.judge([drift.confidence(before, after)])
    assert figure.adjusted is not None
    assert figure.adjusted < 0.01
    assert figure.state == drift.OK


def test_groups_hold_the_new_topic() -> None:
    window = texts(180, 2) + texts(20, 3, NEW)
    [group, *_] = novel_groups(texts(300, 1), window)
    assert sum(row >= 180 for row in group.rows) >= 18
    assert set(group.words) <= set(NEW)


def test_nothing_new_makes_no_large_group() -> None:
    groups = novel_groups(texts(300, 1), texts(200, 2))
    assert sum(len(group.rows) for group in groups) < 30


def test_texts_without_words_do_no_harm() -> None:
    found = judged(["123"] * 100, ["!"] * 100)
    assert {figure.state for figure in found.values()} == {drift.OK}
    assert novel_groups(["123"] * 100, ["!"] * 100) == []


def test_shape_of_texts() -> None:
    assert text_shape.words_of("A Größe-3 x_y don't") == ["größe", "don"]
    assert list(text_shape.known_share(["one two", ""], {"one"})) == [0.5, 1.0]
    assert text_shape.word_bins(["one one two"]).sum() == 2
