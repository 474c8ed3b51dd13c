"""POST /v1/tag: what is answered, and that it is stored."""

import httpx
import pytest

from accounts.models import ApiKey, User
from classifier.models import Deployment, ModelVersion, Prediction
from classifier.serving.tokens import Grant, make_token
from labeling.models import Membership, Project
from tests.classifier.champions import SURE, UNSURE
from tests.classifier.serving.conftest import Ask
from tests.classifier.serving.process import Process


def test_answers_with_label_probabilities_model_and_route(ask: Ask, champion: ModelVersion) -> None:
    response = ask(title="Fruit", body=SURE["beta"], external_id="e1")
    assert response.status_code == 200
    told = response.json()
    assert told["label"] == "beta"
    assert told["probabilities"]["beta"] == told["confidence"] > 0.9
    assert sum(told["probabilities"].values()) == pytest.approx(1)
    assert told["model_version"] == champion.number
    assert (told["route"], told["threshold"]) == ("accept", 0.8)
    assert told["latency_ms"] > 0


def test_stores_what_it_answers(ask: Ask, champion: ModelVersion, manager: User) -> None:
    told = ask(
        title="Fruit", body=SURE["gamma"], external_id="e1", headers={"X-Request-ID": "r-1"}
    ).json()
    stored = Prediction.objects.get(pk=told["prediction_id"])
    assert (stored.title, stored.body, stored.external_id) == ("Fruit", SURE["gamma"], "e1")
    assert (stored.label.name, stored.confidence) == ("gamma", told["confidence"])
    assert stored.probabilities == told["probabilities"]
    assert (stored.model_version, stored.requested_by) == (champion, manager)
    assert (stored.source, stored.route, stored.threshold) == ("realtime", "accept", 0.8)
    assert (stored.request_id, stored.idempotency_key, stored.item) == ("r-1", None, None)


def test_an_unsure_answer_goes_to_review(ask: Ask) -> None:
    told = ask(title=UNSURE).json()
    assert told["route"] == "review"
    assert told["confidence"] < 0.5


def test_the_threshold_decides_the_route(process: Process, ask: Ask, project: Project) -> None:
    Deployment.objects.create(project=project, accept_threshold=0.1)
    process.poll()
    assert ask(title=UNSURE).json()["route"] == "accept"


def test_a_body_alone_is_enough(ask: Ask) -> None:
    assert ask(title="", body=SURE["alpha"]).json()["label"] == "alpha"


def test_non_ascii_text_survives(ask: Ask) -> None:
    told = ask(title="Äpfel 苹果 🍏", body="naïve\nzwei Zeilen").json()
    stored = Prediction.objects.get(pk=told["prediction_id"])
    assert (stored.title, stored.body) == ("Äpfel 苹果 🍏", "naïve\nzwei Zeilen")


def test_an_internal_token_stands_for_a_user(
    http: httpx.Client, project: Project, manager: User, champion: ModelVersion
) -> None:
    token = make_token(Grant(manager.pk, project.pk, "request-7"))
    response = http.post(
        "/v1/tag",
        json={"project": "test", "title": "grape"},
        headers={"Authorization": f"Internal {token}"},
    )
    stored = Prediction.objects.get(pk=response.json()["prediction_id"])
    assert (stored.requested_by, stored.request_id) == (manager, "request-7")


def test_health(http: httpx.Client, champion: ModelVersion) -> None:
    assert http.get("/health/live").json() == {"status": "live"}
    assert http.get("/health/ready").json() == {"status": "ready", "models": 1}


def test_a_revoked_key_or_lost_membership_holds_for_five_seconds_at_most(
    process: Process, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = 1000.0
    monkeypatch.setattr("classifier.serving.remembered.monotonic", lambda: clock)
    assert ask().status_code == 200
    Membership.objects.all().delete()
    assert ask().status_code == 200
    clock += 5.1
    assert ask().status_code == 404
    ApiKey.objects.all().delete()
    clock += 5.1
    assert ask().status_code == 401
