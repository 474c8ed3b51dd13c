"""Audits that refute a promise close accepting; a manager opens it again with a reason."""

from collections.abc import Callable

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from classifier.deploy import (
    NOTHING,
    close_accepting,
    set_label_thresholds,
    set_threshold,
    thresholds_of,
)
from classifier.metrics.warranty import Promise
from classifier.models import Deployment, ModelVersion
from feedback.models import RoutingPolicy
from feedback.tasks import route_predictions, watch_promises
from labeling.access import Access
from labeling.adjudicate import decide
from labeling.models import Event, Project, Task, TaskState
from tests.classifier.predictions import make_prediction

API = "/api/projects/test/accepting/"
PAGE = "/p/test/rollout/promise/"


@pytest.fixture
def promise(project: Project, manager_access: Access) -> Promise:
    """A promise of 5 %, but for one chance in twenty; every accepted answer is audited."""
    RoutingPolicy.objects.create(project=project, audit_share=1.0, audit_cap=1000)
    made = Promise(0.05, 0.05)
    set_threshold(access=manager_access, threshold=0.8, promise=made)
    return made


def audit(
    model: ModelVersion, manager: User, *, right: int, wrong: int, label: str = "alpha"
) -> None:
    """Have answers of a model audited, so many of which are right and wrong."""
    for _ in range(right + wrong):
        make_prediction(model, label, 0.9)
    route_predictions()
    waiting = Task.objects.filter(reason="audit").exclude(state=TaskState.CLOSED)
    tasks = list(waiting.values_list("pk", flat=True))
    waiting.update(state=TaskState.REVIEW)
    for place, task_id in enumerate(tasks):
        decide(
            project=model.project,
            user=manager,
            task_id=task_id,
            label_name=label if place < right else ("gamma" if place % 2 else None),
        )


def fresh(project: Project) -> Project:
    """Return the project as it is stored now."""
    return Project.objects.select_related("deployment").get(pk=project.pk)


def test_what_is_refuted_is_closed_within_one_run(
    model: ModelVersion, project: Project, manager: User, promise: Promise, settings: object
) -> None:
    audit(model, manager, right=4, wrong=6)
    watch_promises()
    deployment = Deployment.objects.get()
    assert deployment.closed_at is not None
    assert deployment.closed_reason == (
        "6 of 10 audited answers were wrong. That at most 5.0% of the accepted are is refuted, "
        "but for one chance in 20."
    )
    assert thresholds_of(fresh(project)).of("alpha") == NOTHING > 1
    event = Event.objects.get(verb="closed accepting")
    assert (event.actor, event.before, event.after) == (None, "open", "closed")
    assert event.reason == deployment.closed_reason
    watch_promises()
    assert Event.objects.filter(verb="closed accepting").count() == 1


@pytest.mark.parametrize(("right", "wrong"), [(10, 0), (9, 1), (0, 1)])
def test_what_may_be_chance_is_left_alone(
    model: ModelVersion, project: Project, manager: User, promise: Promise, right: int, wrong: int
) -> None:
    audit(model, manager, right=right, wrong=wrong)
    watch_promises()
    assert thresholds_of(fresh(project)).of("alpha") == 0.8


def test_without_a_promise_nothing_is_closed(
    model: ModelVersion,
    project: Project,
    manager: User,
    manager_access: Access,
    promise: Promise,
) -> None:
    set_threshold(access=manager_access, threshold=0.85)
    audit(model, manager, right=0, wrong=8)
    watch_promises()
    assert thresholds_of(fresh(project)).of("alpha") == 0.85


def test_a_label_whose_promise_is_refuted_closes_all(
    model: ModelVersion,
    project: Project,
    manager: User,
    manager_access: Access,
    promise: Promise,
    api_for: Callable[[User], APIClient],
) -> None:
    own = {"alpha": 0.8, "beta": 0.8}
    set_label_thresholds(access=manager_access, by_label=own, promise=promise)
    audit(model, manager, right=60, wrong=0)
    # Of all 62 audits 2 wrong refute nothing; of beta's 2 they do, but for one chance in 60.
    audit(model, manager, right=0, wrong=1, label="beta")
    watch_promises()
    assert thresholds_of(fresh(project)).of("beta") == 0.8
    audit(model, manager, right=0, wrong=1, label="beta")
    told = api_for(manager).get("/api/projects/test/routing/").json()["audited"]
    assert (told["label"], told["looks"], told["wrong"]) == ("beta", 2, 2)
    assert (told["bound"], told["risk"]) == (pytest.approx(60), pytest.approx(0.05 / 3))
    watch_promises()
    assert Deployment.objects.get().closed_reason == (
        "2 of 2 audited answers as 'beta' were wrong. That at most 5.0% of the accepted are is "
        "refuted, but for one chance in 60."
    )
    assert thresholds_of(fresh(project)).of("alpha") == NOTHING


def test_where_no_label_is_accepted_there_is_nothing_to_refute(
    model: ModelVersion, project: Project, manager_access: Access, promise: Promise
) -> None:
    set_label_thresholds(access=manager_access, by_label={}, promise=promise)
    watch_promises()
    assert Deployment.objects.get().closed_at is None


def test_the_page_says_why_and_a_manager_opens_it_again(
    model: ModelVersion,
    project: Project,
    manager: User,
    reviewer: User,
    promise: Promise,
    client_for: Callable[[User], Client],
) -> None:
    audit(model, manager, right=0, wrong=4)
    watch_promises()
    for user, may in ((manager, True), (reviewer, False)):
        page = client_for(user).get(PAGE).content.decode()
        assert "4 of 4 audited answers were wrong." in page
        assert ("Open again" in page) is may
    client = client_for(manager)
    assert "Say in 1 to" not in client.post(f"{PAGE}open/", {"reason": ""}, follow=True)
    assert thresholds_of(fresh(project)).of("alpha") == NOTHING
    client.post(f"{PAGE}open/", {"reason": "The guideline was wrong."})
    assert thresholds_of(fresh(project)).of("alpha") == 0.8
    event = Event.objects.get(verb="opened accepting")
    assert (event.actor, event.reason) == (manager, "The guideline was wrong.")
    # Audits from before the opening count no more.
    watch_promises()
    assert thresholds_of(fresh(project)).of("alpha") == 0.8


def test_over_rest(
    project: Project, manager: User, reviewer: User, api_for: Callable[[User], APIClient]
) -> None:
    api = api_for(manager)
    assert api_for(reviewer).get(API).json()["error"] is None
    assert api_for(reviewer).put(API, {"accept_threshold": 0.7}).status_code == 403
    sent = {"accept_threshold": 0.7, "error": 0.02, "risk": 0.1, "reason": "by the holdout"}
    told = api.put(API, sent).json()
    assert (told["accept_threshold"], told["error"], told["risk"]) == (0.7, 0.02, 0.1)
    assert told["promised_at"] is not None
    assert api.post(f"{API}open/", {"reason": "because"}).status_code == 409
    assert close_accepting(project=project, reason="refuted")
    assert api.get(API).json()["closed_reason"] == "refuted"
    assert api.post(f"{API}open/", {}).status_code == 400
    opened = api.post(f"{API}open/", {"reason": "because"}).json()
    assert (opened["closed_at"], opened["closed_reason"]) == (None, "")


def test_the_limits_over_rest_and_on_the_page(
    project: Project,
    manager: User,
    reviewer: User,
    api_for: Callable[[User], APIClient],
    client_for: Callable[[User], Client],
) -> None:
    url = "/api/projects/test/routing/policy/"
    assert api_for(reviewer).get(url).json() == {
        "looks": 1,
        "to_reviewers": False,
        "near_tie": 0.1,
        "novelty_limit": 0.5,
        "audit_share": 0.05,
        "review_cap": 500,
        "audit_cap": 100,
        "report_cap": 20,
        "recheck_share": 0.0,
        "links_on": False,
        "origins": "",
    }
    assert api_for(reviewer).patch(url, {"looks": 2}).status_code == 403
    assert api_for(manager).patch(url, {"audit_share": 1.2}).status_code == 400
    assert api_for(manager).patch(url, {"audit_share": 0.2}).json()["audit_share"] == 0.2
    event = Event.objects.get(verb="changed the routing")
    assert event.reason == "audit_share from 0.05 to 0.2"
    sent = {"looks": 3, "near_tie": 0.2, "novelty_limit": 0.6, "audit_share": 0.1}
    sent |= {"review_cap": 1000, "audit_cap": 5, "report_cap": 9, "recheck_share": 0.1}
    page = client_for(manager).post("/p/test/monitor/routing/change/", sent, follow=True)
    assert "is routed by these limits" in page.content.decode()
    assert 'value="1000"' in page.content.decode()
    wrong = client_for(manager).post("/p/test/monitor/routing/change/", sent | {"near_tie": 2})
    assert wrong.status_code == 422
    assert RoutingPolicy.objects.get().near_tie == 0.2
