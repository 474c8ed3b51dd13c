"""What came back on the review page: filters, evidence, and approving many at once."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from classifier.deploy import close_accepting, set_label_thresholds, set_threshold
from classifier.metrics.warranty import Promise
from classifier.models import ModelVersion, Prediction
from feedback.models import Routing, RoutingPolicy
from feedback.reports import report
from feedback.tasks import route_predictions
from labeling.access import Access
from labeling.models import Adjudication, Item, Project, Resolution, Role, Split, Task
from labeling.opinion import ask_opinion
from tests.classifier.predictions import make_prediction

REVIEW, BULK = "/p/test/review/", "/p/test/review/bulk/"


@pytest.fixture
def policy(project: Project) -> RoutingPolicy:
    """Reviewers get what comes back at once."""
    return RoutingPolicy.objects.create(project=project, audit_share=0.0, to_reviewers=True)


@pytest.fixture
def client(reviewer: User, client_for: Callable[[User], Client]) -> Client:
    """The reviewer's browser."""
    return client_for(reviewer)


def came_back(model: ModelVersion, confidence: float, **fields: object) -> Task:
    """Let a prediction come back to reviewers, its suggestion shown to who asks."""
    prediction = make_prediction(model, "alpha", confidence, **fields)
    route_predictions()
    Task.objects.update(suggestion_hidden=False)
    task = Routing.objects.get(prediction=prediction).task
    assert task is not None
    return task


def titles(page: str) -> list[str]:
    """Return the titles of the listed cases."""
    return re.findall(r'<span class="case-title">(.*?)</span>', page)


def test_it_lists_by_value_and_narrows_by_reason(
    model: ModelVersion,
    project: Project,
    policy: RoutingPolicy,
    client: Client,
    manager_access: Access,
    reviewer: User,
    api_for: Callable[[User], APIClient],
) -> None:
    project.behaviour_cases.create(test="fruit", kind="minimum", text="grape", label="gamma")
    came_back(model, 0.6, title="Unsure")
    came_back(model, 0.36, title="Tied")
    came_back(model, 0.9, title="A grape")
    reported = make_prediction(model, "alpha", 0.95, title="Reported")
    report(access=manager_access, prediction_id=reported.pk, label_name="beta")
    page = client.get(REVIEW).content.decode()
    assert titles(page) == ["Reported", "A grape", "Tied", "Unsure"]
    for reason, found in {
        "near_tie": ["Tied"],
        "rule": ["A grape"],
        "novel": [],
        "low_confidence": ["A grape", "Tied", "Unsure"],
        "report": ["Reported"],
    }.items():
        assert titles(client.get(REVIEW, {"reason": reason}).content.decode()) == found
        told = api_for(reviewer).get("/api/projects/test/review/", {"reason": reason}).json()
        assert [case["item"]["title"] for case in told["results"]] == found
    assert 'reason=near_tie">near tie <span class="count">1</span>' in page
    assert '<span class="reason">breaks a behavioural rule</span>' in page
    assert "reason=novel" not in page


def test_the_evidence_names_no_label_before_it_is_asked_for(
    model: ModelVersion, project: Project, policy: RoutingPolicy, client: Client, reviewer: User
) -> None:
    task = came_back(model, 0.36)
    url = f"{REVIEW}{task.pk}/evidence/"
    assert f'hx-get="{url}"' in client.get(REVIEW).content.decode()
    before = client.get(url).content.decode()
    assert "Near tie" in before
    assert "alpha" not in before
    assert "0.36" not in before
    ask_opinion(project=project, user=reviewer, task_id=task.pk)
    after = client.get(url).content.decode()
    assert list(re.findall(r"class=.num.>(.*?)<", after)) == ["0.36", "0.32", "0.32"]


def test_the_evidence_tells_the_reports(
    model: ModelVersion,
    project: Project,
    policy: RoutingPolicy,
    client: Client,
    annotator: User,
) -> None:
    access = Access(project, annotator, Role.ANNOTATOR)
    prediction = make_prediction(model, "alpha", 0.95)
    made, _ = report(
        access=access, prediction_id=prediction.pk, label_name="gamma", comment="<grapes>"
    )
    assert made.task is not None
    page = client.get(f"{REVIEW}{made.task.pk}/evidence/").content.decode()
    assert "gamma" in page
    assert "annotator" in page
    assert "<q>&lt;grapes&gt;</q>" in page


def test_an_audit_shows_nothing_of_the_model(
    model: ModelVersion, project: Project, client: Client, reviewer: User
) -> None:
    RoutingPolicy.objects.create(project=project, audit_share=1.0)
    make_prediction(model, "gamma", 0.9321)
    route_predictions()
    Task.objects.update(state="review")
    task = Task.objects.get()
    page = client.get(REVIEW).content.decode()
    assert "evidence/" not in page
    assert "0.93" not in page
    assert "model 1" not in page
    assert "Ask a model" not in page
    assert 'data-key="Enter"' not in page
    empty = client.get(f"{REVIEW}{task.pk}/evidence/").content.decode()
    assert re.sub(r"<[^>]*>", "", empty).strip() == ""


@pytest.fixture
def covered(model: ModelVersion, policy: RoutingPolicy, manager_access: Access) -> list[Routing]:
    """Two cases that a promise covers by now: their threshold was 0.8, and 0.6 is in force."""
    for confidence in (0.7, 0.65):
        came_back(model, confidence)
    set_threshold(access=manager_access, threshold=0.6, promise=Promise(0.05, 0.05))
    return list(Routing.objects.order_by("id"))


def send(client: Client, routings: list[Routing], **sent: str) -> str:
    """Approve cases together and return the page."""
    said = {"case": [str(each.pk) for each in routings], **sent}
    return client.post(f"{BULK}approve/", said, follow=True).content.decode()


def test_many_are_approved_after_a_second_question(
    covered: list[Routing], client: Client, reviewer: User
) -> None:
    assert client.get(BULK).content.decode().count('name="case"') == 2
    asked = send(client, covered)
    assert "<b>2 cases</b> get the label of the model" in asked
    assert not Resolution.objects.exists()
    assert "Approved: 2." in send(client, covered, sure="1")
    assert set(Resolution.objects.values_list("label__name", flat=True)) == {"alpha"}
    for decision in Adjudication.objects.all():
        assert (decision.decided_by, decision.saw_opinion) == (reviewer, True)
    assert "Nothing to approve together" in client.get(BULK).content.decode()
    assert "covered by the promise any more" in send(client, covered, sure="1")


def test_a_threshold_of_its_label_covers_a_case(
    covered: list[Routing], client: Client, manager_access: Access
) -> None:
    own = {"alpha": 0.68, "beta": 0.1}
    set_label_thresholds(access=manager_access, by_label=own, promise=Promise(0.05, 0.05))
    listed = client.get(BULK).content.decode()
    assert f'value="{covered[0].pk}"' in listed
    assert f'value="{covered[1].pk}"' not in listed


def uncover(how: str, case: Routing, access: Access, reviewer: User) -> None:
    """Take one reason away for which a case is covered."""
    project, task = access.project, case.task
    assert task is not None
    if how == "closed":
        close_accepting(project=project, reason="refuted")
    elif how == "no promise":
        set_threshold(access=access, threshold=0.6)
    elif how == "another model":
        ModelVersion.objects.update(stage="retired")
    elif how == "below":
        set_threshold(access=access, threshold=0.75, promise=Promise(0.05, 0.05))
    elif how == "below its label's":
        set_label_thresholds(
            access=access, by_label={"alpha": 0.75, "beta": 0.1}, promise=Promise(0.05, 0.05)
        )
    elif how == "no label":
        set_label_thresholds(access=access, by_label={}, promise=Promise(0.05, 0.05))
    elif how == "novel":
        Routing.objects.filter(pk=case.pk).update(reason="novel")
    elif how == "reported":
        report(access=access, prediction_id=case.prediction_id)
    elif how == "hidden":
        Task.objects.filter(pk=task.pk).update(suggestion_hidden=True)


@pytest.mark.parametrize(
    "how",
    [
        *("closed", "no promise", "another model", "below", "below its label's", "no label"),
        *("novel", "reported", "hidden"),
    ],
)
def test_what_the_promise_does_not_cover_is_decided_alone(
    covered: list[Routing], client: Client, manager_access: Access, reviewer: User, how: str
) -> None:
    uncover(how, covered[0], manager_access, reviewer)
    listed = client.get(BULK).content.decode()
    assert f'value="{covered[0].pk}"' not in listed
    # All or none.
    assert "covered by the promise any more" in send(client, covered, sure="1")
    assert not Adjudication.objects.exists()


def test_a_holdout_item_is_never_approved_so(
    model: ModelVersion,
    policy: RoutingPolicy,
    manager_access: Access,
    client: Client,
    make_item: Callable[..., Item],
) -> None:
    came_back(model, 0.7, item=make_item(split=Split.HOLDOUT, task=False))
    set_threshold(access=manager_access, threshold=0.6, promise=Promise(0.05, 0.05))
    assert 'name="case"' not in client.get(BULK).content.decode()


def test_a_prediction_is_no_answer_to_wrong_ids(covered: list[Routing], client: Client) -> None:
    for sent in ([], ["x"], ["9" * 30], ["-1"]):
        page = client.post(f"{BULK}approve/", {"case": sent, "sure": "1"}, follow=True)
        assert "Choose at least one." in page.content.decode()
    assert Prediction.objects.count() == 2
    assert not Adjudication.objects.exists()
