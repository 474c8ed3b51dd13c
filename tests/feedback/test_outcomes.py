"""What people made of predictions, back to the caller and on to the next snapshot."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from classifier.labeled import labeled_items
from classifier.models import ModelVersion
from feedback.models import Routing, RoutingPolicy
from feedback.reports import report
from feedback.tasks import route_predictions
from labeling.access import Access
from labeling.adjudicate import decide
from labeling.models import Project, Task, TaskState
from labeling.reopen import undo_decision
from tests.classifier.predictions import make_prediction

URL = "/api/projects/test/predictions/"
Api = Callable[[User], APIClient]
TOLD = ("outcome", "final_label", "final_method")


@pytest.fixture
def decided(model: ModelVersion, project: Project, manager: User) -> list[str]:
    """Three predictions: one whose item people called beta, then one out of scope, one waiting."""
    RoutingPolicy.objects.create(project=project, audit_share=0.0)
    made = [make_prediction(model, "alpha", 0.5 + 0.01 * n, external_id=f"x{n}") for n in range(3)]
    route_predictions()
    Task.objects.update(state=TaskState.REVIEW)
    for prediction, label in zip(made, ("beta", None), strict=False):
        task = Routing.objects.get(prediction=prediction).task
        assert task is not None
        decide(project=project, user=manager, task_id=task.pk, label_name=label)
    return [str(each.pk) for each in made]


def test_one_tells_its_final_label(decided: list[str], manager: User, api_for: Api) -> None:
    told = [api_for(manager).get(f"{URL}{pk}/").json() for pk in decided]
    assert [each["final_label"] for each in told] == ["beta", None, None]
    assert [each["final_method"] for each in told] == ["adjudication", "out_of_scope", None]
    assert [each["final_at"] is None for each in told] == [False, True, True]
    assert told[0]["routing"]["destination"] == "review"
    assert told[0]["routing"]["reason"] == "low_confidence"


def test_the_list_of_what_changed_since(
    decided: list[str], project: Project, manager: User, api_for: Api
) -> None:
    api = api_for(manager)
    first, put_out = api.get(f"{URL}outcomes/").json()["results"]
    assert (first["prediction_id"], first["external_id"]) == (decided[0], "x0")
    assert [first[name] for name in ("label", *TOLD)] == [
        *("alpha", "labeled", "beta"),
        "adjudication",
    ]
    assert put_out["prediction_id"] == decided[1]
    assert [put_out[name] for name in TOLD] == ["out_of_scope", None, "out_of_scope"]
    assert put_out["final_at"] > first["final_at"]
    since = {"changed_since": put_out["final_at"]}
    assert api.get(f"{URL}outcomes/", since).json()["results"] == []
    task = Routing.objects.get(prediction__pk=decided[2]).task
    assert task is not None
    decide(project=project, user=manager, task_id=task.pk, label_name="gamma")
    (later,) = api.get(f"{URL}outcomes/", since).json()["results"]
    assert (later["prediction_id"], later["final_label"]) == (decided[2], "gamma")
    assert api.get(f"{URL}outcomes/", {"changed_since": "yesterday"}).status_code == 400


@pytest.mark.parametrize(("outcome", "place"), [("labeled", 0), ("out_of_scope", 1)])
def test_the_list_of_one_outcome(
    decided: list[str], manager: User, api_for: Api, outcome: str, place: int
) -> None:
    api = api_for(manager)
    (told,) = api.get(f"{URL}outcomes/", {"outcome": outcome}).json()["results"]
    assert (told["prediction_id"], told["outcome"]) == (decided[place], outcome)
    later = {"outcome": outcome, "changed_since": told["final_at"]}
    assert api.get(f"{URL}outcomes/", later).json()["results"] == []
    assert api.get(f"{URL}outcomes/", {"outcome": "waiting"}).status_code == 400


def test_what_was_put_out_and_is_reopened_is_no_outcome(
    decided: list[str], project: Project, manager: User, api_for: Api
) -> None:
    task = Routing.objects.get(prediction__pk=decided[1]).task
    assert task is not None
    undo_decision(project=project, user=manager, task_id=task.pk)
    (told,) = api_for(manager).get(f"{URL}outcomes/").json()["results"]
    assert told["prediction_id"] == decided[0]


def test_a_reported_text_that_was_no_item_is_followed_too(
    model: ModelVersion, project: Project, manager: User, manager_access: Access, api_for: Api
) -> None:
    RoutingPolicy.objects.create(project=project, audit_share=0.0)
    prediction = make_prediction(model, "alpha", 0.95, title="Not known before")
    made, _ = report(access=manager_access, prediction_id=prediction.pk)
    assert Routing.objects.get().destination == "accept"
    assert made.task is not None
    decide(project=project, user=manager, task_id=made.task.pk, label_name="gamma")
    (told,) = api_for(manager).get(f"{URL}outcomes/").json()["results"]
    assert (told["label"], told["final_label"]) == ("alpha", "gamma")


def test_what_people_settled_is_in_the_next_snapshot(decided: list[str], project: Project) -> None:
    assert [(row.external_id, row.label) for row in labeled_items(project)] == [("x0", "beta")]
