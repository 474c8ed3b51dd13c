"""Letting a challenger answer more, less or nothing."""

from collections.abc import Callable

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from classifier.models import Evaluation, Trial
from classifier.rollout.trial import change_share, stop_trial
from labeling.access import Access
from labeling.errors import Conflict, Invalid
from labeling.models import Event


def test_from_shadow_to_canary_to_more_and_back(trial: Trial, manager_access: Access) -> None:
    for share, stage in ((0.1, "canary"), (0.5, "canary"), (0.0, "shadow")):
        change_share(access=manager_access, trial_id=trial.pk, share=share, reason="step")
        trial.refresh_from_db()
        trial.challenger.refresh_from_db()
        assert (trial.share, trial.challenger.stage) == (share, stage)
    said = Event.objects.filter(subject_type="trial").order_by("id").values_list("before", "after")
    assert list(said) == [("", "0"), ("0", "0.1"), ("0.1", "0.5"), ("0.5", "0")]


def test_the_same_share_changes_nothing(trial: Trial, manager_access: Access) -> None:
    before = Event.objects.count()
    change_share(access=manager_access, trial_id=trial.pk, share=0.0)
    assert Event.objects.count() == before


def test_out_of_shadow_past_a_failed_gate_takes_a_reason(
    trial: Trial, manager_access: Access
) -> None:
    Evaluation.objects.filter(model_version=trial.challenger).update(passed=False)
    with pytest.raises(Invalid, match="reason: The gate has not let model 2 pass"):
        change_share(access=manager_access, trial_id=trial.pk, share=0.1)
    change_share(access=manager_access, trial_id=trial.pk, share=0.1, reason="small and watched")
    change_share(access=manager_access, trial_id=trial.pk, share=0.2)


def test_over_rest(trial: Trial, manager: User, api_for: Callable[[User], APIClient]) -> None:
    url = f"/api/projects/test/trials/{trial.pk}/share/"
    assert api_for(manager).post(url, {"share": 0.2}).json()["stage"] == "canary"
    assert api_for(manager).post(url, {"share": 2}).status_code == 422


def test_pausing_from_the_page(
    trial: Trial, manager: User, client_for: Callable[[User], Client]
) -> None:
    url = f"/p/test/rollout/trials/{trial.pk}/share/"
    client = client_for(manager)
    client.post(url, {"percent": "10"})
    page = client.get("/p/test/rollout/").content.decode()
    assert "Model 1 answers 90 % of the traffic, model 2 10 %." in page
    text = client.post(url, {"percent": ["10", "0"]}, follow=True).content.decode()
    assert "In shadow: it answers nothing." in text
    assert "percent: " in client.post(url, {"percent": "x"}, follow=True).content.decode()


def test_an_ended_trial_stays_as_it_was(trial: Trial, manager_access: Access) -> None:
    stop_trial(access=manager_access, trial_id=trial.pk, reason="enough")
    with pytest.raises(Conflict, match="This trial has ended: withdrawn"):
        change_share(access=manager_access, trial_id=trial.pk, share=0.1)
