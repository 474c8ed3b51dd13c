"""The rollout page: who answers, from which confidence on, and the batches."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from classifier import batch
from classifier.approve import rollback
from classifier.batch import start_batch
from classifier.models import BatchJob, Deployment, Stage
from labeling.access import Access
from labeling.models import Event, Item, JobState, Project
from tests.classifier.champions import make_model

URL = "/p/test/rollout/"
Clients = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "nudge", lambda _: None)


@pytest.fixture
def served(project: Project, manager_access: Access) -> Project:
    """A project with model 1 as champion, rolled back to from model 2."""
    make_model(project, stage=Stage.RETIRED)
    make_model(project)
    rollback(access=manager_access, number=1, reason="2 was too bold")
    return project


def text_of(client: Client, url: str = URL) -> str:
    """Return a page's text."""
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def test_shows_champion_since_and_reason(
    served: Project, reviewer: User, client_for: Clients
) -> None:
    text = text_of(client_for(reviewer))
    assert "Model 1 answers all of the traffic." in text
    assert "by manager" in text
    assert "2 was too bold" in text
    assert "Roll back to" not in text, "a reviewer only reads"


def test_a_manager_may_roll_back_in_one_press(
    served: Project, manager: User, client_for: Clients
) -> None:
    client = client_for(manager)
    assert 'action="/p/test/models/2/rollback/"' in text_of(client)
    client.post("/p/test/models/2/rollback/", {"reason": "it was fine"})
    assert "Model 2 answers all of the traffic." in text_of(client)


def test_without_a_model(project: Project, manager: User, client_for: Clients) -> None:
    assert "No model in service" in text_of(client_for(manager))


def test_threshold(served: Project, manager: User, client_for: Clients) -> None:
    before = Deployment.objects.get().revision
    response = client_for(manager).post(
        f"{URL}threshold/", {"threshold": "0.65", "reason": "fewer looks"}, follow=True
    )
    assert "Accepted from 0.65 on" in response.content.decode()
    deployment = Deployment.objects.get()
    assert (deployment.accept_threshold, deployment.revision) == (0.65, before + 1)
    event = Event.objects.get(verb="set threshold")
    assert (event.before, event.after, event.reason) == ("0.8", "0.65", "fewer looks")
    client_for(manager).post(f"{URL}threshold/", {"threshold": "0.65"})
    assert Deployment.objects.get().revision == before + 1


@pytest.mark.parametrize("value", ["", "1.1", "-0.1", "nan", "x"])
def test_a_threshold_that_is_none(
    served: Project, manager: User, client_for: Clients, value: str
) -> None:
    response = client_for(manager).post(f"{URL}threshold/", {"threshold": value}, follow=True)
    assert "it must be a number from 0 to 1" in response.content.decode()
    assert Deployment.objects.get().accept_threshold == 0.8


def test_batch_from_the_page(
    served: Project, manager: User, client_for: Clients, make_item: Callable[..., Item]
) -> None:
    for _ in range(3):
        make_item()
    client = client_for(manager)
    assert "Tag 3 unlabeled items" in text_of(client)
    assert (
        "Waiting for a worker" in client.post(f"{URL}batches/start/", follow=True).content.decode()
    )
    job = BatchJob.objects.get()
    BatchJob.objects.update(state=JobState.RUNNING, done=1)
    part = text_of(client, f"{URL}batches/")
    assert 'hx-trigger="every 1s"' in part
    assert 'max="3" value="1"' in part
    client.post(f"{URL}batches/{job.pk}/cancel/")
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    assert "hx-trigger" not in text_of(client, f"{URL}batches/")


def test_a_batch_that_cannot_start_or_stop_says_why(
    served: Project, manager: User, client_for: Clients
) -> None:
    client = client_for(manager)
    response = client.post(f"{URL}batches/start/", follow=True)
    assert "has tagged every unlabeled item already" in response.content.decode()
    job = BatchJob.objects.create(
        project=served, model_version=served.model_versions.all()[0], state=JobState.FAILED
    )
    response = client.post(f"{URL}batches/{job.pk}/cancel/", follow=True)
    assert f"Batch {job.pk} has ended already: failed." in response.content.decode()


def test_who_may(
    served: Project, annotator: User, reviewer: User, outsider: User, client_for: Clients
) -> None:
    posts = ("threshold/", "batches/start/", "batches/1/cancel/")
    for user, read, act in ((annotator, 403, 403), (reviewer, 200, 403), (outsider, 404, 404)):
        client = client_for(user)
        assert client.get(URL).status_code == read
        assert client.get(f"{URL}batches/").status_code == read
        assert [client.post(URL + path).status_code for path in posts] == [act] * 3
    assert client_for(reviewer).get(f"{URL}threshold/").status_code == 405


def test_queries(
    served: Project,
    manager: User,
    client_for: Clients,
    manager_access: Access,
    make_item: Callable[..., Item],
    django_assert_max_num_queries: Callable[[int], object],
) -> None:
    make_item()
    start_batch(access=manager_access)
    BatchJob.objects.update(state=JobState.SUCCEEDED)
    client = client_for(manager)
    with django_assert_max_num_queries(8):  # type: ignore[attr-defined]
        assert client.get(URL).status_code == 200
