"""When to retrain: reasons, proposals, pressing, and labeling more of a weak slice."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from classifier.models import (
    ModelVersion,
    Stage,
    TrainingRun,
)
from feedback.models import DriftCheck, RetrainProposal, TriggerPolicy
from feedback.triggers import proposals
from feedback.triggers.proposals import propose, tend
from labeling.access import Access
from labeling.adjudicate import decide
from labeling.models import Event, JobState, Project, Task, TaskReason
from labeling.queue import want_look

API = "/api/projects/test/triggers/"
PAGE = "/p/test/monitor/triggers/"


@pytest.fixture
def api(project: Project, manager: User, api_for: Callable[[User], APIClient]) -> APIClient:
    """The manager's REST client."""
    return api_for(manager)


@pytest.fixture
def labeled(model: ModelVersion, make_item: Callable[..., Any], reviewer: User) -> Project:
    """The project with 33 labels that are newer than its snapshot: enough to train on."""
    project = model.project
    names = ["alpha", "beta", "gamma"]
    for number in range(33):
        item = make_item(f"{names[number % 3]} text number {number} of many words", task=False)
        task, _ = want_look(
            project=project, item=item, reason=TaskReason.REPORT, looks=0, priority=1, review=True
        )
        decide(project=project, user=reviewer, task_id=task.pk, label_name=names[number % 3])
    TrainingRun.objects.update(created_at=timezone.now() - timedelta(days=30))
    return project


def rules(access: Access, **changes: Any) -> None:
    """Change the rules; what is not named is turned off."""
    off = {"new_labels": 0, "every_days": 0, "on_drift": False, "slice_floor": 0.0}
    off |= {"on_promise": False, "press": False}
    proposals.set_policy(access=access, changes=off | changes)


def said(project: Project) -> list[tuple[str, str, str]]:
    """Look for reasons, and return the proposals."""
    propose(project)
    rows = RetrainProposal.objects.order_by("id")
    return list(rows.values_list("trigger", "reason", "state"))


def test_new_labels(labeled: Project, manager_access: Access) -> None:
    rules(manager_access, new_labels=34)
    assert said(labeled) == []
    rules(manager_access, new_labels=33)
    reason = "33 labels are newer than the last snapshot; the limit is 33."
    assert said(labeled) == said(labeled) == [("labels", reason, "open")]
    assert Event.objects.get(verb="proposed to retrain").after == "labels"


def test_the_schedule(labeled: Project, manager_access: Access) -> None:
    rules(manager_access, every_days=31)
    assert said(labeled) == []
    rules(manager_access, every_days=30)
    reason = "The last run is 30 days old; the limit is 30."
    assert said(labeled) == [("schedule", reason, "open")]


def test_drift(model: ModelVersion, manager_access: Access) -> None:
    rules(manager_access, on_drift=True)
    check = DriftCheck.objects.create(
        project=model.project, model_version=model, state=JobState.SUCCEEDED, outcome="alarm"
    )
    rows = {"reference": 100, "window": 100, "needed": 100}
    check.figures.create(name="words", state="alarm", **rows)
    check.figures.create(name="length", state="ok", **rows)
    reason = "What comes in is not what model 1 learned from: words."
    assert said(model.project) == [("drift", reason, "open")]


def test_a_weak_slice_and_labeling_more_of_it(
    model: ModelVersion, manager_access: Access, make_item: Callable[..., Any], api: APIClient
) -> None:
    model.evaluation.slices = [
        {"name": "fruit", "rows": 50, "weighted_f1": 0.5, "low": 0.4, "high": 0.6},
        {"name": "unsure", "rows": 20, "weighted_f1": 0.5, "low": 0.3, "high": 0.8},
        {"name": "few", "rows": 2, "weighted_f1": None, "low": None, "high": None},
    ]
    model.evaluation.save()
    model.project.slices.create(name="fruit", terms=["banana"])
    wanted = make_item("A banana")
    make_item("A carrot")
    rules(manager_access, slice_floor=0.7)
    [(trigger, reason, _)] = said(model.project)
    assert trigger == "slice"
    assert reason == "The champion's F1 on 'fruit' is 0.50, at most 0.60; the floor is 0.70."
    one = f"{API}proposals/{RetrainProposal.objects.get().pk}/label/"
    assert api.post(one, {"count": 10}).json() == {"asked": 1}
    task = Task.objects.get(item=wanted)
    assert (task.priority, task.reason) == (5, TaskReason.WEAK_SLICE)
    assert task.note == "Of the slice 'fruit', on which the champion is weak"


def test_a_manager_presses(labeled: Project, manager_access: Access, api: APIClient) -> None:
    rules(manager_access, new_labels=1, every_days=1)
    assert len(said(labeled)) == 2
    first, second = RetrainProposal.objects.order_by("id")
    answer = api.post(f"{API}proposals/{first.pk}/take/")
    assert (answer.status_code, answer.json()["state"]) == (200, "taken")
    run = TrainingRun.objects.get(number=2)
    assert run.created_by == manager_access.user
    second.refresh_from_db()
    assert (second.state, second.run) == ("taken", run)
    assert api.post(f"{API}proposals/{second.pk}/take/").status_code == 409
    assert propose(labeled) == []


def test_a_policy_presses_once_a_day_and_promotes_nothing(
    labeled: Project, manager_access: Access
) -> None:
    rules(manager_access, new_labels=1, press=True)
    tend()
    tend()
    run = TrainingRun.objects.get(number=2)
    assert run.created_by is None
    assert RetrainProposal.objects.get().run == run
    assert ModelVersion.objects.get(stage=Stage.CHAMPION).number == 1
    TrainingRun.objects.update(state=JobState.FAILED)
    with time_machine.travel(timezone.now() + timedelta(hours=23)):
        tend()
    assert TrainingRun.objects.count() == 2


def test_too_little_to_train_on_stays_proposed(model: ModelVersion, manager_access: Access) -> None:
    TrainingRun.objects.update(created_at=timezone.now() - timedelta(days=30))
    rules(manager_access, every_days=1, press=True)
    tend()
    assert RetrainProposal.objects.get().state == "open"
    assert TrainingRun.objects.count() == 1


def test_what_was_dismissed_is_quiet_for_a_week(
    labeled: Project, manager_access: Access, api: APIClient
) -> None:
    rules(manager_access, new_labels=1)
    said(labeled)
    one = f"{API}proposals/{RetrainProposal.objects.get().pk}/"
    assert api.post(f"{one}dismiss/").json()["state"] == "dismissed"
    assert api.post(f"{one}take/").status_code == 409
    assert len(said(labeled)) == 1
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)):
        assert len(said(labeled)) == 2


def test_the_rules_over_rest(api: APIClient, project: Project) -> None:
    assert api.get(API).json() == {
        "new_labels": 200,
        "every_days": 0,
        "on_drift": True,
        "slice_floor": 0.0,
        "on_promise": True,
        "press": False,
    }
    assert api.patch(API, {"press": True}).json()["press"] is True
    assert api.patch(API, {"on_promise": False}).json()["on_promise"] is False
    assert api.patch(API, {"slice_floor": 1.5}).status_code == 400
    assert Event.objects.filter(verb="changed triggers").count() == 2


def test_the_page(
    labeled: Project,
    manager: User,
    manager_access: Access,
    client_for: Callable[[User], Client],
) -> None:
    browser = client_for(manager)
    page = browser.get(PAGE).content.decode()
    assert "No reason to retrain" in page
    assert "33 labels since the last snapshot" in page
    sent = {"new_labels": "1", "every_days": "0", "slice_floor": "0"}
    assert "A promise that holds for less" in page
    assert browser.post(f"{PAGE}change/", sent).status_code == 302
    assert TriggerPolicy.objects.get().on_promise is False
    assert browser.post(f"{PAGE}change/", sent | {"slice_floor": "2"}).status_code == 422
    propose(labeled)
    one = RetrainProposal.objects.get().pk
    assert "33 labels are newer" in browser.get(PAGE).content.decode()
    answer = browser.post(f"{PAGE}{one}/take/", follow=True)
    assert "Run 2 is queued." in answer.content.decode()
    again = browser.post(f"{PAGE}{one}/dismiss/", follow=True)
    assert "decided by somebody else meanwhile" in again.content.decode()
    no_slice = browser.post(f"{PAGE}{one}/label/", {"count": "5"}, follow=True)
    assert "is about no slice" in no_slice.content.decode()
