"""Which items a canary answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.rollout.canary import in_canary, key_of

KEYS = [f"item-{number}" for number in range(10_000)]


@pytest.mark.parametrize("share", [0.01, 0.1, 0.25, 0.5, 0.9])
def test_over_ten_thousand_items_the_share_is_within_a_point(share: float) -> None:
    chosen = sum(in_canary(7, key, share) for key in KEYS)
    assert abs(chosen / len(KEYS) - share) < 0.01


def test_none_and_all() -> None:
    assert not any(in_canary(7, key, 0.0) for key in KEYS)
    assert all(in_canary(7, key, 1.0) for key in KEYS)


@given(key=st.text(), small=st.floats(0, 1), more=st.floats(0, 1))
def test_an_item_stays_where_it_is_and_a_larger_share_keeps_it(
    key: str, small: float, more: float
) -> None:
    chosen = in_canary(7, key, small)
    assert in_canary(7, key, small) is chosen
    if chosen:
        assert in_canary(7, key, max(small, more))


def test_projects_draw_apart() -> None:
    both = sum(in_canary(1, key, 0.1) and in_canary(2, key, 0.1) for key in KEYS)
    assert 60 < both < 140


def test_the_external_id_names_an_item_and_without_one_its_text_does() -> None:
    assert key_of("a", "b", "id") == key_of("x", "y", "id")
    assert key_of("a", "b", "") != key_of("a b", "", "")
