"""Whether a model is sure of less than on its holdout: both sides of each limit."""

import pytest
from scipy.stats import binom

from feedback.statistics.acceptance import Accepted, shrunk


@pytest.mark.parametrize(
    ("live", "holdout", "found"),
    [
        # 80 % less five points: of 200 at .75, 134 or fewer come with .7 %, 135 with 1.03 %.
        ((134, 200), (80, 100), True),
        ((135, 200), (80, 100), False),
        ((0, 199), (80, 100), False),
        ((0, 200), (40, 49), False),
        ((0, 200), (40, 50), True),
        ((0, 200), (5, 100), False),
        ((0, 200), (8, 100), True),
        ((0, 0), (0, 0), False),
    ],
)
def test_both_sides_of_each_limit(
    live: tuple[int, int], holdout: tuple[int, int], found: bool
) -> None:
    assert shrunk(Accepted(*live), Accepted(*holdout)) is found


def test_the_test_is_the_one_sided_binomial_one() -> None:
    for accepted in range(0, 2000, 7):
        chance = binom.cdf(accepted, 2000, 0.55)
        assert shrunk(Accepted(accepted, 2000), Accepted(60, 100)) is bool(chance < 0.01)
