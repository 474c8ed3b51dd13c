"""An import as a job: preview, progress, cancel, going on after an end, and what it tells."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from labeling import intake, intake_run, jobs
from labeling.access import Access
from labeling.errors import Conflict, Invalid
from labeling.intake import (
    add_items,
    add_items_once,
    cancel_import,
    start_import,
    upload,
    upload_once,
)
from labeling.intake_run import nudge_waiting, run_import
from labeling.models import Deletion, ImportJob, Item, JobState, Label, Project
from labeling.readers import How, Row
from tests.labeling.pages.browse import at, text_of

ClientFor = Callable[[User], Client]
CONTENT = b"id,title\n" + b"".join(b"%d,Item %d\n" % (n, n) for n in range(50)) + b"51,\n"


@pytest.fixture
def draft(project: Project, manager: User) -> ImportJob:
    """An import of 50 good rows and a bad one that nobody has started."""
    return upload(project=project, user=manager, file=File(BytesIO(CONTENT)), name="a.csv")


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of ten rows."""
    monkeypatch.setattr(intake_run, "CHUNK_ROWS", 10)


def die(*_: object) -> None:
    """End a process where it stands."""
    raise KeyboardInterrupt


def counts(job: ImportJob) -> tuple[str, int, int, int, int]:
    """Return a job's state and counts as the database has them."""
    job.refresh_from_db()
    return str(job.state), job.cursor, job.added, job.duplicates, job.refused


def test_a_draft_writes_nothing_and_shows_what_would_come(
    draft: ImportJob, manager: User, client_for: ClientFor
) -> None:
    page = text_of(client_for(manager).get(at("import", draft.pk)))
    assert "Read as CSV in UTF-8. Nothing is added yet." in page
    assert "Item 19" in page
    assert "Item 20" not in page
    assert "1 of the first 51 rows." in page
    assert counts(draft) == ("draft", 0, 0, 0, 0)
    assert not Item.objects.exists()
    assert not draft.problems.exists()


def test_a_changed_mapping_is_previewed(
    draft: ImportJob, manager: User, client_for: ClientFor
) -> None:
    client = client_for(manager)
    fields = {"column-0": "leave_out", "column-1": "title", "act": "preview", "format": "csv"}
    client.post(at("import-start", draft.pk), fields | {"encoding": "utf-8"})
    draft.refresh_from_db()
    assert (draft.state, draft.mapping) == ("draft", {"id": "leave_out", "title": "title"})
    both = fields | {"column-0": "title", "encoding": "utf-8"}
    response = client.post(at("import-start", draft.pk), both)
    assert response.status_code == 422
    assert "two columns stand for title" in text_of(response)


@pytest.mark.usefixtures("small_chunks")
def test_goes_on_behind_the_last_chunk_that_was_written(
    draft: ImportJob, manager: User, django_capture_on_commit_callbacks: Any
) -> None:
    start_import(job=draft, user=manager)

    def die(job: ImportJob) -> None:
        if job.cursor == 30:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_import(draft.pk, die)
    assert counts(draft) == ("running", 30, 30, 0, 0)
    file = draft.stored
    ImportJob.objects.update(heartbeat_at=timezone.now() - timedelta(hours=1))
    [waiting] = jobs.recover(ImportJob)
    with django_capture_on_commit_callbacks(execute=True):
        run_import(waiting.pk)
    assert counts(draft) == ("succeeded", 51, 50, 0, 1)
    assert Item.objects.count() == draft.project.tasks.count() == 50
    assert (draft.stored, default_storage.exists(file)) == ("", False)


@pytest.mark.usefixtures("small_chunks")
def test_is_cancelled_between_chunks(draft: ImportJob, manager_access: Access) -> None:
    start_import(job=draft, user=None)

    def stop(job: ImportJob) -> None:
        if job.cursor == 20:
            cancel_import(access=manager_access, job_id=job.pk)

    run_import(draft.pk, stop)
    assert counts(draft) == ("cancelled", 20, 20, 0, 0)
    assert Item.objects.count() == 20
    with pytest.raises(Conflict, match="ended already: cancelled"):
        cancel_import(access=manager_access, job_id=draft.pk)


def test_starts_once(draft: ImportJob) -> None:
    start_import(job=draft, user=None)
    with pytest.raises(Conflict, match="started already"):
        start_import(job=draft, user=None)
    run_import(draft.pk)
    run_import(draft.pk)
    assert counts(draft) == ("succeeded", 51, 50, 0, 1)


@pytest.mark.django_db(transaction=True)
def test_what_nobody_started_is_cleared_away(draft: ImportJob) -> None:
    nudge_waiting()
    assert default_storage.exists(draft.stored)
    ImportJob.objects.update(created_at=timezone.now() - timedelta(days=2))
    nudge_waiting()
    assert not ImportJob.objects.exists()
    assert not default_storage.exists(draft.stored)


@pytest.mark.django_db(transaction=True)
def test_an_upload_that_died_stands_in_nobodys_way_and_is_cleared_away(
    manager_access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    def send() -> ImportJob:
        return upload_once(
            access=manager_access,
            file=File(BytesIO(CONTENT)),
            name="a.csv",
            how=How(),
            add_labels=False,
            mapping={},
            key="k",
            fingerprint="x",
        )

    with monkeypatch.context() as patched:
        patched.setattr(intake, "describe", die)
        with pytest.raises(KeyboardInterrupt):
            send()
    dead = ImportJob.objects.get()
    assert default_storage.exists(dead.stored)
    job = send()
    assert send() == job != dead
    ImportJob.objects.filter(pk=dead.pk).update(created_at=timezone.now() - timedelta(hours=2))
    nudge_waiting()
    assert ImportJob.objects.get() == job
    assert (default_storage.exists(dead.stored), default_storage.exists(job.stored)) == (
        False,
        True,
    )


@pytest.mark.django_db(transaction=True)
def test_a_file_that_outlived_its_import_is_removed(draft: ImportJob) -> None:
    ended = timezone.now() - timedelta(minutes=2)
    ImportJob.objects.update(state=JobState.SUCCEEDED, finished_at=ended)
    nudge_waiting()
    assert not default_storage.exists(draft.stored)
    assert ImportJob.objects.get().stored == ""


def test_a_call_that_died_is_closed(project: Project) -> None:
    job = ImportJob.objects.create(project=project, state=JobState.RUNNING, attempt=1)
    ImportJob.objects.update(created_at=timezone.now() - timedelta(hours=2))
    nudge_waiting()
    assert counts(job)[0] == "failed"


def test_duplicates_name_what_they_equal(project: Project, manager: User) -> None:
    first = add_items(
        project=project, user=manager, source="a", rows=[Row(1, "A", external_id="1"), Row(2, "B")]
    )
    known, gone = Item.objects.order_by("pk")
    gone.deletion = Deletion.objects.create(project=project)
    gone.save()
    rows = [
        Row(1, "other", external_id="1"), Row(2, "a"), Row(3, "b"),
        Row(4, "C", external_id="c"), Row(5, "D", external_id="c"),
    ]  # fmt: skip
    job = add_items(project=project, user=manager, source="b", rows=rows)
    assert first.added == 2
    assert (job.added, job.same_id, job.same_text, job.deleted) == (1, 2, 1, 1)
    new = Item.objects.get(external_id="c")
    assert {kind: [(e["row"], e["item"]) for e in kept] for kind, kept in job.examples.items()} == {
        "same_id": [(1, known.pk), (5, new.pk)],
        "same_text": [(2, known.pk)],
        "deleted": [(3, gone.pk)],
    }


def test_the_page_costs_the_same_at_any_size(
    project: Project,
    manager: User,
    client_for: ClientFor,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    client = client_for(manager)
    for size in (1, 200):
        job = add_items(
            project=project, user=manager, source="a", rows=[Row(n, "") for n in range(size)]
        )
        for name in ("import", "import-live"):
            with django_assert_max_num_queries(8):
                client.get(at(name, job.pk))


def test_refused_rows_as_csv_hold_no_formula(
    project: Project, manager: User, client_for: ClientFor
) -> None:
    row = Row(7, "A", label="=cmd|x")
    job = add_items(project=project, user=manager, source="a", rows=[row])
    job.problems.update(reason="=cmd|x", fix="-1")
    response: Any = client_for(manager).get(at("import-problems", job.pk))
    content = b"".join(response.streaming_content).decode()
    assert content == "row,field,reason,fix\r\n7,label,'=cmd|x,'-1\r\n"


class TestKey:
    def test_the_same_again_changes_nothing(self, manager_access: Access) -> None:
        def call(mark: str) -> ImportJob:
            return add_items_once(
                access=manager_access, rows=[Row(1, "A")], key="k", fingerprint=mark
            )

        assert call("x") == call("x")
        assert call("x").added == 1
        with pytest.raises(Invalid, match="used before with something else"):
            call("y")
        assert ImportJob.objects.count() == 1

    def test_is_of_one_person(
        self, project: Project, manager_access: Access, reviewer: User
    ) -> None:
        other = Access(project, reviewer, manager_access.role)
        rows = [Row(1, "A")]
        first = add_items_once(access=manager_access, rows=rows, key="k", fingerprint="x")
        second = add_items_once(access=other, rows=rows, key="k", fingerprint="y")
        assert (first.added, second.duplicates) == (1, 1)


def test_labels_that_are_added_are_told(project: Project, manager: User) -> None:
    content = b"title,label\nA,new\n"
    job = upload(
        project=project, user=manager, file=File(BytesIO(content)), name="a.csv", add_labels=True
    )
    run_import(start_import(job=job, user=manager).pk)
    made = Label.objects.get(name="new")
    assert project.events.filter(verb="added", subject_type="label", subject_id=made.pk).exists()
