"""The page on which the items of a batch are chosen."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from classifier import batch
from classifier.models import BatchJob, ModelVersion
from labeling.models import Item, JobState, Project
from tests.classifier.champions import make_model

URL = "/p/test/rollout/batches/new/"
Clients = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "nudge", lambda _: None)


@pytest.fixture
def champion(project: Project) -> ModelVersion:
    """The model in service."""
    return make_model(project)


def test_counts_and_starts_what_is_chosen(
    champion: ModelVersion, make_item: Callable[..., Item], manager: User, client_for: Clients
) -> None:
    source = champion.project.imports.create(source="file.csv")
    make_item(import_job=source)
    make_item()
    client = client_for(manager)
    assert "2 items are chosen." in client.get(URL).content.decode()
    assert "1 item is chosen." in client.get(f"{URL}?source={source.pk}").content.decode()
    response = client.post(URL, {"source": source.pk, "only_new": "on"})
    assert (response.status_code, response["Location"]) == (302, "/p/test/rollout/")
    job = BatchJob.objects.get()
    assert (job.total, job.filters, job.labeled) == (1, {"source": str(source.pk)}, False)
    assert job.only_new


def test_a_filter_that_cannot_be_read_starts_nothing(
    champion: ModelVersion, make_item: Callable[..., Item], manager: User, client_for: Clients
) -> None:
    make_item()
    text = client_for(manager).post(URL, {"below": "7"}).content.decode()
    assert "A filter cannot be read" in text
    assert "less than or equal to 1" in text
    assert not BatchJob.objects.exists()


def test_nothing_left_and_no_model(project: Project, manager: User, client_for: Clients) -> None:
    client = client_for(manager)
    assert "There is no model in service." in client.get(URL).content.decode()
    make_model(project)
    assert "No item is left" in client.get(URL).content.decode()
    text = client.post(URL).content.decode()
    assert "Model 1 has tagged every unlabeled item already." in text


def test_progress_with_rate_and_time_left(
    champion: ModelVersion, manager: User, client_for: Clients
) -> None:
    now = timezone.now()
    BatchJob.objects.create(
        project=champion.project,
        model_version=champion,
        state=JobState.RUNNING,
        done=3000,
        total=9000,
        started_at=now - timedelta(seconds=60),
        heartbeat_at=now,
    )
    text = client_for(manager).get("/p/test/rollout/batches/").content.decode()
    assert "50 a second" in text
    assert "2 min left" in text
