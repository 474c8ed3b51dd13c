"""Growing parts of the rows, and what twice as many would bring."""

import math

import pytest

from classifier.metrics.classification import Estimate
from classifier.metrics.learning_curve import CurvePoint, Rows, learning_curve, outlook

LABELS = ["a", "b", "c"] * 30


def point(rows: int, value: float) -> CurvePoint:
    return CurvePoint(rows / 1000, rows, Estimate(value, value, value))


def test_shares_grow_and_nobody_is_judged_on_what_it_learned() -> None:
    seen: list[tuple[set[int], set[int]]] = []

    def predict(train: Rows, test: Rows) -> list[str]:
        seen.append((set(train.tolist()), set(test.tolist())))
        assert {LABELS[row] for row in train} == {"a", "b", "c"}
        return [LABELS[row] for row in test]

    points = learning_curve(predict, LABELS, shares=(0.1, 0.5, 1.0), folds=3)

    assert [each.rows for each in points] == [6, 30, 60]
    assert [each.weighted_f1 for each in points] == [Estimate(1.0, 1.0, 1.0)] * 3
    assert all(not learned & judged for learned, judged in seen)
    for fold in range(3):
        small, half, whole = (seen[fold + 3 * place] for place in range(3))
        assert small[0] < half[0] < whole[0]
        assert small[1] == half[1] == whole[1]
        assert whole[0] | whole[1] == set(range(len(LABELS)))
    assert set.union(*(judged for _, judged in seen[:3])) == set(range(len(LABELS)))


def test_it_ends_at_the_last_whole_point_when_the_time_is_up() -> None:
    def predict(train: Rows, test: Rows) -> list[str]:
        return ["a"] * len(test)

    asked: list[tuple[float, int]] = []

    def begin(share: float, fold: int) -> bool:
        asked.append((share, fold))
        return len(asked) <= 5

    points = learning_curve(predict, LABELS, shares=(0.2, 0.6, 1.0), folds=3, begin=begin)

    assert [each.share for each in points] == [0.2]
    assert asked == [(0.2, 0), (0.2, 1), (0.2, 2), (0.6, 0), (0.6, 1), (0.6, 2)]


def test_a_power_law_is_continued_exactly() -> None:
    def law(rows: int) -> float:
        return 0.95 - 2 / math.sqrt(rows)

    found = outlook([point(rows, law(rows)) for rows in (100, 200, 400, 800)])

    assert found is not None
    assert found.rows == 1600
    assert found.weighted_f1 == pytest.approx(law(1600))
    assert found.gain == pytest.approx(law(1600) - law(800))
    assert found.worthwhile


def test_a_flat_or_falling_curve_promises_nothing() -> None:
    flat = outlook([point(rows, 0.8) for rows in (100, 200, 400)])
    falling = outlook([point(100, 0.9), point(200, 0.85), point(400, 0.8)])

    assert flat is not None
    assert falling is not None
    assert (flat.gain, falling.gain) == pytest.approx((0.0, 0.0))
    assert not flat.worthwhile


def test_two_points_say_nothing() -> None:
    assert outlook([point(100, 0.5), point(200, 0.6)]) is None


def test_nobody_is_better_than_perfect() -> None:
    found = outlook([point(10, 0.2), point(20, 0.6), point(40, 0.99)])

    assert found is not None
    assert found.weighted_f1 == 1.0
