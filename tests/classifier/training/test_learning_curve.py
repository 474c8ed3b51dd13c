"""Whether more labels would help: asked for on the page or over REST, measured by a worker."""

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from classifier.learning_curve import ask_learning_curve, run_learning_curve
from classifier.models import LearningCurve, ModelVersion
from classifier.recipes import RecipeError
from classifier.recipes.base import Floats
from classifier.recipes.keywords import KeywordsRecipe
from classifier.tasks import learning_curve, recover_stalled
from labeling.access import Access
from labeling.errors import Conflict
from labeling.models import Event
from tests.classifier.training.conftest import Caller

PAGE, LIVE = "/p/test/models/1/", "/p/test/models/1/learning-curve/live/"
ASK, API = "/p/test/models/1/learning-curve/", "/api/projects/test/models/1/learning-curve/"


@pytest.fixture
def curve(manager_access: Access, weak_candidate: ModelVersion) -> LearningCurve:
    """A curve that waits for a worker."""
    return ask_learning_curve(access=manager_access, number=1)


def test_it_is_asked_for_and_measured(as_manager: Client, weak_candidate: ModelVersion) -> None:
    assert "Not measured yet" in as_manager.get(PAGE).content.decode()

    answer = as_manager.post(ASK)
    waiting = as_manager.get(LIVE).content.decode()
    learning_curve(LearningCurve.objects.get().pk)
    page = as_manager.get(LIVE).content.decode()

    assert answer.headers["Location"] == PAGE
    assert "Waiting for a training worker" in waiting
    assert f'hx-get="{LIVE}" hx-trigger="every 1s"' in waiting
    made = LearningCurve.objects.get()
    assert (made.state, made.failure) == ("succeeded", "")
    rows = [point["rows"] for point in made.points]
    # 48 rows to learn from, of which a third is judged each time.
    assert rows == sorted(rows)
    assert (rows[-1], made.points[-1]["share"]) == (32, 1.0)
    assert page.count("<circle") == len(rows) == page.count("<tr>") - 1
    assert "hx-trigger" not in page
    assert Event.objects.filter(verb="asked for the learning curve of").count() == 1


def test_one_at_a_time(manager_access: Access, curve: LearningCurve) -> None:
    with pytest.raises(Conflict, match="is being measured: wait"):
        ask_learning_curve(access=manager_access, number=1)


def test_it_is_measured_anew(manager_access: Access, curve: LearningCurve) -> None:
    run_learning_curve(curve.pk)
    again = ask_learning_curve(access=manager_access, number=1)

    assert LearningCurve.objects.get() == again
    assert (again.state, again.points) == ("queued", [])


def test_a_message_that_comes_twice_changes_nothing(curve: LearningCurve) -> None:
    run_learning_curve(curve.pk)
    first = LearningCurve.objects.get()
    run_learning_curve(curve.pk)
    run_learning_curve(0)

    second = LearningCurve.objects.get()
    assert (second.attempt, second.finished_at) == (1, first.finished_at)


def test_what_is_cancelled_while_it_runs_writes_nothing(
    curve: LearningCurve, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cancelled(*_: object, **__: object) -> tuple[()]:
        LearningCurve.objects.update(state="cancelled")
        return ()

    monkeypatch.setattr("classifier.learning_curve.learning_curve", cancelled)
    run_learning_curve(curve.pk)

    made = LearningCurve.objects.get()
    assert (made.state, made.points) == ("cancelled", [])


@pytest.mark.parametrize(
    ("error", "said"),
    [(RecipeError("No term is left."), "No term is left."), (KeyError("x"), "Something broke")],
)
def test_a_failure_says_why(
    as_manager: Client,
    curve: LearningCurve,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    said: str,
) -> None:
    def broken(*_: object, **__: object) -> tuple[()]:
        raise error

    monkeypatch.setattr("classifier.learning_curve.learning_curve", broken)
    run_learning_curve(curve.pk)

    page = as_manager.get(PAGE).content.decode()
    assert "It could not be measured" in page
    assert said in page


def test_it_ends_when_its_time_is_up(curve: LearningCurve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classifier.learning_curve.BUDGET_SECONDS", -1.0)
    run_learning_curve(curve.pk)

    made = LearningCurve.objects.get()
    assert (made.state, made.points, made.outlook) == ("succeeded", [], None)


def test_a_lost_message_is_sent_again(
    curve: LearningCurve, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []
    monkeypatch.setattr("classifier.learning_curve.nudge", lambda waiting: sent.append(waiting.pk))
    recover_stalled()

    assert sent == [curve.pk]


def test_rest(api: APIClient, weak_candidate: ModelVersion) -> None:
    assert api.get(API).status_code == 404

    first, second = api.post(API), api.post(API)
    learning_curve(LearningCurve.objects.get().pk)
    answer = api.get(API).json()

    assert (first.status_code, first.json()["state"]) == (202, "queued")
    assert (second.status_code, second.json()["code"]) == (409, "conflict")
    assert (answer["state"], answer["done"], answer["total"]) == ("succeeded", 15, 15)
    assert set(answer["points"][-1]["weighted_f1"]) == {"value", "low", "high"}
    assert answer["outlook"] is None or answer["outlook"]["rows"] == 64


@pytest.mark.parametrize(("who", "status"), [("reviewer", 403), ("outsider", 404)])
def test_only_a_manager_asks(
    caller: Caller, weak_candidate: ModelVersion, who: str, status: int
) -> None:
    browser, client = caller(who)

    assert (browser.post(ASK).status_code, client.post(API).status_code) == (status, status)
    assert not LearningCurve.objects.exists()


def test_rows_weigh_as_they_did_in_training(
    curve: LearningCurve, weak_candidate: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit, seen = KeywordsRecipe.fit, set[float]()

    def fit_and_look(self: KeywordsRecipe, *rows: Any, weights: Floats) -> None:
        seen.update(weights.tolist())
        fit(self, *rows, weights=weights)

    monkeypatch.setattr(KeywordsRecipe, "fit", fit_and_look)
    weak_candidate.snapshot.rows.update(weight=0.25)
    run_learning_curve(curve.pk)

    assert LearningCurve.objects.get().state == "succeeded"
    assert seen == {0.25}
