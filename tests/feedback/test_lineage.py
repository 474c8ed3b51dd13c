"""A prediction followed both ways: GET /api/projects/SLUG/predictions/ID/ and its page."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from classifier.models import ModelVersion, Prediction
from feedback.tasks import route_predictions
from labeling.access import Access
from labeling.adjudicate import decide
from labeling.annotate import submit
from labeling.guidelines import publish_guideline
from labeling.models import Item, Project, Task, TaskState
from labeling.queue import claim
from tests.classifier.predictions import make_prediction

Api = Callable[[User], APIClient]


def url_of(prediction: Prediction, slug: str = "test") -> str:
    """Return the address of a prediction."""
    return f"/api/projects/{slug}/predictions/{prediction.pk}/"


@pytest.fixture
def prediction(model: ModelVersion, reviewer: User) -> Prediction:
    """A tag that the model was not sure of."""
    return make_prediction(model, "beta", 0.4, title="Unsure one", requested_by=reviewer)


def test_back_to_model_and_snapshot(prediction: Prediction, reviewer: User, api_for: Api) -> None:
    told = api_for(reviewer).get(url_of(prediction)).json()
    assert (told["label"], told["confidence"]) == ("beta", 0.4)
    assert (told["model"]["number"], told["model"]["run"]) == (1, 1)
    assert (told["model"]["recipe"], told["model"]["weighted_f1"]) == ("keywords", 0.9)
    assert (told["snapshot"]["hash"], told["snapshot"]["training_rows"]) == ("snapshot 1", 30)
    assert (told["routing"], told["task"], told["item"], told["final"]) == (None,) * 4
    assert (told["teachers"], told["reports"]) == ([], [])


def test_on_to_task_report_and_final_label(
    prediction: Prediction, project: Project, reviewer: User, manager: User, api_for: Api
) -> None:
    route_predictions()
    api = api_for(reviewer)
    told = api.get(url_of(prediction)).json()
    assert told["routing"]["outcome"] == "opened a task"
    assert (told["task"]["state"], told["task"]["reason"]) == ("open", "low_confidence")
    api.post(f"{url_of(prediction)}report/", {"label": "gamma"})
    decide(project=project, user=manager, task_id=told["task"]["id"], label_name="gamma")
    told = api.get(url_of(prediction)).json()
    assert [report["claimed_label"] for report in told["reports"]] == ["gamma"]
    assert (told["final"]["label"], told["final"]["method"]) == ("gamma", "adjudication")
    assert told["task"]["state"] == "closed"
    assert told["item"] == Item.objects.get().pk


def test_back_to_the_annotators_and_the_guideline_they_read(
    prediction: Prediction,
    model: ModelVersion,
    manager_access: Access,
    annotator: User,
    second_annotator: User,
    make_item: Callable[..., Item],
) -> None:
    make_item()
    for user in (annotator, second_annotator):
        look = claim(project=model.project, user=user)
        assert look is not None
        submit(
            project=model.project,
            user=user,
            assignment_id=look.pk,
            token=look.token,
            label_name="alpha",
            idempotency_key=f"answer of {user}",
        )
        publish_guideline(access=manager_access, text=f"After {user}.")
    item = Item.objects.get()
    model.snapshot.rows.create(item=item, split="pool", external_id="1", title="t", label="alpha")
    snapshot = type(model.snapshot).objects.filter(pk=model.snapshot_id)
    snapshot.update(created_at=timezone.now() + timedelta(seconds=1))
    api = APIClient()
    api.force_authenticate(manager_access.user)
    assert api.get(url_of(prediction)).json()["teachers"] == [
        {"annotator": "annotator", "guideline": 1, "answers": 1},
        {"annotator": "second", "guideline": 2, "answers": 1},
    ]
    snapshot.update(created_at=timezone.now() - timedelta(days=1))
    assert api.get(url_of(prediction)).json()["teachers"] == []


def test_back_to_the_training_items_that_resemble_it(
    model: ModelVersion,
    manager_access: Access,
    annotator: User,
    second_annotator: User,
    make_item: Callable[..., Item],
    api_for: Api,
) -> None:
    near = make_item("Counting penguins from drones", "Aerial photographs of colonies")
    far = make_item("Counting whales", "Satellites over the ocean", task=False)
    later = make_item("Penguins from drones again", task=False)
    for user, said in ((annotator, "alpha"), (second_annotator, "beta")):
        answer(model.project, user, said)
    for item in (near, far):
        model.snapshot.rows.create(
            item=item, split="pool", external_id=item.external_id, title=item.title, label="alpha"
        )
    model.snapshot.rows.create(item=later, split="holdout", external_id="h", title="Penguins")
    snapshot = type(model.snapshot).objects.filter(pk=model.snapshot_id)
    snapshot.update(created_at=timezone.now() + timedelta(seconds=1))
    made = make_prediction(model, title="Drones over colonies of penguins")
    url = url_of(made)
    api = api_for(manager_access.user)
    (found,) = api.get(url).json()["nearest"]
    assert (found["item"], found["label"], found["votes"]) == (near.pk, "alpha", [])
    assert found["waits"]
    client = Client()
    client.force_login(manager_access.user)
    where = f"/p/test/predictions/{made.pk}/"
    assert "told once it is settled" in client.get(where).content.decode()
    Task.objects.update(state=TaskState.CLOSED)
    (found,) = api.get(url).json()["nearest"]
    votes = [(vote["annotator"], vote["label"], vote["guideline"]) for vote in found["votes"]]
    assert votes == [("annotator", "alpha", 1), ("second", "beta", 1)]
    assert 0 < found["resemblance"] < 1
    page = client.get(where).content.decode()
    assert "told once it is settled" not in page
    assert f"/p/test/annotations/{found['votes'][0]['annotation_id']}/" in page
    snapshot.update(created_at=timezone.now() - timedelta(days=1))
    assert api.get(url).json()["nearest"][0]["votes"] == []


def answer(project: Project, user: User, said: str) -> None:
    """Let a user answer the next item."""
    look = claim(project=project, user=user)
    assert look is not None
    submit(
        project=project,
        user=user,
        assignment_id=look.pk,
        token=look.token,
        label_name=said,
        idempotency_key=f"{said} by {user}",
    )


def test_who_may(prediction: Prediction, annotator: User, outsider: User, api_for: Api) -> None:
    assert api_for(annotator).get(url_of(prediction)).status_code == 403
    assert api_for(outsider).get(url_of(prediction)).status_code == 404
    assert api_for(outsider).get(url_of(prediction, "other")).status_code == 404


def test_the_page_tells_the_same(
    prediction: Prediction,
    reviewer: User,
    outsider: User,
    client_for: Callable[[User], Client],
    django_assert_max_num_queries: Callable[[int], object],
) -> None:
    route_predictions()
    client = client_for(reviewer)
    with django_assert_max_num_queries(8):  # type: ignore[attr-defined]
        page = client.get(f"/p/test/predictions/{prediction.pk}/")
    text = page.content.decode()
    assert "Unsure one" in text
    assert "opened a task" in text
    assert "imported labels" in text
    assert f'href="/p/test/items/{Item.objects.get().pk}/"' in text
    url = f"/p/test/predictions/{prediction.pk}/"
    assert client_for(outsider).get(url).status_code == 404
    assert client_for(outsider).get(url.replace("test", "other")).status_code == 404
