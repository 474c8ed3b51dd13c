"""The same Idempotency-Key: one prediction, the same answer."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from accounts.keys import create_key
from accounts.models import User
from classifier.models import Prediction
from classifier.serving import store
from labeling.models import Membership, Project, Role
from tests.classifier.serving.conftest import Ask

KEY = {"Idempotency-Key": "order-1"}


def test_a_repeated_call_gets_the_stored_answer(ask: Ask) -> None:
    first, second = ask(headers=KEY), ask(headers=KEY)
    assert first.json() == second.json()
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert Prediction.objects.get().idempotency_key == "order-1"


def test_another_text_under_the_same_key_is_refused(ask: Ask) -> None:
    ask(headers=KEY)
    response = ask(headers=KEY, title="banana")
    assert response.status_code == 422
    assert response.json()["code"] == "idempotency_key_reused"
    assert Prediction.objects.count() == 1


def test_without_a_key_each_call_is_a_prediction(ask: Ask) -> None:
    assert ask().json()["prediction_id"] != ask().json()["prediction_id"]


def test_the_same_key_of_another_caller_is_another_key(ask: Ask, project: Project) -> None:
    other = User.objects.create_user("program")
    Membership.objects.create(project=project, user=other, role=Role.ANNOTATOR)
    _, secret = create_key(user=other, name="tags", scopes=["tag"])
    first = ask(headers=KEY)
    second = ask(headers=KEY | {"Authorization": f"Bearer {secret}"})
    assert first.json()["prediction_id"] != second.json()["prediction_id"]


def test_ten_at_a_time_store_one(ask: Ask) -> None:
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: ask(headers=KEY), range(10)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert Prediction.objects.count() == 1


def test_where_another_process_was_first_the_constraint_decides(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = ask(headers=KEY)
    looked = []

    def late(asks: object, real: object = store.stored) -> object:
        looked.append(asks)
        return {} if len(looked) == 1 else real(asks)  # type: ignore[operator]

    monkeypatch.setattr(store, "stored", late)
    second = ask(headers=KEY)
    assert second.json() == first.json()
    assert second.headers["idempotent-replayed"] == "true"
    assert Prediction.objects.count() == 1
