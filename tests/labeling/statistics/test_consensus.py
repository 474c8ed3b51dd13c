"""What follows from the votes on a task."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeling.statistics.consensus import Outcome, Verdict, decide


@pytest.mark.parametrize(
    ("votes", "wanted", "limit", "outcome", "label"),
    [
        ("", 1, 1, Outcome.WAITING, None),
        ("a", 1, 1, Outcome.AGREED, "a"),
        ("a", 2, 2, Outcome.WAITING, None),
        ("aa", 2, 2, Outcome.AGREED, "a"),
        ("ab", 2, 2, Outcome.REVIEW, None),
        ("ab", 2, 3, Outcome.ANOTHER_LOOK, None),
        ("aba", 2, 3, Outcome.AGREED, "a"),
        ("abc", 2, 3, Outcome.REVIEW, None),
        ("abc", 2, 4, Outcome.ANOTHER_LOOK, None),
        ("aabb", 2, 4, Outcome.REVIEW, None),
        ("aabb", 2, 5, Outcome.ANOTHER_LOOK, None),
        ("abca", 2, 4, Outcome.REVIEW, None),
        ("aab", 3, 5, Outcome.ANOTHER_LOOK, None),
        ("aaba", 3, 5, Outcome.AGREED, "a"),
        ("ab", 1, 1, Outcome.REVIEW, None),
        ("aba", 2, 2, Outcome.AGREED, "a"),
    ],
)
def test_decide(votes: str, wanted: int, limit: int, outcome: Outcome, label: str | None) -> None:
    assert decide(votes, wanted=wanted, limit=limit) == Verdict(outcome, label)


@pytest.mark.parametrize(("wanted", "limit"), [(0, 1), (3, 2)])
def test_an_impossible_policy_is_refused(wanted: int, limit: int) -> None:
    with pytest.raises(ValueError, match="1 <= wanted <= limit"):
        decide(["a"], wanted=wanted, limit=limit)


policies = st.tuples(st.integers(1, 4), st.integers(0, 3)).map(lambda p: (p[0], p[0] + p[1]))


@given(st.lists(st.sampled_from("abc"), max_size=8), policies, st.data())
def test_the_order_of_votes_never_matters(
    votes: list[str], policy: tuple[int, int], data: st.DataObject
) -> None:
    wanted, limit = policy
    shuffled = data.draw(st.permutations(votes))
    assert decide(shuffled, wanted=wanted, limit=limit) == decide(votes, wanted=wanted, limit=limit)


@given(st.lists(st.sampled_from("abc"), max_size=8), policies)
def test_a_label_stands_on_enough_votes_and_most_of_them(
    votes: list[str], policy: tuple[int, int]
) -> None:
    wanted, limit = policy
    verdict = decide(votes, wanted=wanted, limit=limit)
    if verdict.outcome is Outcome.AGREED:
        assert verdict.label is not None
        assert votes.count(verdict.label) >= wanted
        assert votes.count(verdict.label) * 2 > len(votes)
    else:
        assert verdict.label is None


@given(st.lists(st.sampled_from("abc"), max_size=8), policies)
def test_nobody_is_asked_for_more_looks_than_the_limit(
    votes: list[str], policy: tuple[int, int]
) -> None:
    wanted, limit = policy
    verdict = decide(votes, wanted=wanted, limit=limit)
    if verdict.outcome in (Outcome.WAITING, Outcome.ANOTHER_LOOK):
        assert len(votes) < limit
