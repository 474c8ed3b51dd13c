"""Putting a candidate on trial, over the verb, the page and REST."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from classifier.models import Deployment, Evaluation, ModelVersion, Stage, Trial
from classifier.rollout.trial import start_trial
from labeling.access import Access
from labeling.errors import Conflict, Invalid
from labeling.models import Event, Project
from tests.classifier.champions import make_model

URL = "/api/projects/test/trials/"


def stages() -> dict[int, str]:
    return dict(ModelVersion.objects.values_list("number", "stage"))


def test_in_shadow(candidate: ModelVersion, manager_access: Access) -> None:
    trial = start_trial(access=manager_access, number=2, reason="to see")
    assert stages() == {1: "champion", 2: "shadow"}
    assert (trial.champion.number, trial.share, trial.open) == (1, 0.0, True)
    event = Event.objects.get(subject_type="trial")
    assert (event.verb, event.after, event.reason) == ("started", "0", "to see")
    moved = Event.objects.get(subject_type="modelversion")
    assert (moved.before, moved.after) == ("candidate", "shadow")
    assert Deployment.objects.get().revision == 1


def test_as_a_canary_over_rest(
    candidate: ModelVersion, manager: User, api_for: Callable[[User], APIClient]
) -> None:
    body = {"model_version": 2, "share": 0.1, "latency_limit_ms": 80}
    response = api_for(manager).post(URL, body, format="json")
    assert response.status_code == 201, response.json()
    told = response.json()
    assert (told["challenger"], told["champion"], told["stage"]) == (2, 1, "canary")
    assert (told["share"], told["latency_limit_ms"], told["error_limit"]) == (0.1, 80.0, 0.02)
    assert api_for(manager).get(URL).json()["results"][0]["id"] == told["id"]


def test_from_the_page(
    candidate: ModelVersion, manager: User, client_for: Callable[[User], Client]
) -> None:
    client = client_for(manager)
    assert "model 2, keywords" in client.get("/p/test/rollout/").content.decode()
    form = {"number": 2, "percent": 25, "error_percent": 1, "latency_limit_ms": 100}
    page = client.post("/p/test/rollout/trials/start/", form, follow=True).content.decode()
    assert "A canary: it answers 25 % of the texts." in page
    trial = Trial.objects.get()
    assert (trial.share, trial.error_limit, trial.latency_limit_ms) == (0.25, 0.01, 100.0)


def test_the_page_says_what_cannot_be_taken(
    candidate: ModelVersion, manager: User, client_for: Callable[[User], Client]
) -> None:
    form = {"number": 9, "percent": 101, "error_percent": 1, "latency_limit_ms": 100}
    response = client_for(manager).post("/p/test/rollout/trials/start/", form, follow=True)
    assert "percent: Ensure this value is less than or equal to 100" in response.content.decode()
    assert not Trial.objects.exists()


def test_a_canary_whose_gate_did_not_pass_takes_a_reason(
    candidate: ModelVersion, manager_access: Access
) -> None:
    Evaluation.objects.filter(model_version=candidate).update(passed=False)
    with pytest.raises(Invalid, match="The gate has not let model 2 pass"):
        start_trial(access=manager_access, number=2, share=0.1)
    assert start_trial(access=manager_access, number=2).share == 0.0, "a shadow needs none"


@pytest.mark.parametrize(
    "wrong",
    [
        {"share": -0.1},
        {"share": 1.1},
        {"share": float("nan")},
        {"error_limit": 2.0},
        {"latency_limit_ms": 0.0},
        {"latency_limit_ms": float("inf")},
    ],
)
def test_numbers_out_of_range(
    candidate: ModelVersion, manager_access: Access, wrong: dict[str, float]
) -> None:
    with pytest.raises(Invalid, match=next(iter(wrong))):
        start_trial(access=manager_access, number=2, **wrong)  # type: ignore[arg-type]


def test_one_at_a_time(trial: Trial, project: Project, manager_access: Access) -> None:
    third = make_model(project, stage=Stage.CANDIDATE)
    with pytest.raises(Conflict, match="Model 2 is on trial"):
        start_trial(access=manager_access, number=third.number)
    with pytest.raises(IntegrityError), transaction.atomic():
        Trial.objects.create(project=project, challenger=third, champion=trial.champion)
    with pytest.raises(IntegrityError), transaction.atomic():
        ModelVersion.objects.filter(pk=third.pk).update(stage="canary")


def test_only_a_candidate_and_only_beside_a_champion(
    champion: ModelVersion, manager_access: Access
) -> None:
    with pytest.raises(Conflict, match="Model 1 is champion; only a candidate"):
        start_trial(access=manager_access, number=1)
    ModelVersion.objects.update(stage="candidate")
    with pytest.raises(Conflict, match="no champion"):
        start_trial(access=manager_access, number=1)
