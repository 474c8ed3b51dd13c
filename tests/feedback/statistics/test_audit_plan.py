"""How many looks a width takes, and which: Neyman's shares, what is looked at anyway, limits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.statistics.audit_plan import plan, reached
from feedback.statistics.online import Window

WINDOW = Window(np.array([5000, 15000]), np.array([0.6, 0.98]))


def test_reaches_its_width_with_fewer_looks_than_equal_shares() -> None:
    found = plan(WINDOW, 0.02)
    assert found.half_width == pytest.approx(0.02, rel=0.01)
    alike = np.round(found.looks.sum() * WINDOW.shares).astype(int)
    assert reached(WINDOW, alike) > found.half_width
    # Neyman: as 5,000 times .490 to 15,000 times .14.
    first, second = found.looks
    assert first / second == pytest.approx(5000 * 0.4899 / (15000 * 0.14), rel=0.02)


def test_what_is_looked_at_anyway_adds_no_doubt() -> None:
    found = plan(WINDOW, 0.02, anyway=np.array([True, False]))
    assert found.looks[0] == 5000
    # The other one alone: (.75 · 1.96 / .02)² · .98 · .02, less what its finite size takes away.
    assert found.looks[1] == pytest.approx(106 / (1 + 106 / 15000), abs=1.5)
    assert found.half_width <= 0.02


def test_more_certainty_takes_more_looks() -> None:
    assert plan(WINDOW, 0.02, level=0.99).looks.sum() > 1.5 * plan(WINDOW, 0.02).looks.sum()


def test_never_asks_for_more_than_there_is() -> None:
    found = plan(Window(np.array([3, 40]), np.array([0.5, 0.5])), 0.001)
    assert found.looks.tolist() == [3, 40]
    assert found.half_width == 0


def test_looks_at_what_the_model_is_sure_of_too() -> None:
    assert plan(Window(np.array([1000, 1000]), np.array([0.5, 1.0])), 0.05).looks[1] == 2


def test_a_stratum_without_looks_leaves_everything_open() -> None:
    assert reached(WINDOW, np.array([100, 0])) == float("inf")
    assert reached(Window(np.array([100, 0]), np.array([0.5, 0.5])), np.array([100, 0])) == 0


def test_without_answers_nothing_is_wanted() -> None:
    found = plan(Window(np.array([0, 0]), np.array([0.0, 0.0])), 0.02)
    assert (found.looks.tolist(), found.half_width) == ([0, 0], 0.0)


@pytest.mark.parametrize(("half_width", "level"), [(0.0, 0.95), (0.02, 0.0), (0.02, 1.0)])
def test_refuses_what_is_no_width_or_level(half_width: float, level: float) -> None:
    with pytest.raises(ValueError, match=r"half width|level"):
        plan(WINDOW, half_width, level=level)


@given(
    st.lists(st.tuples(st.integers(0, 3000), st.floats(0, 1)), min_size=1, max_size=8),
    st.floats(0.005, 0.2),
)
def test_a_plan_keeps_its_width_and_its_bounds(
    strata: list[tuple[int, float]], half_width: float
) -> None:
    window = Window(
        np.array([size for size, _ in strata]), np.array([share for _, share in strata])
    )
    found = plan(window, half_width)
    assert (found.looks <= window.sizes).all()
    assert (found.looks >= np.minimum(window.sizes, 2)).all()
    assert found.half_width <= half_width * 1.001
