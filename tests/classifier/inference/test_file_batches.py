"""A file becomes tags: its import, and the batch that is owed once that has ended."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from classifier import batch, file_batch
from classifier.batch import start_batch
from classifier.batch_work import run_batch
from classifier.models import BatchJob, ModelVersion, Prediction, Stage
from classifier.tasks import recover_stalled
from labeling import intake_run
from labeling.access import Access
from labeling.intake_run import run_import
from labeling.models import Event, ImportJob, Item, Project
from tests.classifier.champions import SURE, make_model, promote

URL = "/api/projects/test/batches/file/"
PAGE = "/p/test/rollout/batches/file/"
CSV = f"external_id,title\none,{SURE['alpha']}\ntwo,{SURE['beta']}\n".encode()


@pytest.fixture(autouse=True)
def nudged(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The batches that a worker was told of; nobody works on them, or on imports, by itself."""
    told: list[int] = []
    monkeypatch.setattr(file_batch, "nudge", lambda job: told.append(job.pk))
    monkeypatch.setattr(batch, "nudge", lambda job: told.append(job.pk))
    monkeypatch.setattr(intake_run, "nudge", lambda _: None)
    monkeypatch.setattr("labeling.intake.nudge", lambda _: None)
    return told


@pytest.fixture
def champion(project: Project) -> ModelVersion:
    """The model in service."""
    return make_model(project)


@pytest.fixture
def api(champion: ModelVersion, manager: User, api_for: Callable[[User], APIClient]) -> APIClient:
    """The manager's REST client."""
    return api_for(manager)


@pytest.fixture
def browser(champion: ModelVersion, manager: User, client_for: Callable[[User], Client]) -> Client:
    """The manager's browser."""
    return client_for(manager)


def sent(api: APIClient, content: bytes = CSV, **options: Any) -> BatchJob:
    file = SimpleUploadedFile("new.csv", content)
    response = api.post(URL, {"file": file, **options}, format="multipart")
    assert response.status_code == 202, response.content
    return BatchJob.objects.get(pk=response.json()["id"])


def come_in(job: BatchJob, then: Any) -> None:
    """Do the import's part, with what follows its commit."""
    assert job.import_job_id
    with then(execute=True):
        run_import(job.import_job_id)
    job.refresh_from_db()


def test_a_file_is_taken_in_and_what_it_brought_is_tagged(
    api: APIClient,
    make_item: Callable[..., Item],
    nudged: list[int],
    django_capture_on_commit_callbacks: Any,
) -> None:
    make_item("of others")
    job = sent(api)
    assert job.import_job
    assert (job.state, job.total, job.import_job.state) == ("waiting", 0, "queued")
    come_in(job, django_capture_on_commit_callbacks)
    assert (job.state, job.total, nudged) == ("queued", 2, [job.pk])
    run_batch(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done) == ("succeeded", 2)
    url = f"/api/projects/test/predictions/file/?as=jsonl&source=batch&import={job.import_job_id}"
    content = b"".join(api.get(url).streaming_content)  # type: ignore[attr-defined]
    told = {row["external_id"]: row["label"] for row in map(json.loads, content.splitlines())}
    assert told == {"one": "alpha", "two": "beta"}
    states = Event.objects.filter(subject_type="batchjob", subject_id=str(job.pk))
    assert [(e.before, e.after) for e in states.order_by("id")] == [
        ("waiting", "queued"),
        ("running", "succeeded"),
    ]


def test_a_kill_between_the_two_steps_loses_nothing(api: APIClient, nudged: list[int]) -> None:
    job = sent(api)
    assert job.import_job_id
    # What follows a commit never runs here, as in a worker that is killed in that moment.
    run_import(job.import_job_id)
    job.refresh_from_db()
    assert job.state == "waiting"
    file_batch.start_owed()
    file_batch.start_owed()
    job.refresh_from_db()
    assert (job.state, job.total) == ("queued", 2)
    assert BatchJob.objects.count() == 1
    run_batch(job.pk)
    file_batch.start_owed()
    assert Prediction.objects.count() == 2


def test_the_schedule_starts_what_is_owed(api: APIClient) -> None:
    job = sent(api)
    ImportJob.objects.update(state="succeeded")
    Item.objects.create(
        project=job.project, external_id="one", text_hash="h", draw=0, import_job=job.import_job
    )
    recover_stalled()
    job.refresh_from_db()
    assert (job.state, job.total) == ("queued", 1)


def test_it_waits_for_a_batch_that_is_at_work(
    api: APIClient,
    make_item: Callable[..., Item],
    manager_access: Access,
    django_capture_on_commit_callbacks: Any,
) -> None:
    make_item()
    other = start_batch(access=manager_access)
    job = sent(api)
    come_in(job, django_capture_on_commit_callbacks)
    assert job.state == "waiting"
    BatchJob.objects.filter(pk=other.pk).update(state="cancelled")
    file_batch.start_owed()
    job.refresh_from_db()
    assert (job.state, job.total) == ("queued", 2)


def test_what_another_batch_has_tagged_meanwhile_is_not_tagged_twice(
    api: APIClient,
    make_item: Callable[..., Item],
    manager_access: Access,
    django_capture_on_commit_callbacks: Any,
) -> None:
    make_item()
    other = start_batch(access=manager_access)
    job = sent(api)
    come_in(job, django_capture_on_commit_callbacks)
    run_batch(other.pk)
    file_batch.start_owed()
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == ("succeeded", 2, 2)
    assert Prediction.objects.count() == 3


def test_the_champion_of_that_moment_tags(
    api: APIClient, project: Project, django_capture_on_commit_callbacks: Any
) -> None:
    job = sent(api)
    newer = make_model(project, stage=Stage.CANDIDATE)
    promote(newer)
    come_in(job, django_capture_on_commit_callbacks)
    assert (job.state, job.model_version) == ("queued", newer)


def test_without_a_model_nothing_is_taken_in(
    project: Project, manager: User, api_for: Callable[[User], APIClient]
) -> None:
    file = SimpleUploadedFile("new.csv", CSV)
    response = api_for(manager).post(URL, {"file": file}, format="multipart")
    assert response.status_code == 409
    assert response.json()["detail"].startswith("There is no model in service")
    assert not ImportJob.objects.exists()


def test_the_same_key_answers_the_same(api: APIClient) -> None:
    first, second = (
        api.post(
            URL,
            {"file": SimpleUploadedFile("new.csv", CSV)},
            format="multipart",
            headers={"Idempotency-Key": "k"},
        ).json()["id"]
        for _ in range(2)
    )
    assert first == second
    assert BatchJob.objects.count() == ImportJob.objects.count() == 1


def test_a_file_without_news_says_so(
    api: APIClient, make_item: Callable[..., Item], django_capture_on_commit_callbacks: Any
) -> None:
    make_item(external_id="one")
    job = sent(api, b"external_id,title\none,Known\n")
    come_in(job, django_capture_on_commit_callbacks)
    assert (job.state, job.failure) == (
        "failed",
        "The file has no item left to tag: 0 new, 1 known already, 0 refused.",
    )


@pytest.mark.parametrize(("labeled", "total"), [(False, 1), (True, 2)])
def test_rows_with_a_label_are_tagged_where_that_is_wanted(
    api: APIClient, labeled: bool, total: int, django_capture_on_commit_callbacks: Any
) -> None:
    job = sent(api, b"title,label\nFirst,alpha\nSecond,\n", labeled=labeled)
    come_in(job, django_capture_on_commit_callbacks)
    assert (job.state, job.total) == ("queued", total)


def test_cancelling_the_batch_leaves_the_import(
    api: APIClient, django_capture_on_commit_callbacks: Any
) -> None:
    job = sent(api)
    assert api.post(f"/api/projects/test/batches/{job.pk}/cancel/").json()["state"] == "cancelled"
    come_in(job, django_capture_on_commit_callbacks)
    assert job.import_job
    job.import_job.refresh_from_db()
    assert (job.state, job.import_job.state, Item.objects.count()) == ("cancelled", "succeeded", 2)


def test_cancelling_the_import_cancels_the_batch(
    api: APIClient, django_capture_on_commit_callbacks: Any
) -> None:
    job = sent(api)
    with django_capture_on_commit_callbacks(execute=True):
        api.post(f"/api/projects/test/imports/{job.import_job_id}/cancel/")
    job.refresh_from_db()
    assert (job.state, job.failure) == (
        "cancelled",
        "The file did not come in to its end: nothing was tagged.",
    )


def test_the_pages_lead_from_the_file_to_its_tags(
    browser: Client, django_capture_on_commit_callbacks: Any
) -> None:
    assert PAGE in browser.get("/p/test/rollout/batches/").content.decode()
    response = browser.post(PAGE, {"file": SimpleUploadedFile("new.csv", CSV), "only_new": "on"})
    job = BatchJob.objects.get()
    assert (response.status_code, job.state, job.only_new) == (302, "waiting", True)
    assert "What comes in is tagged" in browser.get(response["Location"]).content.decode()
    listed = browser.get("/p/test/rollout/batches/").content.decode()
    assert "new.csv is uploaded and not started" in listed
    assert response["Location"] in listed
    browser.post(f"{response['Location']}start/", {"act": "start", **columns(job)})
    assert (
        "Step 1 of 2: taking in new.csv" in browser.get("/p/test/rollout/batches/").content.decode()
    )
    assert "Step 1 of 2" in browser.get(response["Location"]).content.decode()
    come_in(job, django_capture_on_commit_callbacks)
    BatchJob.objects.update(state="running", done=1)
    assert (
        "Step 2 of 2: tagging new.csv" in browser.get("/p/test/rollout/batches/").content.decode()
    )
    assert "Step 2 of 2" in browser.get(response["Location"]).content.decode()
    listed = browser.get("/p/test/rollout/batches/").content.decode()
    for name in ("csv", "jsonl", "parquet"):
        assert f"?as={name}&amp;source=batch&amp;import={job.import_job_id}" in listed


def columns(job: BatchJob) -> dict[str, str]:
    """Return what the form of the columns says where nobody changes it."""
    assert job.import_job
    found = enumerate(job.import_job.mapping.values())
    return {"format": "csv", "encoding": "utf-8"} | {f"column-{n}": name for n, name in found}


def test_a_file_that_cannot_be_read_starts_nothing(browser: Client) -> None:
    response = browser.post(PAGE, {"file": SimpleUploadedFile("new.csv", b"\x00\x01")})
    assert response.status_code == 422
    assert not BatchJob.objects.exists()
    assert not ImportJob.objects.exists()


def test_without_a_model_the_page_says_so(
    project: Project, manager: User, client_for: Callable[[User], Client]
) -> None:
    assert "No model in service" in client_for(manager).get(PAGE).content.decode()
