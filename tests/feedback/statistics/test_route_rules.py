"""Where a prediction goes: a pure function of its inputs."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as some

from feedback.statistics.route_rules import (
    Destination,
    Inputs,
    Reason,
    broken,
    decide,
    draw_of,
    novelty_of,
)

SHARE = some.floats(0, 1)
SURE = Inputs(
    probabilities={"a": 0.9, "b": 0.06, "c": 0.04},
    threshold=0.8,
    near_tie=0.1,
    novelty=0.2,
    novelty_limit=0.5,
    broken_rule="",
    audit_share=0.05,
    draw=0.5,
)
any_inputs = some.builds(
    Inputs,
    probabilities=some.dictionaries(some.sampled_from("abcd"), SHARE),
    threshold=some.floats(0, 1.01),
    near_tie=SHARE,
    novelty=some.none() | SHARE,
    novelty_limit=SHARE,
    broken_rule=some.sampled_from(["", "rule"]),
    audit_share=SHARE,
    draw=some.floats(0, 1, exclude_max=True),
)


@pytest.mark.parametrize(
    ("change", "destination", "reason", "chance"),
    [
        ({}, "accept", "confident", 0.05),
        ({"draw": 0.0499}, "audit", "drawn", 0.05),
        ({"draw": 0.05}, "accept", "confident", 0.05),
        ({"threshold": 0.9}, "accept", "confident", 0.05),
        ({"threshold": 0.91}, "review", "low_confidence", 1.0),
        ({"near_tie": 0.85}, "review", "near_tie", 1.0),
        ({"novelty": 0.5}, "review", "novel", 1.0),
        ({"novelty": None}, "accept", "confident", 0.05),
        ({"broken_rule": "mlops", "novelty": 0.9}, "review", "rule", 1.0),
        ({"threshold": 1.01, "draw": 0.0}, "review", "low_confidence", 1.0),
    ],
)
def test_where_it_goes(
    change: Mapping[str, object], destination: str, reason: str, chance: float
) -> None:
    found = decide(replace(SURE, **change))  # type: ignore[arg-type]
    assert (found.destination, found.reason) == (destination, reason)
    assert found.inclusion_probability == chance


@given(any_inputs)
def test_every_route_is_whole(inputs: Inputs) -> None:
    found = decide(inputs)
    assert found == decide(inputs)
    assert 0 <= found.value <= 1
    accepted = found.destination is not Destination.REVIEW
    assert accepted == (found.reason in {Reason.CONFIDENT, Reason.DRAWN})
    assert found.inclusion_probability == (inputs.audit_share if accepted else 1.0)
    if accepted:
        assert inputs.confidence >= inputs.threshold
        assert (found.destination is Destination.AUDIT) == (inputs.draw < inputs.audit_share)


@given(any_inputs, some.floats(0, 1, exclude_max=True))
def test_the_lottery_decides_nothing_but_the_audit(inputs: Inputs, draw: float) -> None:
    one, other = decide(inputs), decide(replace(inputs, draw=draw))
    assert (one.destination is Destination.REVIEW) == (other.destination is Destination.REVIEW)
    assert one.inclusion_probability == other.inclusion_probability


def test_tickets_are_uniform_and_stay() -> None:
    tickets = [draw_of("salt", UUID(int=number)) for number in range(20_000)]
    assert tickets == [draw_of("salt", UUID(int=number)) for number in range(20_000)]
    for share in (0.01, 0.05, 0.5):
        drawn = sum(ticket < share for ticket in tickets) / len(tickets)
        assert drawn == pytest.approx(share, abs=4 * (share * (1 - share) / len(tickets)) ** 0.5)
    assert all(0 <= ticket < 1 for ticket in tickets)


def test_another_salt_draws_others() -> None:
    one = uuid4()
    assert draw_of("salt", one) != draw_of("pepper", one)


@pytest.mark.parametrize(
    ("words", "known", "novelty"),
    [
        (["a", "b"], [], None),
        (["a", "b"], ["a"], 0.2),
        (["x", "x", "x", "a", "b", "c", "d"], ["a", "b", "c", "d"], 0.2),
        (["u", "v", "w", "x", "y", "z"], ["a"], 1.0),
        ([], ["a"], 0.0),
    ],
)
def test_novelty(words: list[str], known: list[str], novelty: float | None) -> None:
    assert novelty_of(words, known) == novelty


def test_a_rule_is_broken_by_another_label_alone() -> None:
    rules = [("first", {"a", "b"}, "one"), ("second", {"b"}, "two")]
    assert broken({"a", "b", "c"}, "two", rules) == "first"
    assert broken({"a", "b", "c"}, "one", rules) == "second"
    assert broken({"a", "c"}, "one", rules) == ""
