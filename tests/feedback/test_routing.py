"""Uncertain predictions reach people: once each, with what the model thought."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from classifier.models import ModelVersion, Prediction
from feedback.models import Routing, RoutingPolicy
from feedback.routing import route, route_predictions
from feedback.tasks import route_predictions as scheduled
from labeling.access import Access
from labeling.adjudicate import decide
from labeling.errors import Invalid
from labeling.models import (
    Adjudication,
    Assignment,
    Item,
    Project,
    Resolution,
    Split,
    Task,
    TaskReason,
    TaskState,
)
from labeling.queue import want_look
from tests.classifier.predictions import make_prediction

Make = Callable[..., Item]


def test_a_text_that_is_no_item_becomes_one_with_a_task(model: ModelVersion) -> None:
    prediction = make_prediction(model, "beta", 0.4, title="New text", external_id="x1")
    assert route_predictions() == 1
    item = Item.objects.get()
    assert (item.title, item.external_id, item.split) == ("New text", "x1", "pool")
    task = Task.objects.get()
    assert (task.item, task.reason, task.state) == (item, TaskReason.LOW_CONFIDENCE, TaskState.OPEN)
    assert (task.suggestion, task.suggestion_confidence) == (prediction.label, 0.4)
    assert (task.suggestion_source, task.wanted) == ("model 1", 1)
    assert Assignment.objects.filter(task=task).count() == 1
    routing = Routing.objects.get()
    assert (routing.prediction, routing.task, routing.outcome) == (
        prediction,
        task,
        "opened a task",
    )


def test_the_prediction_itself_is_never_changed(model: ModelVersion) -> None:
    prediction = make_prediction(model)
    before = Prediction.objects.values().get()
    route_predictions()
    assert Prediction.objects.values().get() == before
    assert prediction.item is None


def test_the_less_sure_the_sooner(model: ModelVersion) -> None:
    for confidence in (0.79, 0.34):
        make_prediction(model, "alpha", confidence)
    route_predictions()
    assert list(Task.objects.order_by("id").values_list("priority", flat=True)) == [12, 16]


def test_accepted_ones_are_left_alone(model: ModelVersion) -> None:
    make_prediction(model, "alpha", 0.9)
    assert route_predictions() == 0
    assert not Task.objects.exists()


def test_again_it_does_nothing(model: ModelVersion) -> None:
    make_prediction(model)
    assert (route_predictions(), route_predictions()) == (1, 0)
    scheduled()
    assert (Task.objects.count(), Routing.objects.count()) == (1, 1)


def test_the_policy_says_how_many_look(model: ModelVersion, project: Project) -> None:
    RoutingPolicy.objects.create(project=project, looks=3)
    make_prediction(model)
    route_predictions()
    assert Assignment.objects.count() == 3


@pytest.mark.parametrize("by", ["item", "external_id", "text"])
def test_an_item_that_waits_is_raised(model: ModelVersion, make_item: Make, by: str) -> None:
    item = make_item("A title", "a body")
    known: dict[str, dict[str, Any]] = {
        "item": {"item": item},
        "external_id": {"external_id": item.external_id, "title": "other"},
        "text": {"title": "a  TITLE", "body": "a body"},
    }
    prediction = make_prediction(model, **known[by])
    route_predictions()
    task = Task.objects.get()
    assert (task.item, task.reason, task.suggestion) == (item, "low_confidence", prediction.label)
    assert Routing.objects.get().outcome == "raised the task that was waiting"


def test_an_item_that_people_labeled_gets_no_task(
    model: ModelVersion, project: Project, make_item: Make
) -> None:
    item = make_item(task=False)
    Resolution.objects.create(
        project=project,
        item=item,
        label=project.labels.all()[0],
        method="agreement",
        resolved_at=timezone.now(),
    )
    make_prediction(model, item=item)
    route_predictions()
    routing = Routing.objects.get()
    assert (routing.task, Task.objects.count()) == (None, 0)
    assert routing.outcome == "people had labeled the item by agreement"


def test_an_item_out_of_scope_gets_no_task(
    model: ModelVersion, project: Project, make_item: Make
) -> None:
    item = make_item(task=False)
    Adjudication.objects.create(project=project, item=item, label=None)
    make_prediction(model, item=item)
    route_predictions()
    assert Routing.objects.get().outcome == "a reviewer had put the item out of scope"
    assert not Task.objects.exists()


def test_a_holdout_item_stays_blind(model: ModelVersion, make_item: Make) -> None:
    make_prediction(model, item=make_item(split=Split.HOLDOUT, task=False))
    route_predictions()
    task = Task.objects.get()
    assert (task.blind, task.suggestion, task.suggestion_source) == (True, None, "")


def test_one_that_cannot_be_routed_does_not_stop_the_others(
    model: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = make_prediction(model, title="bad")
    make_prediction(model, title="good")

    def refuse(**asked: Any) -> tuple[Task, str]:
        if asked["item"].title == "bad":
            raise Invalid("title: no.")
        return want_look(**asked)

    monkeypatch.setattr("feedback.routing.want_look", refuse)
    assert route_predictions() == 1
    assert not Item.objects.filter(title="bad").exists()
    assert not Routing.objects.filter(prediction=bad).exists()


def test_the_answer_of_people_labels_the_item(
    model: ModelVersion, manager_access: Access, project: Project
) -> None:
    make_prediction(model)
    route_predictions()
    task = Task.objects.get()
    Task.objects.update(state=TaskState.REVIEW)
    decide(project=project, user=manager_access.user, task_id=task.pk, label_name="gamma")
    assert Item.objects.get().resolution.label.name == "gamma"


@pytest.mark.django_db(transaction=True)
def test_workers_at_the_same_time_route_each_once(model: ModelVersion) -> None:
    if "mode=memory" in str(connection.settings_dict["NAME"]):
        pytest.skip("workers do not share a database in memory")
    pks = [make_prediction(model).pk for _ in range(6)]
    start = threading.Barrier(4)
    failures: list[Exception] = []

    def work() -> None:
        start.wait()
        try:
            for pk in pks:
                route(pk)
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    route_predictions()
    assert failures == []
    assert (Routing.objects.count(), Task.objects.count()) == (6, 6)
