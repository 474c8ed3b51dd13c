"""Challengers in the serving process: silent in shadow, answering as a canary, never in the way."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import pytest

from classifier.approve import approve
from classifier.deploy import set_threshold
from classifier.metrics.warranty import Promise
from classifier.models import Evaluation, ModelVersion, Pair, Prediction, Stage, Trial
from classifier.recipes.artifact import LoadedModel
from classifier.recipes.base import Floats
from classifier.rollout.canary import in_canary
from classifier.rollout.guard import watch_trials
from classifier.rollout.trial import start_trial, stop_trial
from labeling.access import Access
from labeling.models import Project
from tests.classifier.champions import SURE, make_model
from tests.classifier.holdouts import answer_holdout
from tests.classifier.serving.conftest import Ask
from tests.classifier.serving.process import Process
from tests.classifier.serving.test_swap import spoil


@pytest.fixture
def candidate(champion: ModelVersion) -> ModelVersion:
    """Model 2, which says beta where model 1 says alpha."""
    model = make_model(champion.project, stage=Stage.CANDIDATE, turned=True)
    Evaluation.objects.filter(model_version=model).update(champion=champion)
    return model


def begin(process: Process, access: Access, share: float = 0.0) -> Trial:
    """Put model 2 on trial, and let the process follow."""
    trial = start_trial(access=access, number=2, share=share)
    process.poll()
    return trial


def settle(process: Process) -> None:
    """Wait until the silent answers are stored."""
    assert process.loop is not None
    asyncio.run_coroutine_threadsafe(process.server.silent.drain(), process.loop).result(30)


def failing(monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    """Let every model but the first that is asked for `word` fail on texts that hold it."""
    real = LoadedModel.predict_proba

    def predict(model: LoadedModel, texts: Sequence[str]) -> Floats:
        turned = real(model, [SURE["alpha"]]).argmax() == 1
        if turned and any(word in text for text in texts):
            raise RuntimeError("cannot read this")
        return real(model, texts)

    monkeypatch.setattr(LoadedModel, "predict_proba", predict)


def test_a_shadow_answers_nothing_and_is_stored(
    process: Process, ask: Ask, candidate: ModelVersion, manager_access: Access
) -> None:
    trial = begin(process, manager_access)
    told = ask(title=SURE["alpha"]).json()
    assert (told["model_version"], told["label"]) == (1, "alpha")
    settle(process)
    pair = Pair.objects.get()
    assert (pair.trial, str(pair.prediction_id)) == (trial, told["prediction_id"])
    assert (pair.model_version, pair.label and pair.label.name) == (candidate, "beta")
    assert pair.differs
    assert pair.confidence is not None
    assert sum(pair.probabilities.values()) == pytest.approx(1)
    assert pair.latency_ms is not None
    assert Prediction.objects.count() == 1


def test_a_canary_answers_its_share_of_the_items_and_always_the_same(
    process: Process, ask: Ask, candidate: ModelVersion, manager_access: Access, project: Project
) -> None:
    begin(process, manager_access, share=0.5)
    for _ in range(2):
        for number in range(20):
            key = f"item-{number}"
            told = ask(title=SURE["alpha"], external_id=key).json()
            expected = (2, "beta") if in_canary(project.pk, key, 0.5) else (1, "alpha")
            assert (told["model_version"], told["label"]) == expected
    settle(process)
    assert Pair.objects.count() == 40
    silent = set(Pair.objects.values_list("prediction__model_version__number", "model_version"))
    assert {(led, ModelVersion.objects.get(pk=pk).number) for led, pk in silent} == {(1, 2), (2, 1)}


def test_where_a_canary_fails_the_champion_answers_and_it_stops_by_itself(
    process: Process,
    ask: Ask,
    candidate: ModelVersion,
    manager_access: Access,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    trial = begin(process, manager_access, share=1.0)
    failing(monkeypatch, "poison")
    with caplog.at_level(logging.CRITICAL):
        answers = [ask(title=f"poison {number}") for number in range(20)]
        assert {answer.status_code for answer in answers} == {200}
        assert {answer.json()["model_version"] for answer in answers} == {1}
        assert ask(title=SURE["alpha"]).json()["model_version"] == 2
        settle(process)
    failures = Pair.objects.filter(label=None, model_version=candidate)
    assert failures.count() == 20
    assert "cannot read this" in failures[0].failure
    watch_trials()
    trial.refresh_from_db()
    assert trial.outcome == "stopped"
    process.poll()
    assert ask(title=SURE["alpha"]).json()["model_version"] == 1


def test_a_silent_failure_reaches_nobody(
    process: Process,
    ask: Ask,
    candidate: ModelVersion,
    manager_access: Access,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begin(process, manager_access)

    def lost(*args: Any) -> None:
        raise RuntimeError("lost")

    monkeypatch.setattr("classifier.serving.shares.pair_all", lost)
    assert ask().status_code == 200
    settle(process)
    assert not Pair.objects.exists()
    assert ask().status_code == 200


def test_with_too_much_left_to_do_silent_answers_are_left_out(
    process: Process,
    ask: Ask,
    candidate: ModelVersion,
    manager_access: Access,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begin(process, manager_access)
    monkeypatch.setattr("classifier.serving.shares.BACKLOG", 0)
    assert ask().status_code == 200
    settle(process)
    assert not Pair.objects.exists()


def test_an_answer_given_again_is_not_compared_again(
    process: Process, ask: Ask, candidate: ModelVersion, manager_access: Access
) -> None:
    begin(process, manager_access)
    for _ in range(2):
        assert ask(headers={"Idempotency-Key": "once"}).status_code == 200
    settle(process)
    assert Pair.objects.count() == 1


def test_a_challenger_that_cannot_be_loaded_answers_nothing(
    process: Process,
    ask: Ask,
    candidate: ModelVersion,
    manager_access: Access,
    caplog: pytest.LogCaptureFixture,
) -> None:
    spoil(candidate)
    with caplog.at_level(logging.ERROR):
        begin(process, manager_access, share=1.0)
        process.poll()
    refusals = [each for each in caplog.records if "challenger refused" in each.getMessage()]
    assert len(refusals) == 1
    assert ask(title=SURE["alpha"]).json()["model_version"] == 1
    settle(process)
    assert not Pair.objects.exists()


def test_a_challenger_that_wins_is_not_loaded_again(
    process: Process,
    ask: Ask,
    candidate: ModelVersion,
    manager_access: Access,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begin(process, manager_access)
    monkeypatch.setattr("classifier.artifacts.load", None)
    approve(access=manager_access, number=2, comment="it wins")
    process.poll()
    assert ask(title=SURE["alpha"]).json()["model_version"] == 2


def test_the_end_of_a_trial_and_another_share_are_followed(
    process: Process, ask: Ask, candidate: ModelVersion, manager_access: Access
) -> None:
    trial = begin(process, manager_access)
    Trial.objects.update(share=1.0)
    process.poll()
    assert ask(title=SURE["alpha"]).json()["model_version"] == 2
    settle(process)
    stop_trial(access=manager_access, trial_id=trial.pk, reason="enough")
    process.poll()
    assert ask(title=SURE["alpha"]).json()["model_version"] == 1
    settle(process)
    assert Pair.objects.count() == 1


def test_a_canary_is_accepted_as_far_as_its_own_answers_prove(
    process: Process, ask: Ask, candidate: ModelVersion, manager_access: Access
) -> None:
    set_threshold(access=manager_access, threshold=0.5, promise=Promise(0.05, 0.05))
    begin(process, manager_access, share=1.0)
    told = ask(title=SURE["alpha"]).json()
    assert (told["model_version"], told["route"], told["threshold"]) == (2, "review", 1.01)
    settle(process)
    answer_holdout(candidate, right=200)
    set_threshold(access=manager_access, threshold=0.5, promise=Promise(0.04, 0.05))
    process.poll()
    told = ask(title=SURE["alpha"]).json()
    assert (told["model_version"], told["threshold"]) == (2, pytest.approx(0.8))
