"""POST /api/projects/SLUG/tag/: forwarded to a serving process that really runs."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.keys import create_key
from accounts.models import User
from classifier import tag as forwarding
from classifier.models import Prediction, Stage
from labeling.models import Project
from tests.classifier.champions import SURE, UNSURE, make_model
from tests.classifier.serving.process import Process

URL = "/api/projects/test/tag/"
Api = Callable[[User], APIClient]


@pytest.fixture
def process(transactional_db: None, project: Project, settings: Settings) -> Iterator[Process]:
    """A serving process with a champion, known to Django."""
    make_model(project)
    settings.SERVING_POLL_SECONDS = 3600
    with Process.start() as process:
        settings.SERVING_URL = process.url
        yield process


def test_any_member_gets_a_stored_tag(process: Process, annotator: User, api_for: Api) -> None:
    response = api_for(annotator).post(URL, {"body": SURE["beta"], "external_id": "e1"})
    assert response.status_code == 200
    assert response.data["label"] == "beta"
    stored = Prediction.objects.get(pk=response.data["prediction_id"])
    assert (stored.external_id, stored.requested_by, stored.title) == ("e1", annotator, "")


def test_the_slug_of_the_address_counts(
    process: Process, outsider: User, manager: User, api_for: Api
) -> None:
    body = {"title": "apple", "project": "other"}
    assert api_for(manager).post(URL, body).status_code == 200
    assert api_for(outsider).post(URL, body).status_code == 404


def test_a_key_needs_the_scope(process: Process, manager: User) -> None:
    for scopes, status in ((["tag"], 200), (["read", "write"], 403)):
        _, secret = create_key(user=manager, name="key", scopes=scopes)
        client = APIClient(headers={"authorization": f"Bearer {secret}"})
        assert client.post(URL, {"title": "apple"}).status_code == status


def test_the_idempotency_key_is_passed_on(process: Process, manager: User, api_for: Api) -> None:
    def post(title: str) -> Any:
        headers = {"idempotency-key": "order-1"}
        return api_for(manager).post(URL, {"title": title}, headers=headers)

    first, second = post("apple"), post("apple")
    assert first.json() == second.json()
    assert second.headers["idempotent-replayed"] == "true"
    refused = post("banana")
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")


def test_a_refusal_of_the_process_is_passed_through(
    process: Process, project: Project, manager: User, api_for: Api
) -> None:
    response = api_for(manager).post(URL, {"title": " "})
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert "both empty" in response.json()["detail"]
    project.model_versions.update(stage=Stage.RETIRED)
    process.poll()
    response = api_for(manager).post(URL, {"title": "apple"})
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    assert "approve one on its Models page" in response.json()["detail"]


def test_no_serving_process(
    project: Project, manager: User, api_for: Api, settings: Settings
) -> None:
    settings.SERVING_URL = "http://127.0.0.1:9"
    response = api_for(manager).post(URL, {"title": "apple"})
    assert response.status_code == 503
    assert "The serving process does not answer." in response.json()["detail"]


def test_a_serving_process_that_talks_nonsense(
    project: Project, manager: User, api_for: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(502, text="<html>"))
    monkeypatch.setattr(forwarding, "client", lambda: httpx.Client(transport=transport))
    assert api_for(manager).post(URL, {"title": "apple"}).status_code == 503


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("[1]", "application/json", 422),
        ("{", "application/json", 400),
        ('{"title": "\\ud800"}', "application/json", 422),
        ('{"title": 100000000000000000000000}', "application/json", 422),
        ("title=apple", "application/x-www-form-urlencoded", 415),
    ],
)
def test_a_body_that_cannot_be_sent_on(
    project: Project, manager: User, api_for: Api, body: str, kind: str, status: int
) -> None:
    assert api_for(manager).post(URL, body, content_type=kind).status_code == status


def test_an_idempotency_key_that_cannot_be_sent_on(
    project: Project, manager: User, api_for: Api
) -> None:
    response = api_for(manager).post(URL, {"title": "a"}, headers={"idempotency-key": "schlüssel"})
    assert response.status_code == 422


def test_try_it_shows_the_answer(
    process: Process, reviewer: User, client_for: Callable[[User], APIClient]
) -> None:
    page = client_for(reviewer).post("/p/test/rollout/try/", {"title": UNSURE})
    text = page.content.decode()
    assert "goes to a person" in text
    assert str(Prediction.objects.get().pk) in text


def test_try_it_says_why_there_is_none(
    process: Process, reviewer: User, client_for: Callable[[User], APIClient], settings: Settings
) -> None:
    post = client_for(reviewer).post
    assert "both empty" in post("/p/test/rollout/try/", {"title": ""}).content.decode()
    assert "at most 1,000" in post("/p/test/rollout/try/", {"title": "t" * 1001}).content.decode()
    settings.SERVING_URL = "http://127.0.0.1:9"
    assert "does not answer" in post("/p/test/rollout/try/", {"title": "a"}).content.decode()
