"""Audits of items that people had labeled before: what counts for or against the promise."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from classifier.deploy import set_threshold
from classifier.metrics.warranty import Promise
from classifier.models import Deployment, ModelVersion, Prediction, SnapshotRow
from feedback.models import Routing, RoutingPolicy
from feedback.promise_watch import audited_of
from feedback.reports import report
from feedback.tasks import route_predictions, watch_promises
from labeling.access import Access
from labeling.adjudicate import decide
from labeling.models import (
    Annotation,
    Item,
    Project,
    Resolution,
    ResolutionMethod,
    Task,
    TaskReason,
    TaskState,
)
from labeling.opinion import ask_opinion
from labeling.queue import want_look
from labeling.statistics.text import text_hash
from tests.classifier.predictions import make_prediction
from tests.labeling.steps import answer


@pytest.fixture
def promise(project: Project, manager_access: Access) -> Promise:
    """A promise of 5 %, but for one chance in twenty; every accepted answer is audited."""
    RoutingPolicy.objects.create(project=project, audit_share=1.0, audit_cap=1000)
    made = Promise(0.05, 0.05)
    set_threshold(access=manager_access, threshold=0.8, promise=made)
    return made


def labeled(project: Project, people: tuple[User, User], label: str, **asked: Any) -> Item:
    """Make an item that two people have labeled; `asked`: what its task told them."""
    number = Item.objects.count() + 1
    item = Item.objects.create(
        project=project,
        external_id=f"labeled-{number}",
        title=f"Labeled {number}",
        text_hash=text_hash(f"Labeled {number}", ""),
        draw=1,
    )
    wished: dict[str, Any] = {"reason": TaskReason.NEW, "looks": 2, "priority": 0} | asked
    want_look(project=project, item=item, **wished)
    for person in people:
        answer(project, person, label)
    return item


def audit_of(model: ModelVersion, item: Item) -> Routing:
    """Have the model's answer alpha to an item audited."""
    made = make_prediction(model, "alpha", 0.9, item=item)
    route_predictions()
    return Routing.objects.get(prediction=made)


def counted(project: Project) -> tuple[int, int]:
    """Return how many audits count, and of how many the model was wrong."""
    found = audited_of(project)
    assert found is not None
    return found.looks, found.wrong


@pytest.fixture
def people(annotator: User, second_annotator: User) -> tuple[User, User]:
    """Two who label."""
    return annotator, second_annotator


def test_labels_that_people_had_given_blind_count(
    model: ModelVersion, project: Project, promise: Promise, people: tuple[User, User]
) -> None:
    for label in ("alpha", "beta", "beta"):
        audited = audit_of(model, labeled(project, people, label))
        assert (audited.task, audited.outcome) == (
            None,
            "people had labeled the item by agreement",
        )
    assert counted(project) == (3, 2)


def test_labels_that_had_been_given_blind_can_refute(
    model: ModelVersion, project: Project, promise: Promise, people: tuple[User, User]
) -> None:
    for _ in range(4):
        audit_of(model, labeled(project, people, "beta"))
    watch_promises()
    assert Deployment.objects.get().closed_reason.startswith("4 of 4 audited answers were wrong.")


@pytest.mark.parametrize("told", ["suggestion", "report", "suspect_label"])
def test_labels_that_a_model_had_a_hand_in_do_not_count(
    model: ModelVersion, project: Project, promise: Promise, people: tuple[User, User], told: str
) -> None:
    asked: dict[str, Any] = {"reason": TaskReason(told)} if told != "suggestion" else {}
    if told == "suggestion":
        project.hidden_share = 0.0
        project.save()
        asked = {"suggestion": project.labels.get(name="beta"), "confidence": 0.5}
    audit_of(model, labeled(project, people, "beta", **asked))
    assert counted(project) == (0, 0)


def test_a_label_given_with_the_suggestion_hidden_counts(
    model: ModelVersion, project: Project, promise: Promise, people: tuple[User, User]
) -> None:
    project.hidden_share = 1.0
    project.save()
    hidden = {"suggestion": project.labels.get(name="alpha"), "confidence": 0.5}
    audit_of(model, labeled(project, people, "beta", **hidden))
    assert counted(project) == (1, 1)


@pytest.mark.parametrize(("asked", "found"), [(False, (1, 1)), (True, (0, 0))])
def test_a_decision_counts_where_its_maker_had_not_asked_the_model(
    model: ModelVersion,
    project: Project,
    promise: Promise,
    make_item: Callable[..., Item],
    manager: User,
    asked: bool,
    found: tuple[int, int],
) -> None:
    item = make_item()
    make_prediction(model, "alpha", 0.95, item=item)
    Prediction.objects.update(routed=True)
    Task.objects.update(state=TaskState.REVIEW)
    task_id = Task.objects.get().pk
    if asked:
        ask_opinion(project=project, user=manager, task_id=task_id)
    decide(project=project, user=manager, task_id=task_id, label_name="beta")
    audit_of(model, item)
    assert counted(project) == found


def test_an_item_that_the_model_learned_from_does_not_count(
    model: ModelVersion, project: Project, promise: Promise, people: tuple[User, User]
) -> None:
    item = labeled(project, people, "beta")
    SnapshotRow.objects.create(
        snapshot=model.snapshot, split="pool", item=item, external_id=item.external_id,
        title=item.title, body="", label="beta", method="agreement",
    )  # fmt: skip
    audit_of(model, item)
    assert counted(project) == (0, 0)


@pytest.mark.parametrize("way", ["imported label", "imported votes"])
def test_labels_from_elsewhere_do_not_count(
    model: ModelVersion,
    project: Project,
    promise: Promise,
    people: tuple[User, User],
    way: str,
) -> None:
    item = labeled(project, people, "beta")
    if way == "imported votes":
        Annotation.objects.update(imported=True)
    else:
        Resolution.objects.update(method=ResolutionMethod.IMPORTED)
    audit_of(model, item)
    assert counted(project) == (0, 0)


def test_a_report_that_comes_later_takes_nothing_away(
    model: ModelVersion,
    project: Project,
    promise: Promise,
    people: tuple[User, User],
    manager_access: Access,
) -> None:
    item = labeled(project, people, "beta")
    audited = audit_of(model, item)
    report(access=manager_access, prediction_id=audited.prediction_id, label_name="beta")
    assert counted(project) == (1, 1)
    audit_of(model, item)
    assert counted(project) == (1, 1)
