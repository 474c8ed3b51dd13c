"""Predictions reach people: once each, by the policy, and as the caps of a day allow."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from classifier.models import ModelVersion, Prediction, SnapshotRow
from feedback.asking import ask_people
from feedback.models import Routing, RoutingPolicy, SettledBy
from feedback.routing import inputs_of, route_predictions
from feedback.statistics.route_rules import decide as decide_route
from feedback.statistics.route_rules import draw_of
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
    ResolutionMethod,
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
    scheduled()
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
    scheduled()
    assert Prediction.objects.values().get() == before | {"routed": True}
    assert prediction.item is None


def test_the_less_sure_the_sooner(model: ModelVersion) -> None:
    for confidence in (0.79, 0.34):
        make_prediction(model, "alpha", confidence)
    scheduled()
    assert list(Task.objects.order_by("id").values_list("priority", flat=True)) == [16, 12]


def test_accepted_ones_are_left_alone(model: ModelVersion, project: Project) -> None:
    RoutingPolicy.objects.create(project=project, audit_share=0.0)
    make_prediction(model, "alpha", 0.9)
    scheduled()
    assert not Task.objects.exists()
    routing = Routing.objects.get()
    assert (routing.destination, routing.reason) == ("accept", "confident")
    assert (routing.inclusion_probability, routing.task, routing.outcome) == (0.0, None, "")


def test_again_it_does_nothing(model: ModelVersion) -> None:
    make_prediction(model)
    assert (route_predictions(), route_predictions()) == (1, 0)
    assert (ask_people(), ask_people()) == (1, 0)
    scheduled()
    assert (Task.objects.count(), Routing.objects.count()) == (1, 1)


def test_the_policy_says_how_many_look(model: ModelVersion, project: Project) -> None:
    RoutingPolicy.objects.create(project=project, looks=3)
    make_prediction(model)
    scheduled()
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
    scheduled()
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
    scheduled()
    routing = Routing.objects.get()
    assert (routing.task, Task.objects.count()) == (None, 0)
    assert routing.outcome == "people had labeled the item by agreement"


def test_every_way_to_a_label_is_told() -> None:
    assert set(ResolutionMethod.values) < set(SettledBy.values)


def test_an_item_out_of_scope_gets_no_task(
    model: ModelVersion, project: Project, make_item: Make
) -> None:
    item = make_item(task=False)
    Adjudication.objects.create(project=project, item=item, label=None)
    make_prediction(model, item=item)
    scheduled()
    assert Routing.objects.get().outcome == "a reviewer had put the item out of scope"
    assert not Task.objects.exists()


def test_a_holdout_item_stays_blind(model: ModelVersion, make_item: Make) -> None:
    make_prediction(model, item=make_item(split=Split.HOLDOUT, task=False))
    scheduled()
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

    monkeypatch.setattr("feedback.asking.want_look", refuse)
    scheduled()
    assert not Item.objects.filter(title="bad").exists()
    assert Routing.objects.get(prediction=bad).outcome == "not asked: title: no."
    assert Task.objects.get().item.title == "good"


def test_the_answer_of_people_labels_the_item(
    model: ModelVersion, manager_access: Access, project: Project
) -> None:
    make_prediction(model)
    scheduled()
    task = Task.objects.get()
    Task.objects.update(state=TaskState.REVIEW)
    decide(project=project, user=manager_access.user, task_id=task.pk, label_name="gamma")
    assert Item.objects.get().resolution.label.name == "gamma"


def policy(project: Project, **limits: Any) -> RoutingPolicy:
    """Set the limits of a project."""
    return RoutingPolicy.objects.create(project=project, **limits)


def test_every_route_follows_again_from_what_is_stored(
    model: ModelVersion, project: Project
) -> None:
    policy(project, audit_share=0.4)
    for place in range(40):
        make_prediction(model, "alpha", 0.34 + place * 0.016)
    scheduled()
    salt = RoutingPolicy.objects.get().salt
    found = set()
    for routing in Routing.objects.select_related("prediction"):
        again = decide_route(inputs_of(routing))
        assert (routing.destination, routing.reason) == (again.destination, again.reason)
        assert (routing.inclusion_probability, routing.value) == (
            again.inclusion_probability,
            again.value,
        )
        assert routing.draw == draw_of(salt, routing.prediction_id)
        found.add(routing.reason)
    assert {"low_confidence", "near_tie"} < found


def test_an_audit_is_blind_and_tells_nothing_of_the_model(
    model: ModelVersion, project: Project
) -> None:
    policy(project, audit_share=1.0)
    make_prediction(model, "alpha", 0.95)
    scheduled()
    task, routing = Task.objects.get(), Routing.objects.get()
    assert (routing.destination, routing.reason, routing.inclusion_probability) == (
        *("audit", "drawn"),
        1.0,
    )
    assert (task.reason, task.blind, task.suggestion, task.note) == ("audit", True, None, "")
    assert (task.wanted, task.priority, task.item.confidence) == (2, 25, None)


def test_a_cap_lets_the_most_valuable_through_and_the_rest_wait(
    model: ModelVersion, project: Project, manager: User, client_for: Callable[[User], Client]
) -> None:
    policy(project, review_cap=2)
    sure = [0.7, 0.5, 0.6, 0.75]
    for confidence in sure:
        make_prediction(model, "alpha", confidence)
    scheduled()
    scheduled()
    asked = Routing.objects.exclude(task=None).order_by("id")
    assert [each.prediction.confidence for each in asked] == [0.5, 0.6]
    assert Routing.objects.filter(asked_at=None).count() == 2
    page = client_for(manager).get("/p/test/monitor/routing/").content.decode()
    assert '<dd class="figure-value">2</dd><dd class="figure-note">the most valuable' in page
    Routing.objects.exclude(task=None).update(asked_at=timezone.now() - timedelta(days=1))
    scheduled()
    assert Task.objects.count() == 4


def test_an_audit_cap_lowers_the_share_and_says_so(model: ModelVersion, project: Project) -> None:
    policy(project, audit_share=0.5, audit_cap=4)
    for _ in range(40):
        make_prediction(model, "alpha", 0.9)
    scheduled()
    shares = set(Routing.objects.values_list("inclusion_probability", flat=True))
    # Two tokens are there, of which one may be spent at once on forty.
    assert shares == {1 / 40}
    drawn = Routing.objects.filter(destination="audit")
    assert Task.objects.filter(reason="audit").count() == drawn.count()
    for routing in drawn:
        assert routing.draw is not None
        assert routing.draw < 1 / 40


def test_words_that_the_model_never_saw_bring_a_text_to_people(
    model: ModelVersion, project: Project
) -> None:
    SnapshotRow.objects.create(
        snapshot=model.snapshot,
        split="pool",
        external_id="1",
        title="one two three",
        body="four five six",
        label="alpha",
        method="agreement",
    )
    policy(project, audit_share=0.0)
    known = make_prediction(model, "alpha", 0.9, title="one two", body="three four five new")
    novel = make_prediction(model, "alpha", 0.9, title="one two", body="quite another text here")
    scheduled()
    assert known.routing.destination == "accept"
    assert known.routing.novelty == pytest.approx(1 / 6)
    assert (novel.routing.destination, novel.routing.reason) == ("review", "novel")
    assert Task.objects.get().note == "The model never saw 67% of the words of this text."


def test_an_answer_that_breaks_a_rule_goes_to_people(model: ModelVersion, project: Project) -> None:
    policy(project, audit_share=0.0)
    project.behaviour_cases.create(test="fruit", kind="minimum", text="red apple", label="alpha")
    wrong = make_prediction(model, "beta", 0.99, title="An apple", body="that is Red.")
    right = make_prediction(model, "alpha", 0.99, title="Another red apple")
    scheduled()
    assert (right.routing.reason, right.routing.broken_rule) == ("confident", "")
    assert (wrong.routing.reason, wrong.routing.broken_rule) == ("rule", "fruit")
    assert Task.objects.get().priority == 19


def test_reviewers_get_them_where_the_policy_says_so(model: ModelVersion, project: Project) -> None:
    policy(project, to_reviewers=True)
    make_prediction(model)
    scheduled()
    assert Task.objects.get().state == TaskState.REVIEW


@pytest.mark.parametrize("many", [1, 30])
def test_a_sweep_asks_the_same_whatever_was_routed_before(
    model: ModelVersion, project: Project, many: int
) -> None:
    policy(project, audit_share=0.0)
    for _ in range(many):
        make_prediction(model, "alpha", 0.9)
    scheduled()
    make_prediction(model, "alpha", 0.9)
    with CaptureQueriesContext(connection) as ran:
        scheduled()
    reads = [query["sql"] for query in ran if query["sql"].startswith("SELECT")]
    assert len(reads) == 7
    plan = Prediction.objects.filter(routed=False).order_by("created_at", "id")[:10].explain()
    assert "prediction_unrouted" in plan or connection.vendor == "postgresql"


@pytest.mark.django_db(transaction=True)
def test_workers_at_the_same_time_route_each_once(model: ModelVersion) -> None:
    if "mode=memory" in str(connection.settings_dict["NAME"]):
        pytest.skip("workers do not share a database in memory")
    for _ in range(6):
        make_prediction(model)
    start = threading.Barrier(4)
    failures: list[Exception] = []

    def work() -> None:
        start.wait()
        try:
            scheduled()
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    scheduled()
    assert failures == []
    assert (Routing.objects.count(), Task.objects.count()) == (6, 6)
