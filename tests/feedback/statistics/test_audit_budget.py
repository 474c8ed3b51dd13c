"""Caps on audits: what is expected stays below them, and no share is ever 0."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from feedback.statistics.audit_budget import Bucket, filled, lots_of, share_of, spent

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(("cap", "lots"), [(0, 0), (9, 0), (10, 1), (19, 1), (500, 50)])
def test_one_look_in_ten_is_given_by_lot(cap: int, lots: int) -> None:
    assert lots_of(cap) == lots


def test_half_a_day_is_there_at_first_and_flows_in_again() -> None:
    full = filled(None, 100, NOON)
    assert full == Bucket(50.0, NOON)
    later = filled(Bucket(0.0, NOON), 100, NOON + timedelta(hours=12))
    assert later.tokens == 25.0
    assert filled(later, 100, NOON + timedelta(days=9)).tokens == 50.0
    assert filled(Bucket(10.0, NOON), 100, NOON - timedelta(hours=1)).tokens == 10.0


@pytest.mark.parametrize(("accepted", "share"), [(0, 0.1), (100, 0.1), (250, 0.1), (1000, 0.025)])
def test_the_share_falls_where_the_tokens_do_not_suffice(accepted: int, share: float) -> None:
    assert share_of(Bucket(50.0, NOON), 0.1, accepted) == pytest.approx(share)


@given(
    some.integers(1, 1000),
    some.floats(0.001, 1),
    some.lists(some.tuples(some.integers(0, 5000), some.integers(0, 3600)), max_size=40),
)
def test_no_day_expects_more_than_the_cap(
    cap: int, wanted: float, chunks: list[tuple[int, int]]
) -> None:
    bucket, now, expected = None, NOON, []
    for accepted, seconds in chunks:
        now += timedelta(seconds=seconds)
        bucket = filled(bucket, cap, now)
        share = share_of(bucket, wanted, accepted)
        assert 0 < share <= wanted
        bucket = spent(bucket, share, accepted)
        expected.append((now, share * accepted))
    for start, _ in expected:
        day = [amount for at, amount in expected if start <= at < start + timedelta(days=1)]
        assert sum(day) <= cap * (1 + 1e-9)
