"""How a trial ends: withdrawn, promoted, overtaken."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from classifier.approve import approve, rollback
from classifier.models import Evaluation, ModelVersion, Stage, Trial
from classifier.rollout.trial import stop_trial
from labeling.access import Access
from labeling.errors import Conflict, Invalid
from labeling.models import Event, Project
from tests.classifier.champions import make_model
from tests.classifier.rollout.pairs import won


def ended(trial: Trial) -> tuple[str, str]:
    trial.refresh_from_db()
    trial.challenger.refresh_from_db()
    return trial.outcome, trial.challenger.stage


def test_withdrawn(trial: Trial, manager_access: Access) -> None:
    with pytest.raises(Invalid, match="reason"):
        stop_trial(access=manager_access, trial_id=trial.pk, reason=" ")
    stop_trial(access=manager_access, trial_id=trial.pk, reason="enough seen")
    assert ended(trial) == ("withdrawn", "candidate")
    assert trial.reason == "enough seen"
    with pytest.raises(Conflict):
        stop_trial(access=manager_access, trial_id=trial.pk, reason="again")


def test_from_the_page_and_over_rest(
    trial: Trial,
    manager: User,
    api_for: Callable[[User], APIClient],
    client_for: Callable[[User], Client],
) -> None:
    url = f"/p/test/rollout/trials/{trial.pk}/stop/"
    page = client_for(manager).post(url, {"reason": "enough"}, follow=True).content.decode()
    assert "withdrawn. enough" in page
    assert "Promote model" not in page
    response = api_for(manager).post(f"/api/projects/test/trials/{trial.pk}/stop/", {"reason": "x"})
    assert response.status_code == 409


def test_promoting_before_the_evidence_is_won_takes_a_reason(
    trial: Trial, manager_access: Access
) -> None:
    with pytest.raises(Invalid, match="The evidence does not say yet that model 2 is better"):
        approve(access=manager_access, number=2, comment="")
    approve(access=manager_access, number=2, comment="we must")
    assert ended(trial) == ("promoted", "champion")


def test_promoting_a_winner_takes_none(trial: Trial, manager_access: Access) -> None:
    won(trial, 12)
    approve(access=manager_access, number=2, comment="")
    assert ended(trial) == ("promoted", "champion")
    trial.champion.refresh_from_db()
    assert trial.champion.stage == "retired"
    rollback(access=manager_access, number=1, reason="it is slow")
    assert ModelVersion.objects.get(stage="champion").number == 1


def test_a_failed_gate_takes_a_reason_even_of_a_winner(
    trial: Trial, manager_access: Access
) -> None:
    won(trial, 12)
    Evaluation.objects.filter(model_version=trial.challenger).update(passed=False)
    with pytest.raises(Invalid, match="The gate has not let model 2 pass"):
        approve(access=manager_access, number=2, comment="")


def test_another_champion_ends_it(trial: Trial, project: Project, manager_access: Access) -> None:
    third = make_model(project, stage=Stage.CANDIDATE)
    approve(access=manager_access, number=third.number, comment="hot fix")
    assert ended(trial) == ("overtaken", "candidate")
    assert trial.reason == "Model 3 serves."
    assert Event.objects.filter(subject_type="trial", verb="ended", after="overtaken").count() == 1


def test_an_end_without_an_outcome_is_refused(trial: Trial) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Trial.objects.filter(pk=trial.pk).update(ended_at=trial.started_at)
