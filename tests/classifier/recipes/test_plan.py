"""The steps of a fine-tuning, decided before it starts."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.recipes.tuning.plan import Plan, balance
from tests.classifier.recipes.examples import LABELS, TEXTS


def plan_of_examples(encoder: str = "") -> Plan:
    """Return a plan of two epochs over the examples."""
    order = sorted(set(LABELS))
    return Plan(
        encoder=encoder,
        texts=TEXTS,
        targets=[order.index(label) for label in LABELS],
        weights=[1.0] * len(TEXTS),
        classes=3,
        epochs=2,
        batch=5,
        micro=5,
        rate=1e-3,
        decay=0.01,
        validation_share=0.0,
        patience=1,
        seed=0,
    )


@given(batch=st.integers(1, 20), seed=st.integers(0, 100), share=st.sampled_from([0.0, 0.2, 0.34]))
def test_an_epoch_sees_every_training_row_once(batch: int, seed: int, share: float) -> None:
    plan = replace(plan_of_examples(), batch=batch, seed=seed, validation_share=share)
    for epoch in range(plan.epochs):
        first = epoch * plan.steps_per_epoch
        rows = np.concatenate([plan.rows(first + n) for n in range(plan.steps_per_epoch)])
        assert sorted(rows) == sorted(plan.training)
    assert not set(plan.training) & set(plan.validation)
    assert len(plan.training) + len(plan.validation) == 18


def test_epochs_have_orders_of_their_own() -> None:
    plan = replace(plan_of_examples(), batch=18)
    assert plan.rows(0).tolist() != plan.rows(1).tolist()
    assert plan.rows(0).tolist() == replace(plan, epochs=7).rows(0).tolist()


def test_validation_rows_are_spread_over_the_labels() -> None:
    plan = replace(plan_of_examples(), validation_share=0.34)
    assert np.bincount(np.array(plan.targets)[plan.validation]).tolist() == [2, 2, 2]


def test_a_label_that_is_too_small_is_trained_on_whole() -> None:
    plan = replace(plan_of_examples(), validation_share=0.1)
    assert len(plan.validation) == 0


def test_the_rate_rises_shortly_and_falls_to_nothing() -> None:
    plan = replace(plan_of_examples(), batch=1, epochs=1, rate=1.0, texts=TEXTS + TEXTS[:2])
    plan = replace(plan, targets=[*plan.targets, 0, 0])
    rates = [plan.rate_at(step) for step in range(plan.steps)]
    assert plan.steps == 20
    assert rates[:3] == [0.5, 1.0, 1.0]
    assert rates[2:] == sorted(rates[2:], reverse=True)
    assert rates[-1] == pytest.approx(1 / 18)


def test_a_plan_goes_to_another_process_whole(tmp_path: Path) -> None:
    plan = replace(plan_of_examples(), weights=[0.1 + n / 7 for n in range(18)])
    plan.write(tmp_path / "plan.json")
    assert Plan.read(tmp_path / "plan.json") == plan


@pytest.mark.parametrize("change", [{"seed": 1}, {"texts": ["a", *TEXTS[1:]]}, {"rate": 0.5}])
def test_plans_that_differ_have_other_keys(change: dict[str, object], tmp_path: Path) -> None:
    plan = plan_of_examples(str(tmp_path))
    assert plan.key == replace(plan).key
    assert plan.key != replace(plan, **change).key  # type: ignore[arg-type]


def test_other_weights_of_the_encoder_have_another_key(tmp_path: Path) -> None:
    plan = plan_of_examples(str(tmp_path))
    before = plan.key
    (tmp_path / "model.safetensors").write_bytes(b"other")
    assert replace(plan).key != before


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0.1, 10)), min_size=1, max_size=40))
def test_balanced_labels_weigh_the_same(rows: list[tuple[int, float]]) -> None:
    targets = np.array([target for target, _ in rows])
    weights = np.array([weight for _, weight in rows])
    balanced = balance(targets, weights)
    sums = np.bincount(targets, weights=balanced)
    np.testing.assert_allclose(sums[sums > 0], sums.max())
    assert balanced.sum() == pytest.approx(weights.sum())
