"""POST /v1/tag: every refusal is a problem that says what to do."""

from typing import Any

import httpx
import pytest
import time_machine
from django.db import OperationalError

from accounts.keys import create_key
from accounts.models import User
from classifier.models import ModelVersion, Prediction, Stage
from classifier.serving import store
from classifier.serving.batching import Full
from classifier.serving.tokens import Grant, make_token
from labeling.models import Project
from tests.classifier.serving.conftest import Ask
from tests.classifier.serving.process import Process

NO_MODEL = "project test has no model in service: approve one on its Models page"


def refused(response: httpx.Response, status: int, words: str) -> None:
    """Assert that a response is a problem with this status that holds these words."""
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    told = response.json()
    assert told["status"] == status
    assert words in told["detail"]
    assert not Prediction.objects.exists()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"title": 7}, "title: it must be a string."),
        ({"body": None}, "body: it must be a string."),
        ({"external_id": ["a"]}, "external_id: it must be a string."),
        ({"project": {}}, "project: it must be a string."),
        ({"project": ""}, "project: it is missing"),
        ({"title": "  ", "body": "\n"}, "title and body are both empty"),
        ({"title": "t" * 1001}, "title: it has 1,001 characters; the limit is 1,000."),
        ({"body": "b" * 20_001}, "body: it has 20,001 characters; the limit is 20,000."),
        ({"title": "t" * 1000, "body": "b" * 19_001}, "the text has 20,001 characters"),
        ({"external_id": "e" * 201}, "external_id: it has 201 characters"),
        ({"title": "a\x00b"}, "title: it holds a NUL character"),
        ({"text": "apple"}, "text: no such field; known are project, title, body, external_id"),
    ],
)
def test_a_text_that_cannot_be_taken(ask: Ask, fields: dict[str, Any], words: str) -> None:
    refused(ask(**fields), 422, words)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no valid JSON"),
        (b"{", "no valid JSON"),
        (b'{"title": "\xff"}', "no valid JSON in UTF-8"),
        (b'{"title": "\\ud800"}', "no valid JSON"),
        (b"[]", "must be a JSON object"),
    ],
)
def test_a_body_that_is_no_json_object(
    http: httpx.Client, secret: str, content: bytes, words: str
) -> None:
    headers = {"Authorization": f"Bearer {secret}"}
    refused(http.post("/v1/tag", content=content, headers=headers), 400, words)


def test_a_body_above_the_limit(ask: Ask) -> None:
    refused(ask(body="b" * 1_000_000), 413, "larger than 256 KiB")


@pytest.mark.parametrize("slug", ["nowhere", "other"])
def test_an_unknown_project_and_one_of_others_are_the_same(
    ask: Ask, other_project: Project, slug: str
) -> None:
    refused(ask(project=slug), 404, "There is no such project among yours.")


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer nonsense", "Basic abc", "Internal abc"])
def test_no_usable_key(http: httpx.Client, header: str) -> None:
    body = {"project": "test", "title": "apple"}
    response = http.post("/v1/tag", json=body, headers={"Authorization": header})
    refused(response, 401, "")
    assert response.headers["www-authenticate"] == "Bearer"


def test_a_key_without_the_scope(ask: Ask, manager: User) -> None:
    _, reading = create_key(user=manager, name="reads", scopes=["read", "write"])
    refused(ask(headers={"Authorization": f"Bearer {reading}"}), 403, "lacks the scope 'tag'")


def test_an_internal_token_is_for_one_project_and_half_a_minute(
    http: httpx.Client, project: Project, other_project: Project, manager: User
) -> None:
    def post(project_id: int) -> httpx.Response:
        token = make_token(Grant(manager.pk, project_id, "r"))
        headers = {"Authorization": f"Internal {token}"}
        with time_machine.travel(moment, tick=False):
            body = {"project": "test", "title": "apple"}
            return http.post("/v1/tag", json=body, headers=headers)

    with time_machine.travel("2026-01-01 12:00:00Z", tick=False):
        moment = "2026-01-01 12:00:05Z"
        refused(post(other_project.pk), 404, "no such project")
        moment = "2026-01-01 12:00:31Z"
        refused(post(project.pk), 401, "forged or too old")


@pytest.mark.parametrize("key", ["", "k" * 65])
def test_an_idempotency_key_that_cannot_be_kept(ask: Ask, key: str) -> None:
    refused(ask(headers={"Idempotency-Key": key}), 422, "1 to 64 printable characters")


def test_no_champion(process: Process, ask: Ask, champion: ModelVersion) -> None:
    ModelVersion.objects.filter(pk=champion.pk).update(stage=Stage.RETIRED)
    process.poll()
    response = ask()
    refused(response, 503, NO_MODEL)
    assert response.headers["retry-after"] == "1"


def test_nothing_is_answered_that_was_not_stored(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_: object) -> None:
        raise OperationalError("the server closed the connection")

    with monkeypatch.context() as broken:
        broken.setattr(store, "save", away)
        response = ask()
    refused(response, 503, "nothing was stored")
    assert response.headers["retry-after"] == "1"
    assert ask().status_code == 200


def test_too_many_waiting(process: Process, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: object) -> None:
        raise Full

    monkeypatch.setattr(process.server.batcher, "submit", full)
    response = ask()
    refused(response, 503, "Too many texts wait")
    assert response.headers["retry-after"] == "1"


def test_a_bug_is_a_problem_too(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(store, "save", broken)
    refused(ask(), 500, "Something broke")


def test_other_paths_and_methods(http: httpx.Client) -> None:
    refused(http.get("/nowhere"), 404, "Not Found")
    response = http.get("/v1/tag")
    refused(response, 405, "Method Not Allowed")
    assert response.headers["allow"] == "POST"


def test_not_ready_while_the_database_is_away(
    process: Process, http: httpx.Client, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise OperationalError("no route to host")

    with monkeypatch.context() as broken:
        broken.setattr(process.server.champions, "refresh", away)
        process.poll()
    refused(http.get("/health/ready"), 503, "The database does not answer.")
    assert http.get("/health/live").status_code == 200
    process.poll()
    assert http.get("/health/ready").status_code == 200
    assert ask().status_code == 200
