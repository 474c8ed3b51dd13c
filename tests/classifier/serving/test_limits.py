"""What a caller may send, how much of it, and how long it waits."""

import socket
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from pytest_django import Settings

from accounts.keys import create_key
from accounts.models import User
from classifier.models import ModelVersion, Prediction
from classifier.serving import store
from classifier.serving.store import Tag
from classifier.serving.tokens import Grant, make_token
from labeling.models import Project
from tests.classifier.serving.conftest import Ask
from tests.classifier.serving.process import Process, client_of


@pytest.fixture
def limited(
    champion: ModelVersion, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Process]:
    """A process that gives each key three texts a minute, on a clock that stands still."""
    settings.SERVING_POLL_SECONDS, settings.SERVING_RATE = 3600, 3
    monkeypatch.setattr("classifier.serving.rates.monotonic", lambda: CLOCK[0])
    CLOCK[0] = 1000.0
    with Process.start() as process:
        yield process


CLOCK = [1000.0]


def post(process: Process, secret: str, texts: int = 0) -> httpx.Response:
    """Ask for one tag, or for those of so many texts in one call."""
    body: dict[str, object] = {"project": "test"}
    body |= {"texts": [{"title": "apple"}] * texts} if texts else {"title": "apple"}
    path = "/v1/tag/batch" if texts else "/v1/tag"
    with client_of(process) as client:
        return client.post(path, json=body, headers={"Authorization": f"Bearer {secret}"})


def test_a_key_has_a_minutes_texts_and_they_come_back_evenly(limited: Process, secret: str) -> None:
    assert post(limited, secret, texts=2).status_code == 200
    refused = post(limited, secret, texts=2)
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert refused.headers["retry-after"] == "20"
    assert "3 texts tagged a minute; try again in 20 s." in refused.json()["detail"]
    assert post(limited, secret).status_code == 200
    assert post(limited, secret).status_code == 429
    CLOCK[0] += 20
    assert post(limited, secret).status_code == 200
    assert Prediction.objects.count() == 4


def test_a_call_that_no_minute_can_hold(limited: Process, secret: str) -> None:
    refused = post(limited, secret, texts=4)
    assert refused.status_code == 429
    assert "retry-after" not in refused.headers
    assert "send fewer than these 4" in refused.json()["detail"]


def test_keys_are_counted_apart_and_the_web_application_is_not(
    limited: Process, secret: str, manager: User, project: Project
) -> None:
    assert post(limited, secret, texts=3).status_code == 200
    _, other = create_key(user=manager, name="other", scopes=["tag"])
    assert post(limited, other, texts=3).status_code == 200
    headers = {"Authorization": f"Internal {make_token(Grant(manager.pk, project.pk, 'r'))}"}
    with client_of(limited) as client:
        body = {"project": "test", "title": "apple"}
        for _ in range(4):
            assert client.post("/v1/tag", json=body, headers=headers).status_code == 200


@pytest.mark.parametrize("deadline", ["0", "-5", "soon", "", "1.5"])
def test_a_deadline_that_is_none(ask: Ask, deadline: str) -> None:
    response = ask(headers={"X-Deadline-Ms": deadline})
    assert response.status_code == 422
    assert "X-Deadline-Ms: it must be a whole number of milliseconds" in response.json()["detail"]


def test_who_waits_past_its_deadline_is_told_so_and_not_predicted(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, go_on, real = threading.Event(), threading.Event(), store.save

    def slow(tags: Sequence[Tag]) -> bool:
        held.set()
        assert go_on.wait(30)
        return real(tags)

    monkeypatch.setattr(store, "save", slow)
    with ThreadPoolExecutor(2) as pool:
        # As many as can be in work at a time, so that the last one has to wait.
        busy = [pool.submit(ask, title=f"busy {number}") for number in range(2)]
        assert held.wait(30)
        late = ask(title="late", headers={"X-Deadline-Ms": "50"})
        go_on.set()
        assert {call.result().status_code for call in busy} == {200}
    assert (late.status_code, late.json()["code"]) == (504, "too_late")
    assert ask(title="after").status_code == 200
    titles = set(Prediction.objects.values_list("title", flat=True))
    assert titles - {"late"} == {"busy 0", "busy 1", "after"}


def test_a_deadline_cannot_be_made_longer(ask: Ask) -> None:
    assert ask(headers={"X-Deadline-Ms": "99999999999999999999"}).status_code == 200


def test_json_that_is_nested_deeply(http: httpx.Client, secret: str) -> None:
    headers = {"Authorization": f"Bearer {secret}"}
    for levels in (17, 100_000):
        content = b'{"title": ' + b"[" * levels + b"]" * levels + b"}"
        response = http.post("/v1/tag", content=content, headers=headers)
        assert (response.status_code, response.json()["code"]) == (400, "bad_json")


def test_a_body_that_says_to_be_too_large_is_not_waited_for(process: Process, secret: str) -> None:
    head = f"POST /v1/tag HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {secret}\r\n"
    with socket.create_connection(("127.0.0.1", int(process.url.rpartition(":")[2]))) as caller:
        caller.settimeout(30)
        caller.sendall(f"{head}Content-Length: 9999999\r\n\r\n".encode())
        assert caller.recv(100).startswith(b"HTTP/1.1 413 ")


def test_a_caller_that_goes_away_in_its_body_disturbs_nobody(
    process: Process, ask: Ask, secret: str
) -> None:
    head = f"POST /v1/tag HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {secret}\r\n"
    with socket.create_connection(("127.0.0.1", int(process.url.rpartition(":")[2]))) as caller:
        caller.sendall(f'{head}Content-Length: 99\r\n\r\n{{"title":'.encode())
    assert ask().status_code == 200
    assert Prediction.objects.count() == 1
