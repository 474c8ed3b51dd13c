"""When the rest will be done."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.statistics.finish import estimate_finish


def test_an_even_pace_gives_one_day() -> None:
    finish = estimate_finish(100, [25, 25, 0, 25])
    assert (finish.low, finish.high, finish.pace, finish.days) == (4, 4, 25.0, 3)


def test_an_uneven_pace_gives_a_range() -> None:
    # Mean 30, standard deviation 10, standard error 5.774: 30 ± 11.316.
    finish = estimate_finish(1000, [20, 30, 40])
    assert (finish.low, finish.high) == (25, 54)


def test_a_pace_that_may_be_nothing_has_no_end() -> None:
    finish = estimate_finish(1000, [1, 200])
    assert (finish.low, finish.high) == (4, None)


@pytest.mark.parametrize("days", [[], [0, 0], [500], [5, 6]])
def test_too_few_answers_tell_nothing(days: list[int]) -> None:
    finish = estimate_finish(10, days)
    assert (finish.low, finish.high) == (None, None)
    assert finish.reason.startswith("Not enough answers yet")


def test_nothing_left_is_done() -> None:
    assert (estimate_finish(0, []).low, estimate_finish(0, []).high) == (0, 0)


@given(st.integers(1, 10**6), st.lists(st.integers(0, 1000), min_size=2, max_size=14))
def test_the_range_holds_the_mean_pace(left: int, days: list[int]) -> None:
    finish = estimate_finish(left, days)
    if finish.low is not None:
        assert finish.low <= -(-left // max(finish.pace, 1e-9)) + 1
        assert finish.high is None or finish.low <= finish.high
