"""How far reporters are believed."""

import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy.stats import beta

from feedback.statistics.reliability import joint, lower_bound


@pytest.mark.parametrize(
    ("right", "decided", "bound"),
    # Without an error it is the twentieth of chance to the power of 1 / (n + 1).
    [(0, 0, 0.05), (1, 1, 0.05**0.5), (19, 19, 0.05 ** (1 / 20)), (0, 1, 1 - 0.95**0.5)],
)
def test_textbook_values(right: int, decided: int, bound: float) -> None:
    assert lower_bound(right, decided) == pytest.approx(bound)


def test_a_share_that_cannot_be() -> None:
    with pytest.raises(ValueError, match="decided reports"):
        lower_bound(2, 1)


@given(some.integers(0, 200), some.integers(0, 200))
def test_it_lies_below_the_mean_and_grows_with_right_ones(right: int, wrong: int) -> None:
    bound = lower_bound(right, right + wrong)
    assert 0 < bound < beta.mean(right + 1, wrong + 1)
    assert bound < lower_bound(right + 1, right + 1 + wrong)


@given(some.lists(some.floats(0.01, 0.99), max_size=20), some.floats(0.01, 0.99))
def test_each_further_reporter_adds_to_it(bounds: list[float], more: float) -> None:
    assert 0 <= joint(bounds) < joint([*bounds, more]) <= 1
    assert joint([]) == 0
