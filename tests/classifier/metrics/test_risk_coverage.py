"""Accuracy on the surest rows, by hand and for any rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.metrics.risk_coverage import MOST_POINTS, Point, risk_coverage

rows = st.lists(
    st.tuples(st.sampled_from([0.3, 0.5, 0.6, 0.8, 0.9, 1.0]), st.booleans()), min_size=1
)


def test_the_curve_by_hand() -> None:
    confidence = np.array([0.6, 0.9, 0.8, 0.7])
    found = risk_coverage(confidence, np.array([False, True, True, True]), targets=(1.0, 0.75))

    assert found.points == (
        Point(0.25, 1.0, 0.9, 1),
        Point(0.5, 1.0, 0.8, 2),
        Point(0.75, 1.0, 0.7, 3),
        Point(1.0, 0.75, 0.6, 4),
    )
    perfect, all_of_it = found.targets
    assert (perfect.to_people, perfect.threshold, perfect.rows) == (0.25, 0.7, 3)
    assert (all_of_it.to_people, all_of_it.threshold, all_of_it.reached) == (0.0, 0.6, 0.75)
    # Wilson's interval of 3 in 4, as in Newcombe (1998).
    assert (all_of_it.low, all_of_it.high) == pytest.approx((0.3006, 0.9544), abs=1e-4)


def test_a_target_beyond_reach_leaves_all_to_people() -> None:
    found = risk_coverage(np.array([0.9, 0.8]), np.array([False, True]), targets=(0.99,))

    (target,) = found.targets
    assert (target.to_people, target.threshold, target.rows) == (1.0, None, 0)
    assert (target.reached, target.low, target.high) == (None, None, None)


def test_equal_confidence_is_never_parted() -> None:
    found = risk_coverage(np.array([0.8, 0.8, 0.8]), np.array([True, True, False]), targets=(1.0,))

    assert [point.rows for point in found.points] == [3]
    assert found.targets[0].to_people == 1.0


def test_a_long_curve_is_thinned_and_keeps_its_ends() -> None:
    confidence = np.linspace(0.5, 1.0, 1000)
    found = risk_coverage(confidence, np.ones(1000, dtype=np.bool_))

    assert len(found.points) == MOST_POINTS
    assert (found.points[0].rows, found.points[-1].rows) == (1, 1000)


@given(rows)
def test_what_is_left_to_the_model_reaches_its_target(made: list[tuple[float, bool]]) -> None:
    confidence = np.array([sure for sure, _ in made])
    correct = np.array([right for _, right in made])
    found = risk_coverage(confidence, correct)

    assert found.points[-1].accuracy == pytest.approx(correct.mean())
    for target in found.targets:
        bound = 2.0 if target.threshold is None else target.threshold
        kept = correct[confidence >= bound]
        assert len(kept) == target.rows
        assert target.to_people == pytest.approx(1 - len(kept) / len(correct))
        if len(kept):
            assert np.mean(kept) >= target.accuracy - 1e-9


@pytest.mark.parametrize(("sure", "right"), [([], []), ([0.5], [])])
def test_rows_that_do_not_fit_are_refused(sure: list[float], right: list[bool]) -> None:
    with pytest.raises(ValueError, match="Every row needs"):
        risk_coverage(np.array(sure), np.array(right, dtype=np.bool_))
