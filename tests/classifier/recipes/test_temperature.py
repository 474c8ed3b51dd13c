"""Folds, out-of-fold predictions and the temperature fitted on them."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.recipes import get
from classifier.recipes.folds import ALWAYS_TRAINED_ON, out_of_fold, stratified_folds
from classifier.recipes.keywords import KeywordsRecipe
from classifier.recipes.temperature import apply_temperature, fit_temperature, temperature_of
from tests.classifier.recipes.examples import LABELS, TEXTS, Recorded


def test_apply_temperature_by_hand() -> None:
    np.testing.assert_allclose(apply_temperature(np.array([[0.8, 0.2]]), 2.0), [[2 / 3, 1 / 3]])


def test_temperature_one_changes_nothing() -> None:
    probabilities = np.array([[0.7, 0.2, 0.1], [1.0, 0.0, 0.0]])
    np.testing.assert_allclose(apply_temperature(probabilities, 1.0), probabilities, atol=1e-11)


def test_no_rows_stay_no_rows() -> None:
    assert apply_temperature(np.zeros((0, 3)), 1.5).shape == (0, 3)


@pytest.mark.parametrize("temperature", [0.0, -1.0, float("nan")])
def test_a_temperature_has_to_be_above_zero(temperature: float) -> None:
    with pytest.raises(ValueError, match="A temperature is above 0"):
        apply_temperature(np.array([[0.5, 0.5]]), temperature)


@given(
    st.lists(st.lists(st.floats(0.001, 1), min_size=3, max_size=3), min_size=1, max_size=5),
    st.floats(0.1, 10),
)
def test_the_order_of_labels_is_kept(rows: list[list[float]], temperature: float) -> None:
    probabilities = np.array(rows) / np.sum(rows, axis=1, keepdims=True)
    scaled = apply_temperature(probabilities, temperature)
    np.testing.assert_allclose(scaled.sum(axis=1), 1)
    first, last = probabilities.argmax(axis=1), probabilities.argmin(axis=1)
    ahead = scaled[np.arange(len(rows)), first] - scaled[np.arange(len(rows)), last]
    assert (ahead >= -1e-12).all()


def test_fit_finds_what_makes_confidence_true() -> None:
    # Sure at 95 %, right in 80 of 100: softmax(logit / T) = .8 at T = logit(.95) / logit(.8).
    probabilities = np.tile([0.95, 0.05], (100, 1))
    targets = np.array([0] * 80 + [1] * 20)
    expected = np.log(0.95 / 0.05) / np.log(0.8 / 0.2)
    assert fit_temperature(probabilities, targets) == pytest.approx(expected, abs=1e-4)


def test_fit_stays_within_its_bounds() -> None:
    certain = np.tile([0.6, 0.4], (10, 1))
    assert fit_temperature(certain, np.zeros(10, dtype=int)) == pytest.approx(0.05, rel=1e-3)
    assert fit_temperature(certain, np.ones(10, dtype=int)) == pytest.approx(20.0, rel=1e-3)


def test_fit_without_rows_is_one() -> None:
    assert fit_temperature(np.zeros((0, 2)), np.zeros(0, dtype=int)) == 1.0


@given(st.lists(st.sampled_from("abc"), max_size=60), st.integers(2, 5), st.integers(0, 3))
def test_folds_are_even_within_each_label(labels: list[str], folds: int, seed: int) -> None:
    fold = stratified_folds(labels, folds=folds, seed=seed)
    for label in set(labels):
        own = fold[[each == label for each in labels]]
        if len(own) < folds:
            assert set(own) == {ALWAYS_TRAINED_ON}
        else:
            sizes = np.bincount(own, minlength=folds)
            assert sizes.max() - sizes.min() <= 1
    held_out = fold[fold != ALWAYS_TRAINED_ON]
    if len(held_out):
        sizes = np.bincount(held_out, minlength=folds)
        assert sizes.max() - sizes.min() <= 1


def test_folds_follow_the_seed() -> None:
    same = [stratified_folds(LABELS, folds=3, seed=7).tolist() for _ in range(2)]
    assert same[0] == same[1]
    assert stratified_folds(LABELS, folds=3, seed=8).tolist() != same[0]


def test_every_row_is_predicted_without_being_seen() -> None:
    held_out = out_of_fold(get("linear"), None, TEXTS, LABELS, folds=3)
    assert held_out is not None
    assert held_out.labels == ("baking", "bicycle", "garden")
    assert held_out.held_out.all()
    np.testing.assert_allclose(held_out.probabilities.sum(axis=1), 1)
    seen = get("linear")()
    seen.fit(TEXTS, LABELS)
    rows = np.arange(len(TEXTS)), held_out.targets
    assert seen.predict_proba(TEXTS)[rows].mean() > held_out.probabilities[rows].mean() + 0.1


def test_a_rare_label_is_always_trained_on() -> None:
    texts, labels = [*TEXTS, "a lone bread", "another"], [*LABELS, "rare", "rare"]
    held_out = out_of_fold(get("keywords"), None, texts, labels, folds=3)
    assert held_out is not None
    assert held_out.held_out.tolist() == [True] * 18 + [False] * 2
    assert np.isnan(held_out.probabilities[18:]).all()
    assert 0.05 <= temperature_of(held_out) <= 20


def test_few_rows_give_fewer_folds() -> None:
    progress = Recorded()
    texts, labels = [*TEXTS[:3], *TEXTS[6:9]], [*LABELS[:3], *LABELS[6:9]]
    out_of_fold(get("keywords"), None, texts, labels, folds=5, progress=progress)
    stages = list(dict.fromkeys(stage for stage, _ in progress.stages))
    assert stages == [f"checking on fold {n} of 3" for n in (1, 2, 3)]
    shares = [done for _, done in progress.stages]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


class Slow(KeywordsRecipe):
    """Rules of which a single fold is checked."""

    folds_checked = 1


def test_a_slow_recipe_is_checked_on_fewer_folds() -> None:
    held_out = out_of_fold(Slow, None, TEXTS, LABELS, folds=3)
    assert held_out is not None
    assert held_out.held_out.sum() == 6
    assert np.isfinite(held_out.probabilities[held_out.held_out]).all()
    assert np.isnan(held_out.probabilities[~held_out.held_out]).all()
    full = out_of_fold(KeywordsRecipe, None, TEXTS, LABELS, folds=3)
    assert full is not None
    np.testing.assert_array_equal(
        held_out.probabilities[held_out.held_out], full.probabilities[held_out.held_out]
    )


def test_folds_that_are_done_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = out_of_fold(Slow, None, TEXTS, LABELS, progress=Recorded(tmp_path))
    monkeypatch.setattr(Slow, "fit", lambda *_, **__: pytest.fail("trained again"))
    again = out_of_fold(Slow, None, TEXTS, LABELS, progress=Recorded(tmp_path))
    assert first is not None
    assert again is not None
    np.testing.assert_array_equal(first.probabilities, again.probabilities)


def test_folds_of_another_training_are_not_taken(tmp_path: Path) -> None:
    out_of_fold(Slow, None, TEXTS, LABELS, progress=Recorded(tmp_path))
    turned = [*LABELS[1:], LABELS[0]]
    found = out_of_fold(Slow, None, TEXTS, turned, progress=Recorded(tmp_path))
    fresh = out_of_fold(Slow, None, TEXTS, turned)
    assert found is not None
    assert fresh is not None
    np.testing.assert_array_equal(found.probabilities, fresh.probabilities)


def test_nothing_to_hold_out_means_temperature_one() -> None:
    held_out = out_of_fold(get("keywords"), None, [*TEXTS[:5], "x"], [*LABELS[:5], "other"])
    assert held_out is None
    assert temperature_of(held_out) == 1.0
