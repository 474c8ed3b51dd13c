"""When the rest will be done."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.statistics.finish import estimate_finish


def test_an_even_pace_gives_one_day() -> None:
    finish = estimate_finish(100, [25, 25, 0, 25])
    assert (finish.low, finish.high, finish.pace, finish.days) == (4, 4, 25.0, 3)


def test_an_uneven_pace_gives_a_range() -> None:
    # Mean 30, standard deviation 10, standard error 5.774, t(2) = 4.303: 30 ± 24.841.
    finish = estimate_finish(1000, [20, 30, 40])
    assert (finish.low, finish.high) == (19, 194)


def test_more_days_narrow_the_range() -> None:
    # Mean 30, standard deviation 8.528, standard error 2.462, t(11) = 2.201: 30 ± 5.419.
    finish = estimate_finish(1000, [20, 30, 40] * 4)
    assert (finish.low, finish.high, finish.days) == (29, 41, 12)


def test_two_days_are_taken_for_little() -> None:
    # Mean 30, standard error 2, t(1) = 12.706: 30 ± 25.412.
    finish = estimate_finish(1000, [28, 0, 32])
    assert (finish.low, finish.high) == (19, 218)


def test_a_pace_that_may_be_nothing_has_no_end() -> None:
    # Mean 100.5, standard error 99.5, t(1) = 12.706: up to 1,364.8.
    finish = estimate_finish(10_000, [1, 200])
    assert (finish.low, finish.high) == (8, None)


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
