"""POST /api/projects/SLUG/predictions/ID/report/ and the same from a page."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.keys import create_key
from accounts.models import User
from classifier.models import ModelVersion, Prediction
from feedback.models import Report
from labeling.models import Item, Membership, Project, Resolution, Role, Task, TaskReason, TaskState
from tests.classifier.predictions import make_prediction

Api = Callable[[User], APIClient]


@pytest.fixture
def prediction(model: ModelVersion) -> Prediction:
    """A tag that the model was sure of."""
    return make_prediction(model, "alpha", 0.95, title="Wrong one", external_id="w1")


def url_of(prediction: Prediction, slug: str = "test") -> str:
    """Return where a prediction is reported."""
    return f"/api/projects/{slug}/predictions/{prediction.pk}/report/"


def test_a_report_opens_a_review_task(prediction: Prediction, reviewer: User, api_for: Api) -> None:
    said = {"label": "beta", "comment": "It is about berries."}
    response = api_for(reviewer).post(url_of(prediction), said)
    assert response.status_code == 201
    task = Task.objects.get()
    assert (task.reason, task.state, task.priority) == (TaskReason.REPORT, TaskState.REVIEW, 20)
    assert (task.suggestion, task.suggestion_confidence) == (prediction.label, 0.95)
    assert task.note == "Reported by reviewer: alpha should be beta. It is about berries."
    assert task.item.external_id == "w1"
    told = response.json()
    assert told["task"] == {"id": task.pk, "state": "review", "reason": "report"}
    assert (told["claimed_label"], told["reported_by"]) == ("beta", "reviewer")
    assert told["prediction_id"] == str(prediction.pk)


def test_it_changes_no_label(
    prediction: Prediction, project: Project, reviewer: User, api_for: Api
) -> None:
    api_for(reviewer).post(url_of(prediction), {"label": "beta"})
    assert not Resolution.objects.exists()
    assert Prediction.objects.get().label.name == "alpha"


def test_nothing_need_be_said(prediction: Prediction, reviewer: User, api_for: Api) -> None:
    assert api_for(reviewer).post(url_of(prediction)).status_code == 201
    assert Task.objects.get().note == "Reported by reviewer: alpha is wrong."


def test_the_same_reporter_again_changes_nothing(
    prediction: Prediction, reviewer: User, api_for: Api
) -> None:
    first = api_for(reviewer).post(url_of(prediction), {"label": "beta"})
    second = api_for(reviewer).post(url_of(prediction), {"label": "gamma", "comment": "more"})
    assert (second.status_code, second.json()) == (200, first.json())
    assert Report.objects.count() == 1
    assert "more" not in Task.objects.get().note


def test_another_reporter_joins_the_case(
    prediction: Prediction, reviewer: User, manager: User, api_for: Api
) -> None:
    for user, label in ((reviewer, "beta"), (manager, "gamma")):
        assert api_for(user).post(url_of(prediction), {"label": label}).status_code == 201
    assert Task.objects.get().note.splitlines() == [
        "Reported by reviewer: alpha should be beta.",
        "Reported by manager: alpha should be gamma.",
    ]


def test_an_item_with_a_waiting_task_is_sent_to_a_reviewer(
    model: ModelVersion, reviewer: User, api_for: Api, make_item: Callable[..., Item]
) -> None:
    prediction = make_prediction(model, item=make_item())
    api_for(reviewer).post(url_of(prediction))
    task = Task.objects.get()
    assert (task.state, task.reason, task.priority) == ("review", "report", 20)


@pytest.mark.parametrize(
    ("said", "status", "words"),
    [
        ({"label": "delta"}, 422, "label: 'delta' is not one of alpha, beta, gamma."),
        ({"label": "alpha"}, 422, "label: 'alpha' is what the model said"),
        ({"label": "l" * 81}, 400, "Some fields cannot be taken."),
        ({"comment": "c" * 2001}, 400, "Some fields cannot be taken."),
        ({"comment": "a\x00b"}, 400, "Some fields cannot be taken."),
        ({"label": ""}, 400, "Some fields cannot be taken."),
    ],
)
def test_a_report_that_cannot_be_taken(
    prediction: Prediction,
    reviewer: User,
    api_for: Api,
    said: dict[str, Any],
    status: int,
    words: str,
) -> None:
    response = api_for(reviewer).post(url_of(prediction), said)
    assert response.status_code == status
    assert words in response.json()["detail"]
    assert not Report.objects.exists()
    assert not Task.objects.exists()


def test_who_may(
    prediction: Prediction,
    annotator: User,
    reviewer: User,
    manager: User,
    outsider: User,
    api_for: Api,
) -> None:
    assert APIClient().post(url_of(prediction)).status_code == 401
    assert api_for(annotator).post(url_of(prediction)).status_code == 201
    assert api_for(outsider).post(url_of(prediction)).status_code == 404
    assert api_for(outsider).post(url_of(prediction, "other")).status_code == 404
    assert api_for(manager).get(url_of(prediction)).status_code == 405
    unknown = f"/api/projects/test/predictions/{uuid4()}/report/"
    assert api_for(reviewer).post(unknown).status_code == 404
    assert [each.reported_by for each in Report.objects.all()] == [annotator]


def test_a_key_that_may_only_tag_or_read_cannot_report(
    prediction: Prediction, reviewer: User
) -> None:
    for scopes, status in ((["tag", "read"], 403), (["write"], 201)):
        _, secret = create_key(user=reviewer, name="key", scopes=scopes)
        client = APIClient(headers={"authorization": f"Bearer {secret}"})
        assert client.post(url_of(prediction)).status_code == status


def test_from_the_page(
    prediction: Prediction, reviewer: User, client_for: Callable[[User], Client]
) -> None:
    client = client_for(reviewer)
    url = f"/p/test/predictions/{prediction.pk}/"
    assert "Report as wrong" in client.get(url).content.decode()
    page = client.post(f"{url}report/", {"label": "beta", "comment": " hm "}, follow=True)
    assert "Reported: a reviewer decides." in page.content.decode()
    assert "Report as wrong" not in page.content.decode()
    report = Report.objects.get()
    assert report.claimed_label is not None
    assert (report.claimed_label.name, report.comment) == ("beta", "hm")


def test_as_a_part_of_a_page(
    prediction: Prediction, reviewer: User, client_for: Callable[[User], Client]
) -> None:
    url = f"/p/test/predictions/{prediction.pk}/report/"
    post = client_for(reviewer).post
    refused = post(url, {"label": "delta"}, headers={"hx-request": "true"})
    assert (refused.status_code, "is not one of" in refused.content.decode()) == (422, True)
    assert "message-title" in post(url, {}, headers={"hx-request": "true"}).content.decode()
    again = post(url, {"label": "delta"}, follow=True)
    assert again.status_code == 200


def test_reviewers_of_other_projects_cannot_report_from_the_page(
    prediction: Prediction,
    outsider: User,
    annotator: User,
    client_for: Callable[[User], Client],
    project: Project,
) -> None:
    url = f"/p/test/predictions/{prediction.pk}/report/"
    assert client_for(outsider).post(url).status_code == 404
    assert client_for(annotator).post(url).status_code == 403
    Membership.objects.filter(user=annotator).update(role=Role.REVIEWER)
    assert client_for(annotator).get(url).status_code == 405
    assert client_for(annotator).post(url).status_code == 302
