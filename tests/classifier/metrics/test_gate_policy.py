"""Limits of the gate: what can be stored, and what is refused by name."""

import json

import pytest

from classifier.metrics.gate_policy import LIMITS, GatePolicy, Kind, Rule


def test_a_policy_survives_json() -> None:
    policy = GatePolicy(margin=0.02, minimum_rows=80, rules={**GatePolicy().rules, "f1": "off"})
    assert GatePolicy.from_dict(json.loads(json.dumps(policy.to_dict()))) == policy


def test_what_is_left_out_is_the_default() -> None:
    policy = GatePolicy.from_dict({"margin": 0, "rules": {"latency": "off"}})
    assert policy.margin == 0.0
    assert policy.minimum_rows == 50
    assert policy.rule(Kind.LATENCY) is Rule.OFF
    assert policy.rule(Kind.BETTER) is Rule.MUST_PASS


def test_every_limit_has_words_for_a_form() -> None:
    assert len(LIMITS) == 9
    assert all(each.metadata["label"] and each.metadata["explanation"] for each in LIMITS)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"margn": 1}, "margn: there is no such limit; known: margin, "),
        ({"margin": 1.5}, "margin: it is a number from 0 to 1."),
        ({"margin": "x"}, "margin: it is a number from 0 to 1."),
        ({"margin": True}, "margin: it is a number from 0 to 1."),
        ({"margin": float("nan")}, "margin: it is a number from 0 to 1."),
        ({"minimum_rows": 2.5}, "minimum_rows: it is a whole number from 0 to 100000."),
        ({"rules": []}, "rules: say for each of better, "),
        ({"rules": {"speed": "off"}}, "rules: there is no check 'speed'; known: better, "),
        ({"rules": {"f1": "maybe"}}, "rules: 'f1' is one of must_pass, must_not_fail, off."),
    ],
)
def test_nonsense_is_refused_by_name(values: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        GatePolicy.from_dict(values)
    assert str(refused.value).startswith(message)
