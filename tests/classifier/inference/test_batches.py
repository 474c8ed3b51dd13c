"""Batches: every unlabeled item once per model, whatever happens meanwhile."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from classifier import batch, batch_work
from classifier.batch import Choice, nudge_waiting, start_batch
from classifier.batch_work import run_batch
from classifier.models import BatchChunk, BatchJob, Deployment, ModelVersion, Prediction, Stage
from classifier.scoring import open_scorer
from labeling.access import Access
from labeling.errors import Conflict
from labeling.jobs import JobLost
from labeling.models import Adjudication, Event, Item, JobState, Project, Resolution, Split
from tests.classifier.champions import SURE, UNSURE, make_model, promote

URL = "/api/projects/test/batches/"
Make = Callable[..., Item]
Api = Callable[[User], APIClient]


@pytest.fixture(autouse=True)
def nudged(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The batches that a worker was told of; nobody works on them by itself."""
    told: list[int] = []
    monkeypatch.setattr(batch, "nudge", lambda job: told.append(job.pk))
    return told


@pytest.fixture
def champion(project: Project) -> ModelVersion:
    """The model in service."""
    return make_model(project)


@pytest.fixture
def chunks_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make chunks small enough to be interrupted between."""
    monkeypatch.setattr(batch_work, "CHUNK", 2)


def taken(job: BatchJob) -> BatchChunk:
    """Let a worker hold the one chunk of a batch."""
    BatchJob.objects.filter(pk=job.pk).update(state=JobState.RUNNING, attempt=1)
    job.refresh_from_db()
    batch_work._cut(job)
    chunk = batch_work._take(job)
    assert chunk is not None
    return chunk


def scored() -> list[str]:
    """Return the external ids of the tagged items, in the order they were tagged."""
    tagged = Prediction.objects.order_by("item_id", "model_version_id")
    return list(tagged.values_list("external_id", flat=True))


def test_tags_what_nobody_has_decided_on(
    champion: ModelVersion, make_item: Make, manager_access: Access, other_project: Project
) -> None:
    label = champion.project.labels.get(name="alpha")
    make_item(SURE["alpha"])
    make_item(UNSURE)
    labeled = make_item("labeled")
    Resolution.objects.create(
        project=champion.project,
        item=labeled,
        label=label,
        method="agreement",
        resolved_at=timezone.now(),
    )
    out_of_scope = make_item("out of scope")
    Adjudication.objects.create(project=champion.project, item=out_of_scope, label=None)
    make_item("holdout", split=Split.HOLDOUT)
    make_item("of others", project=other_project)
    job = start_batch(access=manager_access)
    run_batch(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done, job.total) == (JobState.SUCCEEDED, 2, 2)
    first, second = Prediction.objects.order_by("item_id")
    assert (first.label, first.route, first.source) == (label, "accept", "batch")
    assert (second.route, second.external_id, second.title) == ("review", "item-2", UNSURE)
    assert first.requested_by == manager_access.user


def test_the_threshold_in_force_decides(
    champion: ModelVersion, make_item: Make, manager_access: Access
) -> None:
    Deployment.objects.create(project=champion.project, accept_threshold=0.1)
    make_item(UNSURE)
    run_batch(start_batch(access=manager_access).pk)
    stored = Prediction.objects.get()
    assert (stored.route, stored.threshold) == ("accept", 0.1)


def test_each_label_may_have_a_threshold_of_its_own(
    champion: ModelVersion, make_item: Make, manager_access: Access
) -> None:
    own = {"alpha": 0.1, "beta": 1.0, "gamma": None}
    Deployment.objects.create(project=champion.project, label_thresholds=own)
    for words in SURE.values():
        make_item(words)
    run_batch(start_batch(access=manager_access).pk)
    told = Prediction.objects.values_list("label__name", "route", "threshold")
    assert set(told) == {
        ("alpha", "accept", 0.1),
        ("beta", "review", 1.0),
        ("gamma", "review", 1.01),
    }


@pytest.mark.usefixtures("chunks_of_two")
def test_after_a_kill_it_goes_on_behind_the_last_chunk(
    champion: ModelVersion,
    make_item: Make,
    manager_access: Access,
    nudged: list[int],
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    for _ in range(7):
        make_item()
    with django_capture_on_commit_callbacks(execute=True):
        job = start_batch(access=manager_access)
    store = batch_work._store
    chunks: list[object] = []

    def killed(*args: Any) -> None:
        if len(chunks) == 1:
            raise KeyboardInterrupt
        chunks.append(args)
        store(*args)

    monkeypatch.setattr(batch_work, "_store", killed)
    with pytest.raises(KeyboardInterrupt):
        run_batch(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempt, job.done) == (JobState.RUNNING, 1, 2)
    monkeypatch.setattr(batch_work, "_store", store)
    run_batch(job.pk)
    assert scored() == ["item-1", "item-2", "item-7"], "the chunks of another worker are left alone"
    run_batch(job.pk)
    assert len(scored()) == 3
    BatchJob.objects.update(heartbeat_at=timezone.now() - timedelta(minutes=5))
    nudge_waiting()
    assert nudged == [job.pk, job.pk]
    run_batch(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempt, job.done, job.total) == (JobState.SUCCEEDED, 2, 7, 7)
    assert scored() == [f"item-{number}" for number in range(1, 8)]


@pytest.mark.usefixtures("chunks_of_two", "champion")
def test_workers_share_the_chunks_and_the_first_calls_the_others(
    make_item: Make,
    manager_access: Access,
    nudged: list[int],
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    for _ in range(7):
        make_item()
    job = start_batch(access=manager_access)
    store = batch_work._store
    took: list[list[int]] = [[], []]

    def first(*args: Any) -> None:
        monkeypatch.setattr(batch_work, "_store", second)
        run_batch(job.pk)
        took[0].append(args[1].number)
        store(*args)

    def second(*args: Any) -> None:
        took[1].append(args[1].number)
        store(*args)

    monkeypatch.setattr(batch_work, "_store", first)
    with django_capture_on_commit_callbacks(execute=True):
        run_batch(job.pk)
    assert took == [[1], [3, 4, 2]], "one chunk is tagged while the one before is stored"
    job.refresh_from_db()
    assert (job.state, job.done) == (JobState.SUCCEEDED, 7)
    assert scored() == [f"item-{number}" for number in range(1, 8)]
    assert nudged == [job.pk] * 3


def test_an_item_that_was_tagged_meanwhile_is_not_tagged_twice(
    champion: ModelVersion, make_item: Make, manager_access: Access
) -> None:
    items = [make_item() for _ in range(3)]
    job = start_batch(access=manager_access)
    chunk = taken(job)
    scores = open_scorer(champion).score([(item.title, item.body) for item in items])
    for _ in range(2):
        batch_work._store(job, chunk, champion, list(zip(items, scores, strict=True)))
        job.chunks.update(done_at=None)
    assert scored() == ["item-1", "item-2", "item-3"]


@pytest.mark.parametrize(
    "change", [{"attempt": 2}, {"state": JobState.CANCELLED}, {"state": JobState.FAILED}]
)
def test_a_worker_whose_claim_is_over_stores_nothing(
    champion: ModelVersion, make_item: Make, manager_access: Access, change: dict[str, Any]
) -> None:
    item = make_item()
    job = start_batch(access=manager_access)
    chunk = taken(job)
    scores = open_scorer(champion).score([(item.title, item.body)])
    BatchJob.objects.update(**change)
    with pytest.raises(JobLost):
        batch_work._store(job, chunk, champion, [(item, scores[0])])
    assert scored() == []
    assert job.chunks.get().done_at is None


def test_a_chosen_part_of_the_items(
    champion: ModelVersion, make_item: Make, manager: User, api_for: Api
) -> None:
    one, two = champion.project.imports.create(), champion.project.imports.create()
    make_item(import_job=one)
    make_item(import_job=two)
    make_item()
    api = api_for(manager)
    made = api.post(URL, {"filters": {"source": str(two.pk)}}, format="json")
    assert (made.status_code, made.json()["total"]) == (201, 1)
    assert made.json()["filters"] == {"source": str(two.pk)}
    run_batch(made.json()["id"])
    assert scored() == ["item-2"]
    again = api.post(URL, {"filters": {"source": str(two.pk)}}, format="json")
    assert again.json()["detail"] == "Model 1 has tagged every item that was chosen already."


@pytest.mark.parametrize(
    ("filters", "told"),
    [
        ({"colour": "red"}, "filters: there is no 'colour'; known are q, label,"),
        ({"label": "delta"}, "filters: label: Select a valid choice."),
        ({"below": "2"}, "filters: below: Ensure this value is less than or equal to 1."),
    ],
)
def test_a_filter_that_cannot_be_taken_tags_nothing(
    champion: ModelVersion, manager: User, api_for: Api, filters: dict[str, str], told: str
) -> None:
    response = api_for(manager).post(URL, {"filters": filters}, format="json")
    assert response.status_code == 422
    assert response.json()["detail"].startswith(told)
    assert not BatchJob.objects.exists()


def test_labeled_items_are_tagged_where_that_is_wanted(
    champion: ModelVersion, make_item: Make, manager_access: Access
) -> None:
    Adjudication.objects.create(project=champion.project, item=make_item(), label=None)
    with pytest.raises(Conflict, match="Model 1 has tagged every unlabeled item"):
        start_batch(access=manager_access)
    run_batch(start_batch(access=manager_access, choice=Choice(labeled=True)).pk)
    assert scored() == ["item-1"]


def test_a_new_champion_tags_only_what_changed_where_that_is_wanted(
    champion: ModelVersion, make_item: Make, manager_access: Access
) -> None:
    make_item("as it was")
    changed = make_item("before")
    run_batch(start_batch(access=manager_access).pk)
    promote(make_model(champion.project, stage=Stage.CANDIDATE))
    Item.objects.filter(pk=changed.pk).update(title="after")
    make_item("new")
    run_batch(start_batch(access=manager_access, choice=Choice(only_new=True)).pk)
    newer = Prediction.objects.filter(model_version__number=2).order_by("item_id")
    assert list(newer.values_list("title", flat=True)) == ["after", "new"]


def test_the_rate_counts_from_where_work_last_began(champion: ModelVersion) -> None:
    now = timezone.now()
    job = BatchJob(state=JobState.RUNNING, done=500, done_before=100, total=900, started_at=now)
    assert (job.rate, job.seconds_left) == (None, None)
    job.heartbeat_at = now + timedelta(seconds=4)
    assert (job.rate, job.seconds_left) == (100.0, 4.0)


@pytest.mark.usefixtures("chunks_of_two")
def test_a_cancelled_batch_stops_and_keeps_what_it_tagged(
    champion: ModelVersion,
    make_item: Make,
    manager: User,
    api_for: Api,
    manager_access: Access,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for _ in range(5):
        make_item()
    job = start_batch(access=manager_access)
    store = batch_work._store

    def cancelled(*args: Any) -> None:
        store(*args)
        assert api_for(manager).post(f"{URL}{job.pk}/cancel/").status_code == 200

    monkeypatch.setattr(batch_work, "_store", cancelled)
    run_batch(job.pk)
    job.refresh_from_db()
    assert (job.state, len(scored())) == (JobState.CANCELLED, 2)
    assert api_for(manager).post(f"{URL}{job.pk}/cancel/").status_code == 409


def test_a_new_champion_tags_again_and_the_old_one_does_not(
    champion: ModelVersion, make_item: Make, manager_access: Access
) -> None:
    make_item()
    run_batch(start_batch(access=manager_access).pk)
    with pytest.raises(Conflict, match="Model 1 has tagged every unlabeled item already"):
        start_batch(access=manager_access)
    promote(make_model(champion.project, stage=Stage.CANDIDATE))
    run_batch(start_batch(access=manager_access).pk)
    assert scored() == ["item-1", "item-1"]


def test_it_stays_with_the_model_it_started_with(
    champion: ModelVersion, make_item: Make, manager_access: Access
) -> None:
    make_item()
    job = start_batch(access=manager_access)
    promote(make_model(champion.project, stage=Stage.CANDIDATE))
    run_batch(job.pk)
    assert Prediction.objects.get().model_version == champion


def test_a_model_that_cannot_be_loaded_fails_the_batch_with_the_reason(
    champion: ModelVersion, make_item: Make, manager_access: Access
) -> None:
    make_item()
    default_storage.delete(f"{champion.artifact}/keywords.json")
    job = start_batch(access=manager_access)
    run_batch(job.pk)
    job.refresh_from_db()
    assert (job.state, job.failure) == (JobState.FAILED, "keywords.json is missing.")
    assert Event.objects.filter(subject_type="batchjob", after="failed").exists()


def test_a_bug_fails_the_batch_without_telling_its_insides(
    champion: ModelVersion,
    make_item: Make,
    manager_access: Access,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_item()
    job = start_batch(access=manager_access)
    monkeypatch.setattr(batch_work, "open_scorer", lambda _: 1 // 0)
    run_batch(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "division" not in job.failure


def test_start_over_rest(
    champion: ModelVersion, make_item: Make, manager: User, api_for: Api
) -> None:
    api = api_for(manager)
    assert api.post(URL).json()["detail"].startswith("Model 1 has tagged every")
    make_item()
    made = api.post(URL)
    assert (made.status_code, made.json()["state"], made.json()["total"]) == (201, "queued", 1)
    assert made.json()["model_version"] == 1
    again = api.post(URL)
    assert again.status_code == 409
    assert "A batch is queued or running" in again.json()["detail"]
    assert [each["id"] for each in api.get(URL).json()["results"]] == [made.json()["id"]]
    assert api.get(f"{URL}{made.json()['id']}/").json()["created_by"] == "manager"


def test_start_without_a_champion(
    project: Project, make_item: Make, manager: User, api_for: Api
) -> None:
    make_item()
    response = api_for(manager).post(URL)
    assert response.status_code == 409
    assert "no model in service" in response.json()["detail"]


def test_who_may(
    champion: ModelVersion,
    make_item: Make,
    annotator: User,
    reviewer: User,
    outsider: User,
    manager_access: Access,
    api_for: Api,
) -> None:
    make_item()
    job = start_batch(access=manager_access)
    for user, read, write in ((annotator, 403, 403), (reviewer, 200, 403), (outsider, 404, 404)):
        api = api_for(user)
        assert api.get(URL).status_code == read
        assert api.get(f"{URL}{job.pk}/").status_code == read
        assert api.post(URL).status_code == write
        assert api.post(f"{URL}{job.pk}/cancel/").status_code == write


def test_a_batch_of_another_project(
    champion: ModelVersion,
    make_item: Make,
    manager_access: Access,
    outsider: User,
    api_for: Api,
) -> None:
    make_item()
    job = start_batch(access=manager_access)
    api = api_for(outsider)
    assert api.get(f"/api/projects/other/batches/{job.pk}/").status_code == 404
    assert api.post(f"/api/projects/other/batches/{job.pk}/cancel/").status_code == 404
    job.refresh_from_db()
    assert job.state == JobState.QUEUED
