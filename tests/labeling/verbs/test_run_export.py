"""Exports that a worker writes."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import IO

import pytest
from django.core.files.storage import FileSystemStorage, default_storage
from django.utils import timezone
from pytest_django import Settings

from labeling import jobs
from labeling.access import Access
from labeling.errors import Conflict
from labeling.export import job as export
from labeling.export import rows
from labeling.export.job import (
    cancel_export,
    nudge_waiting,
    remove_expired,
    run_export,
    start_export,
)
from labeling.export.rows import Options
from labeling.jobs import BROKEN
from labeling.models import Event, ExportJob, Item, JobState
from tests.labeling.exporting import lines_of

Make = Callable[..., Item]


@pytest.fixture(autouse=True)
def _empty_storage(settings: Settings, tmp_path: Path) -> None:
    """Keep the files of each test in a folder of its own."""
    file_system = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    settings.STORAGES = settings.STORAGES | {"default": file_system}
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture(autouse=True)
def nudged(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The exports that a worker was told of; nobody works on them by itself."""
    told: list[int] = []
    monkeypatch.setattr(export, "nudge", lambda job: told.append(job.pk))
    return told


@pytest.fixture
def job(manager_access: Access, make_item: Make) -> ExportJob:
    """An export of three items that waits for a worker."""
    for _ in range(3):
        make_item(task=False)
    return start_export(access=manager_access, name="jsonl", options=Options(), filters={})


def now_of(job: ExportJob) -> ExportJob:
    """Return the job as it is now."""
    return ExportJob.objects.get(pk=job.pk)


def test_writes_the_file_and_tells_what_it_is(job: ExportJob) -> None:
    run_export(job.pk)
    done = now_of(job)
    content = default_storage.open(done.file).read()
    assert [row["title"] for row in lines_of(content)] == ["Item 1", "Item 2", "Item 3"]
    assert (done.state, done.done, done.total) == (JobState.SUCCEEDED, 3, 3)
    assert (done.size, done.sha256) == (len(content), hashlib.sha256(content).hexdigest())


def test_its_start_and_end_are_recorded(job: ExportJob) -> None:
    run_export(job.pk)
    events = Event.objects.filter(subject_type="exportjob").order_by("id")
    assert [(event.verb, event.after) for event in events] == [
        ("started", "queued"),
        ("finished", "succeeded"),
    ]


def test_one_at_a_time(job: ExportJob, manager_access: Access) -> None:
    with pytest.raises(Conflict, match="queued or running"):
        start_export(access=manager_access, name="csv", options=Options(), filters={})
    run_export(job.pk)
    start_export(access=manager_access, name="csv", options=Options(), filters={})


def test_running_it_twice_writes_it_once(job: ExportJob) -> None:
    run_export(job.pk)
    before = now_of(job)
    run_export(job.pk)
    assert now_of(job).file == before.file
    assert now_of(job).attempt == 1


def test_a_cancel_stops_the_worker_and_leaves_no_file(
    job: ExportJob, manager_access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "CHUNK", 1)
    real = jobs.report

    def report_then_cancel(job: ExportJob, **told: object) -> None:
        real(job, **told)  # type: ignore[arg-type]
        if now_of(job).state == JobState.RUNNING:
            cancel_export(access=manager_access, job_id=job.pk)

    monkeypatch.setattr(jobs, "report", report_then_cancel)
    run_export(job.pk)
    stopped = now_of(job)
    assert (stopped.state, stopped.done, stopped.file) == (JobState.CANCELLED, 1, "")
    assert not default_storage.exists(f"exports/{job.project_id}")


def test_a_cancel_that_comes_with_the_last_row_leaves_no_file(
    job: ExportJob, manager_access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = FileSystemStorage.save

    def save_then_cancel(storage: FileSystemStorage, name: str, content: IO[bytes]) -> str:
        saved = real(storage, name, content)
        cancel_export(access=manager_access, job_id=job.pk)
        return saved

    monkeypatch.setattr(FileSystemStorage, "save", save_then_cancel)
    run_export(job.pk)
    assert now_of(job).state == JobState.CANCELLED
    assert default_storage.listdir(f"exports/{job.project_id}") == ([], [])


def test_a_dead_worker_s_export_is_written_from_the_start(
    job: ExportJob, nudged: list[int]
) -> None:
    jobs.claim(job)
    ExportJob.objects.update(heartbeat_at=timezone.now() - timedelta(hours=1), done=2)
    nudge_waiting()
    assert nudged[-1] == job.pk
    run_export(job.pk)
    done = now_of(job)
    assert (done.state, done.attempt, done.done) == (JobState.SUCCEEDED, 2, 3)


def test_what_breaks_is_told_without_a_path(
    job: ExportJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> str:
        raise OSError("/secret/folder is full")

    monkeypatch.setattr(FileSystemStorage, "save", fail)
    run_export(job.pk)
    failed = now_of(job)
    assert failed.state == JobState.FAILED
    assert failed.failure == BROKEN


def test_files_are_removed_after_a_week(job: ExportJob) -> None:
    run_export(job.pk)
    file = now_of(job).file
    assert remove_expired() == 0
    ExportJob.objects.update(finished_at=timezone.now() - timedelta(days=8))
    assert remove_expired() == 1
    assert not default_storage.exists(file)
    assert now_of(job).removed


def test_an_ended_one_cannot_be_cancelled(job: ExportJob, manager_access: Access) -> None:
    run_export(job.pk)
    with pytest.raises(Conflict, match="has ended already: succeeded"):
        cancel_export(access=manager_access, job_id=job.pk)
