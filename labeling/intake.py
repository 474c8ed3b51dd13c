"""Taking items in: each once, whatever file or call it comes by."""

import hashlib
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone

from accounts.models import User
from labeling import jobs
from labeling.access import Access
from labeling.errors import Conflict, Invalid
from labeling.events import record
from labeling.intake_check import TITLE_LIMIT
from labeling.intake_run import (
    UPLOADING,
    end,
    forget_file,
    nudge,
    open_stored,
    tell_followers,
    write_all,
)
from labeling.intake_write import lock_project
from labeling.models import ImportContent, ImportJob, ImportState, Item, JobState, Project
from labeling.readers import How, Problem, Row, VoteMaker, maker_of
from labeling.search import index_items
from labeling.statistics.text import text_hash, uniform_draw

KEY_LIMIT = 64
Follower = Callable[[ImportJob], None]
"""Notes, in the transaction of an import, what is to follow it."""


def add_items(
    *,
    project: Project,
    user: User | None,
    rows: Iterable[Row | Problem],
    source: str,
    key: str = "",
    fingerprint: str = "",
) -> ImportJob:
    """Add rows as items at once, and tell what became of each.

    A row whose external_id or text the project has already adds nothing. A row with a `label`
    counts as decided by whoever imports it; one without gets a task. A bad row is kept as a
    problem and does not stop the rest. Chunks are written whole or not at all, so the same rows
    can be sent again after any failure.

    Raises:
        Invalid: the rest cannot be read; what came before stays, and the job says why it ended.
    """
    job = ImportJob.objects.create(
        project=project,
        source=source[:200],
        created_by=user,
        state=JobState.RUNNING,
        attempt=1,
        started_at=timezone.now(),
        key=key,
        fingerprint=fingerprint,
    )
    try:
        write_all(job, rows)
    except Invalid as error:
        end(job, JobState.FAILED, error.message.replace("\x00", ""))
        raise
    end(job, JobState.SUCCEEDED)
    return job


@transaction.atomic
def add_items_once(
    *, access: Access, rows: Iterable[Row | Problem], key: str, fingerprint: str
) -> ImportJob:
    """Add the rows of a call; the same key again answers the same and changes nothing.

    Raises:
        Invalid: the key was sent before with other rows.
    """
    lock_project(access.project)
    earlier = earlier_import(access, key, fingerprint)
    return earlier or add_items(
        project=access.project,
        user=access.user,
        rows=rows,
        source="REST",
        key=key,
        fingerprint=fingerprint,
    )


def earlier_import(access: Access, key: str, fingerprint: str) -> ImportJob | None:
    """Return what a key of this caller was used for before.

    Raises:
        Invalid: with something else, or the key is too long.
    """
    if len(key) > KEY_LIMIT:
        raise Invalid(f"idempotency_key: it has more than {KEY_LIMIT} characters.")
    mine = access.project.imports.filter(created_by=access.user)
    earlier = mine.filter(key=key).first() if key else None
    if earlier is not None and earlier.fingerprint != fingerprint:
        raise Invalid("idempotency_key: it was used before with something else. Take a new one.")
    return earlier


def upload(
    *,
    project: Project,
    user: User | None,
    file: "File[Any]",
    name: str,
    how: How | None = None,
    add_labels: bool = False,
    mapping: Mapping[str, str] | None = None,
    then: Follower | None = None,
) -> ImportJob:
    """Store a file as an import that waits to be started; how to read it is found out and noted.

    Raises:
        Invalid: it is empty or cannot be read at all; nothing is kept.
    """
    with _stored(project, user, file, name) as job:
        job.stage, job.add_labels = "", add_labels
        describe(job, how or How(), mapping or {})
        if then:
            then(job)
    return job


def upload_once(
    *,
    access: Access,
    file: "File[Any]",
    name: str,
    how: How,
    add_labels: bool,
    mapping: Mapping[str, str],
    key: str,
    fingerprint: str,
    then: Follower | None = None,
) -> ImportJob:
    """Store a file and queue its import; the same key again answers the same and changes nothing.

    An import has its key from when it is queued, in the same moment: an upload that dies before
    that does not stand in the way of the next one, and of two at once one wins.

    Raises:
        Invalid: as `upload` says, or the key was sent before with something else.
    """
    earlier = earlier_import(access, key, fingerprint)
    if earlier is not None:
        return earlier
    try:
        with _stored(access.project, access.user, file, name) as job, transaction.atomic():
            job.stage, job.add_labels = "", add_labels
            job.key, job.fingerprint = key, fingerprint
            describe(job, how, mapping)
            if then:
                then(job)
            return start_import(job=job, user=access.user)
    except IntegrityError:
        earlier = earlier_import(access, key, fingerprint)
        if earlier is None:
            raise
        return earlier


@contextmanager
def _stored(
    project: Project, user: User | None, file: "File[Any]", name: str
) -> Iterator[ImportJob]:
    """Store a file under a row that nobody sees yet; where the block fails, nothing is kept.

    The row is there before the file, so that a file whose upload dies is found and removed.
    """
    job = ImportJob.objects.create(
        project=project,
        created_by=user,
        source=name[-200:] or "file",
        stage=UPLOADING,
        stored=f"imports/{project.pk}/{uuid.uuid4().hex}",
    )
    try:
        job.stored = default_storage.save(job.stored, file)
        job.size = default_storage.size(job.stored)
        yield job
    except Exception:
        default_storage.delete(job.stored)
        ImportJob.objects.filter(pk=job.pk).delete()
        raise


def describe(job: ImportJob, how: How, mapping: Mapping[str, str]) -> None:
    """Note on a draft how its file is to be read and what its columns become.

    Raises:
        Invalid: it cannot be read so, or a field is filled twice.
    """
    job.format, job.encoding, job.delimiter = how.format, how.encoding, how.delimiter
    job.annotator = how.annotator
    content = open_stored(job)
    job.format, job.encoding = content.how.format, content.how.encoding
    job.delimiter, job.annotator = content.how.delimiter, content.how.annotator
    maker = maker_of(content.columns, mapping)
    job.content = ImportContent.VOTES if isinstance(maker, VoteMaker) else ImportContent.ITEMS
    chosen = maker.chosen
    job.mapping = {column: str(target) for column, target in chosen.items()}
    job.total = content.total
    job.save()


@transaction.atomic
def start_import(*, job: ImportJob, user: User | None, wait_for_worker: bool = True) -> ImportJob:
    """Queue an import that was uploaded.

    Raises:
        Conflict: it was started already.
    """
    drafts = ImportJob.objects.filter(pk=job.pk, state=ImportState.DRAFT)
    if not drafts.update(state=JobState.QUEUED):
        raise Conflict("This import was started already.")
    job.refresh_from_db()
    record(
        project=job.project,
        actor=user,
        verb="started",
        subject=job,
        before=ImportState.DRAFT,
        after=JobState.QUEUED,
        reason=job.source,
    )
    if wait_for_worker:
        # Without a broker the row still waits, and the schedule nudges again.
        transaction.on_commit(lambda: nudge(job), robust=True)
    return job


@transaction.atomic
def cancel_import(*, access: Access, job_id: int) -> ImportJob:
    """End an import that has not ended; what came in so far stays. A draft is removed.

    Raises:
        Http404: the project has no such import.
        Conflict: it has ended already.
    """
    job = access.project.imports.filter(pk=job_id).first()
    if job is None:
        raise Http404("There is no such import in this project.")
    if job.draft:
        ImportJob.objects.filter(pk=job.pk).update(state=JobState.QUEUED)
    jobs.call_off(job, access.project, access.user, named="This import")
    forget_file(job)
    tell_followers(job)
    return job


def ensure_item(*, project: Project, external_id: str, title: str, body: str) -> Item:
    """Return the project's item with this id or text, making it, without a task, if need be."""
    digest = text_hash(title, body)
    with transaction.atomic():
        lock_project(project)
        stored = Item.with_deleted.filter(project=project)
        known = stored.filter(external_id=external_id).first() if external_id else None
        known = known or stored.filter(text_hash=digest).first()
        if known is not None:
            return known
        item = Item.objects.create(
            project=project,
            external_id=external_id or digest,
            title=title.strip() or body.strip()[:TITLE_LIMIT],
            body=body,
            text_hash=digest,
            draw=uniform_draw(digest),
        )
        index_items([item.pk])
        return item


def fingerprint_of(*parts: bytes) -> str:
    """Return the hash by which a repeated call is known."""
    return hashlib.sha256(b"\0".join(parts)).hexdigest()
