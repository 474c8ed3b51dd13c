"""Watching trials: a canary that does harm stops by itself, one that won is proposed."""

import pytest

from classifier.models import ModelVersion, Pair, Prediction, Trial
from classifier.rollout.guard import watch_trials
from classifier.rollout.trial import change_share
from labeling.access import Access
from labeling.models import Event
from tests.classifier.predictions import make_prediction
from tests.classifier.rollout.pairs import lost, make_pair, won


@pytest.fixture
def canary(trial: Trial, manager_access: Access) -> Trial:
    """Model 2 answers a tenth of the texts."""
    return change_share(access=manager_access, trial_id=trial.pk, share=0.1)


def outcome(trial: Trial) -> tuple[str, str]:
    trial.refresh_from_db()
    stage = ModelVersion.objects.values_list("stage", flat=True).get(pk=trial.challenger_id)
    return trial.outcome, stage


def answers(trial: Trial, count: int, latency_ms: float) -> None:
    for _ in range(count):
        make_prediction(trial.challenger, latency_ms=latency_ms)


def test_a_losing_canary_stops(canary: Trial) -> None:
    lost(canary, 12)
    watch_trials()
    assert outcome(canary) == ("stopped", "candidate")
    assert canary.reason == "It is worse: right alone on 0 items, the champion on 12."
    event = Event.objects.get(subject_type="trial", verb="ended")
    assert (event.actor, event.after) == (None, "stopped")


def test_a_losing_shadow_does_no_harm_and_goes_on(trial: Trial) -> None:
    lost(trial, 12)
    watch_trials()
    assert outcome(trial) == ("", "shadow")


@pytest.mark.parametrize(("failures", "state"), [(1, ""), (2, "stopped")])
def test_errors(canary: Trial, failures: int, state: str) -> None:
    for _ in range(failures):
        make_pair(canary, "alpha", None)
    for _ in range(50 - failures):
        make_pair(canary, "alpha", "alpha")
    watch_trials()
    assert outcome(canary)[0] == state
    if state:
        assert canary.reason == "It failed on 2 of the latest 50 texts; the limit is 2.0%."


def test_a_few_errors_say_nothing_yet(canary: Trial) -> None:
    for _ in range(19):
        make_pair(canary, "alpha", None)
    watch_trials()
    assert outcome(canary)[0] == ""


def test_a_failing_champion_is_not_the_canarys_fault(canary: Trial) -> None:
    for _ in range(30):
        make_pair(canary, "alpha", None)
    Pair.objects.update(model_version=canary.champion)
    watch_trials()
    assert outcome(canary)[0] == ""


def test_latency(canary: Trial) -> None:
    answers(canary, 19, 10.0)
    answers(canary, 1, 501.0)
    watch_trials()
    assert outcome(canary)[0] == "stopped"
    assert "took more than 501 ms; the limit is 500 ms" in canary.reason


def test_latency_within_the_limit(canary: Trial) -> None:
    answers(canary, 39, 500.0)
    answers(canary, 1, 900.0)
    watch_trials()
    assert outcome(canary)[0] == ""


def test_the_champions_latency_does_not_count(canary: Trial) -> None:
    for _ in range(30):
        make_prediction(canary.champion, latency_ms=9000.0)
    watch_trials()
    assert outcome(canary)[0] == ""
    assert Prediction.objects.count() == 30


def test_a_winner_is_proposed_once_and_promoted_by_nobody_but_a_person(trial: Trial) -> None:
    won(trial, 12)
    watch_trials()
    watch_trials()
    assert outcome(trial) == ("", "shadow")
    assert trial.proposed_at is not None
    event = Event.objects.get(verb="proposed")
    assert event.reason == "It is better: right alone on 12 items, the champion on 0."
    assert (event.actor, event.subject_type) == (None, "trial")
