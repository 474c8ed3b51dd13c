"""POST /v1/tag/batch: each text is answered or refused in its place."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
import pytest
from django.db import OperationalError

from classifier.models import ModelVersion, Prediction, Stage
from classifier.serving import store
from tests.classifier.champions import SURE
from tests.classifier.serving.process import Process

AskMany = Callable[..., httpx.Response]


@pytest.fixture
def ask_many(http: httpx.Client, secret: str) -> AskMany:
    """Ask for the tags of many texts with a good key."""

    def post(texts: Any, headers: dict[str, str] | None = None, **fields: Any) -> httpx.Response:
        body = {"project": "test", "texts": texts} | fields
        given = {"Authorization": f"Bearer {secret}"} | (headers or {})
        return http.post("/v1/tag/batch", json=body, headers=given)

    return post


def test_each_in_its_place(ask_many: AskMany) -> None:
    texts: list[Any] = [{"title": SURE[name], "external_id": name} for name in SURE]
    told = ask_many([*texts, {"title": ""}, 7, {"body": SURE["beta"], "text": "?"}]).json()
    assert (told["tagged"], told["refused"]) == (3, 3)
    assert [answer["status"] for answer in told["answers"]] == [200, 200, 200, 422, 422, 422]
    assert [answer["label"] for answer in told["answers"][:3]] == list(SURE)
    details = [answer["detail"] for answer in told["answers"][3:]]
    assert "both empty" in details[0]
    assert "each must be a JSON object" in details[1]
    assert "text: no such field; known are idempotency_key, title" in details[2]
    stored = {str(pk): name for pk, name in Prediction.objects.values_list("id", "external_id")}
    assert stored == {a["prediction_id"]: n for a, n in zip(told["answers"], SURE, strict=False)}


def test_a_thousand(ask_many: AskMany) -> None:
    told = ask_many([{"title": f"apple {number}"} for number in range(1000)]).json()
    assert told["tagged"] == len({a["prediction_id"] for a in told["answers"]}) == 1000
    titles = dict(Prediction.objects.values_list("id", "title"))
    assert [titles[UUID(a["prediction_id"])] for a in told["answers"]] == [
        f"apple {number}" for number in range(1000)
    ]


def test_one_key_for_the_call(ask_many: AskMany) -> None:
    texts = [{"title": "apple"}, {"title": "apple"}, {"title": "banana"}]
    headers = {"Idempotency-Key": "k" * 64}
    first, second = (ask_many(texts, headers=headers).json()["answers"] for _ in range(2))
    assert [answer["repeated"] for answer in first] == [False] * 3
    assert [answer | {"repeated": False} for answer in second] == first
    assert [answer["repeated"] for answer in second] == [True] * 3
    assert Prediction.objects.count() == 3
    other = ask_many([{"title": "apple"}, {"title": "berry"}], headers=headers).json()["answers"]
    assert [answer["status"] for answer in other] == [200, 422]
    assert other[1]["code"] == "idempotency_key_reused"


def test_a_key_for_each_text(ask_many: AskMany) -> None:
    texts = [{"title": "apple", "idempotency_key": "a"}, {"title": "apple"}]
    first, second = (ask_many(texts).json()["answers"] for _ in range(2))
    assert first[0]["prediction_id"] == second[0]["prediction_id"]
    assert first[1]["prediction_id"] != second[1]["prediction_id"]
    twice = ask_many([texts[0], texts[0] | {"title": "banana"}]).json()["answers"]
    assert [answer["status"] for answer in twice] == [200, 422]


def test_a_key_twice_in_one_call_is_one_prediction(ask_many: AskMany) -> None:
    text = {"title": "apple", "idempotency_key": "a"}
    first, second = ask_many([text, text]).json()["answers"]
    assert first["prediction_id"] == second["prediction_id"]
    assert (first["repeated"], second["repeated"]) == (False, True)
    assert Prediction.objects.count() == 1


def test_keys_of_both_kinds_are_refused(ask_many: AskMany) -> None:
    headers = {"Idempotency-Key": "call"}
    told = ask_many([{"title": "apple", "idempotency_key": "a"}], headers=headers).json()
    assert "not both" in told["answers"][0]["detail"]


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        ([], "texts: it must be a list of 1 to 1,000 texts"),
        ({"title": "apple"}, "texts: it must be a list"),
        ([{"title": "a"}] * 1001, "1 to 1,000"),
    ],
)
def test_a_list_that_cannot_be_taken(ask_many: AskMany, texts: Any, words: str) -> None:
    response = ask_many(texts)
    assert response.status_code == 422
    assert words in response.json()["detail"]


def test_fields_of_the_call(ask_many: AskMany) -> None:
    response = ask_many([{"title": "apple"}], title="apple")
    assert response.status_code == 422
    assert "title: no such field; known are project, texts." in response.json()["detail"]
    assert ask_many([{"title": "apple"}], project="nowhere").status_code == 404


def test_a_text_of_a_million_characters_is_refused_in_its_place(ask_many: AskMany) -> None:
    told = ask_many([{"body": "b" * 1_000_000}, {"title": "apple"}]).json()["answers"]
    assert "1,000,000 characters; the limit is 20,000" in told[0]["detail"]
    assert told[1]["status"] == 200


def test_a_body_above_the_limit(ask_many: AskMany) -> None:
    response = ask_many([{"body": "b" * 1_000_000}] * 9)
    assert response.status_code == 413
    assert response.json()["detail"] == "The body is larger than 8,192 KiB."


def test_no_champion(process: Process, ask_many: AskMany, champion: ModelVersion) -> None:
    ModelVersion.objects.filter(pk=champion.pk).update(stage=Stage.RETIRED)
    process.poll()
    response = ask_many([{"title": "apple"}, {"title": ""}])
    assert (response.status_code, response.json()["code"]) == (503, "no_model")
    assert response.headers["retry-after"] == "1"


def test_nothing_is_answered_that_was_not_stored(
    ask_many: AskMany, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: object) -> bool:
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(store, "save", away)
    response = ask_many([{"title": "apple"}])
    assert (response.status_code, response.json()["code"]) == (503, "database_away")


def test_more_than_may_wait(
    ask_many: AskMany, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process.server.batcher, "_bound", 2)
    assert ask_many([{"title": "apple"}] * 2).status_code == 200
    response = ask_many([{"title": "apple"}] * 3)
    assert (response.status_code, response.json()["code"]) == (503, "overloaded")
    assert Prediction.objects.count() == 2
