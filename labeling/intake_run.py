"""Running an import: from a stored file to items, chunk by chunk, and on again after any end."""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from functools import partial
from itertools import islice
from typing import BinaryIO, cast

import structlog
from celery import signature
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from labeling import jobs
from labeling.consensus_job import settle_unsettled
from labeling.errors import Invalid
from labeling.events import record
from labeling.intake_check import check, check_vote
from labeling.intake_long import write_votes
from labeling.intake_write import Chunk, hold, write_chunk
from labeling.models import ImportContent, ImportJob, ImportState, JobState
from labeling.models.job import ACTIVE
from labeling.readers import Content, How, Problem, Row, maker_of, open_content

CHUNK_ROWS, CHUNK_VOTES = 4000, 50_000
CHUNK_CHARACTERS = 4_000_000
DRAFTS_KEPT = timedelta(days=1)
CALLS_KEPT = timedelta(hours=1)
FILES_GO = timedelta(minutes=1)
UPLOADING = "uploading"
log = structlog.get_logger(__name__)
Told = Callable[[ImportJob], None]
followers: list[Told] = []


def register(follower: Told) -> None:
    """Let an app above go on where the import of a file has ended, however it did."""
    if follower not in followers:
        followers.append(follower)


def run_import(job_id: int, told: Told | None = None) -> None:
    """Do the work of an import if it waits for a worker; its row tells how that went.

    An import that was taken up again goes on behind the last chunk that was written.
    """
    job = ImportJob.objects.select_related("project", "created_by").filter(pk=job_id).first()
    if job is None or not jobs.claim(job):
        return
    with jobs.heartbeat(job):
        try:
            _read_all(job, told)
            _settle(job)
        except jobs.JobLost:
            log.info("import stopped", job=job.pk, attempt=job.attempt)
        except Invalid as error:
            end(job, JobState.FAILED, error.message.replace("\x00", ""))
        except Exception:
            log.exception("import failed", job=job.pk)
            end(job, JobState.FAILED, jobs.BROKEN)
        else:
            end(job, JobState.SUCCEEDED)


def write_all(job: ImportJob, rows: Iterable[Row | Problem], told: Told | None = None) -> None:
    """Write rows as items of a job that this process holds.

    Raises:
        JobLost: the job was cancelled or taken over.
        Invalid: the rest cannot be read; what came before stays.
    """
    for chunk in _chunks(job, iter(rows), lambda: job.done):
        write_chunk(job, chunk)
        if told:
            told(job)


@transaction.atomic
def end(job: ImportJob, state: JobState, failure: str = "") -> bool:
    """End an import that this process holds, with its event; False where the claim is over."""
    if not jobs.finish(job, state=state, failure=failure):
        return False
    outcome = f"{job.added} added, {job.duplicates} known already, {job.refused} refused"
    record(
        project=job.project,
        actor=job.created_by,
        verb="imported",
        subject=job,
        after=outcome,
        reason=failure or job.source,
    )
    job.refresh_from_db()
    forget_file(job)
    tell_followers(job)
    return True


def forget_file(job: ImportJob) -> None:
    """Remove the file of an import once the transaction is through."""
    if job.stored:
        transaction.on_commit(lambda: _remove_file(job))


def tell_followers(job: ImportJob) -> None:
    """Tell the apps above, once the transaction is through, that the import of a file ended."""
    if job.stored:
        for follower in followers:
            transaction.on_commit(partial(follower, job), robust=True)


def open_stored(job: ImportJob) -> Content:
    """Open the file of an import as its row says.

    Raises:
        Invalid: it is gone, or cannot be read so.
    """
    try:
        if not job.stored:
            raise FileNotFoundError
        file = default_storage.open(job.stored, "rb")
    except FileNotFoundError as error:
        raise Invalid("file: it is no longer stored. Send it again.") from error
    raw = cast("BinaryIO", file.file)
    raw.seek(0)
    how = How(job.format, job.encoding, job.delimiter, job.annotator)
    return open_content(raw, name=job.source, size=job.size, how=how)


def nudge_waiting() -> None:
    """Requeue or fail the imports whose worker died, and tell workers of all that wait.

    Uploads that nobody started within a day are removed, calls that never came to their end are
    closed, and files that a process died too early to remove go.
    """
    for job in jobs.recover(ImportJob):
        nudge(job)
    now = timezone.now()
    drafts = ImportJob.objects.filter(state=ImportState.DRAFT)
    half = Q(stage=UPLOADING, created_at__lt=now - CALLS_KEPT)
    for job in drafts.filter(half | Q(created_at__lt=now - DRAFTS_KEPT)):
        _remove_draft(job)
    calls = ImportJob.objects.filter(state=JobState.RUNNING, heartbeat_at=None)
    calls.filter(created_at__lt=now - CALLS_KEPT).update(
        state=JobState.FAILED, failure="The call ended before its rows did.", finished_at=now
    )
    ended = ImportJob.objects.exclude(state__in=[ImportState.DRAFT, *ACTIVE]).exclude(stored="")
    for job in ended.filter(finished_at__lt=now - FILES_GO):
        _remove_file(job)


def nudge(job: ImportJob) -> None:
    """Tell a worker that an import waits."""
    signature("labeling.tasks.run_import", args=(job.pk,)).apply_async()


def _remove_draft(job: ImportJob) -> None:
    # Ended first: somebody may start it at this very moment, and a half removed one is found again.
    drafts = ImportJob.objects.filter(pk=job.pk, state=ImportState.DRAFT)
    if drafts.update(state=JobState.CANCELLED, finished_at=timezone.now()):
        _remove_file(job)
        ImportJob.objects.filter(pk=job.pk).delete()


def _remove_file(job: ImportJob) -> None:
    default_storage.delete(job.stored)
    ImportJob.objects.filter(pk=job.pk).update(stored="")


def _read_all(job: ImportJob, told: Told | None) -> None:
    content = open_stored(job)
    maker = maker_of(content.columns, job.mapping)
    job.total, job.stage = content.total, "reading"
    ImportJob.objects.filter(pk=job.pk).update(total=job.total, stage=job.stage)
    records = islice(content.records, job.cursor, None)
    rows = (found if isinstance(found, Problem) else maker(found) for found in records)
    write = write_votes if job.content == ImportContent.VOTES else write_chunk
    for chunk in _chunks(job, rows, content.done):
        write(job, chunk)
        if told:
            told(job)


def _settle(job: ImportJob) -> None:
    """Settle the items that votes came in for, all at once; those of lost imports too."""
    ImportJob.objects.filter(pk=job.pk).update(stage="counting votes")
    settle_unsettled(job.project, f"Votes of import {job.pk}.", lambda: hold(job))


def _chunks(
    job: ImportJob, rows: Iterator[Row | Problem], done: Callable[[], int]
) -> Iterator[Chunk]:
    """Cut rows into chunks that are bounded in rows and in text. What cannot be read ends them."""
    labels = dict.fromkeys(job.project.labels.values_list("name", flat=True))
    votes = job.content == ImportContent.VOTES
    fault, most = (check_vote, CHUNK_VOTES) if votes else (check, CHUNK_ROWS)
    cursor = job.cursor
    failure: Invalid | None = None
    while failure is None:
        chunk, characters = Chunk(), 0
        try:
            for row in rows:
                cursor += 1
                found = (
                    row
                    if isinstance(row, Problem)
                    else fault(row, labels, add_labels=job.add_labels)
                )
                if found is None:
                    chunk.rows.append(row)  # type: ignore[arg-type]
                    characters += len(row.title) + len(row.body) + len(str(row.metadata))  # type: ignore[union-attr]
                else:
                    chunk.problems.append(found)
                if len(chunk.rows) + len(chunk.problems) >= most or characters > CHUNK_CHARACTERS:
                    break
            else:
                failure = Invalid("")
        except Invalid as error:
            failure = error
        chunk.cursor, chunk.done = cursor, done()
        if chunk.rows or chunk.problems:
            yield chunk
    if failure.message:
        raise failure
