"""Exports that a worker writes: queued, watched, cancelled, fetched, removed after a week."""

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import IO

from celery import signature
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone

from labeling import jobs
from labeling.access import Access
from labeling.errors import Conflict
from labeling.events import record
from labeling.export.download import check, context_of, describe, items_of
from labeling.export.formats import FORMATS
from labeling.export.rows import ExportRow, Options, rows_of
from labeling.models import ExportJob, JobState

KEPT_DAYS = 7


def start_export(
    *, access: Access, name: str, options: Options, filters: Mapping[str, str]
) -> ExportJob:
    """Queue an export for a worker.

    Raises:
        NotAllowed, Invalid: as `labeling.export.download.check` says.
        Conflict: another export of the project has not ended.
    """
    check(access, name, options)
    try:
        return _queue(access, name, options, filters)
    except IntegrityError as error:
        raise Conflict("An export is queued or running: wait for it, or cancel it.") from error


def run_export(job_id: int) -> None:
    """Write the file of an export if it waits for a worker; its row tells how that went.

    One that was interrupted is written from the start: a part of a file is of no use.
    """
    job = ExportJob.objects.select_related("project").filter(pk=job_id).first()
    if job is None or not jobs.claim(job):
        return
    with jobs.working(job, job.project):
        _write(job)


@transaction.atomic
def cancel_export(*, access: Access, job_id: int) -> ExportJob:
    """End an export that has not ended; no file is left.

    Raises:
        Http404: the project has no such export.
        Conflict: it has ended already.
    """
    job = access.project.exports.filter(pk=job_id).first()
    if job is None:
        raise Http404("There is no such export in this project.")
    jobs.call_off(job, access.project, access.user, named=f"Export {job.pk}")
    return job


def remove_expired() -> int:
    """Remove the files of exports that ended a week ago; return how many."""
    old = timezone.now() - timedelta(days=KEPT_DAYS)
    expired = list(ExportJob.objects.exclude(file="").filter(finished_at__lt=old))
    for job in expired:
        default_storage.delete(job.file)
        ExportJob.objects.filter(pk=job.pk).update(file="")
    return len(expired)


def nudge_waiting() -> None:
    """Requeue or fail the exports whose worker died, and tell workers of all that wait."""
    for job in jobs.recover(ExportJob):
        nudge(job)


def nudge(job: ExportJob) -> None:
    """Tell a worker that an export waits."""
    signature("labeling.tasks.run_export", args=(job.pk,)).apply_async()


@transaction.atomic
def _queue(access: Access, name: str, options: Options, filters: Mapping[str, str]) -> ExportJob:
    job = ExportJob.objects.create(
        project=access.project,
        format=name,
        evidence=options.evidence,
        pseudonyms=options.pseudonyms,
        filters=dict(filters),
        total=items_of(access.project, filters).count(),
        created_by=access.user,
    )
    record(
        project=access.project,
        actor=access.user,
        verb="started",
        subject=job,
        after=JobState.QUEUED,
        reason=f"{name}: {describe(options, filters)}",
    )
    # Without a broker the row still waits, and the schedule nudges again.
    transaction.on_commit(lambda: nudge(job), robust=True)
    return job


def _write(job: ExportJob) -> None:
    with tempfile.TemporaryFile() as file:
        digest = _write_to(file, job)
        size = file.tell()
        file.seek(0)
        name = f"exports/{job.project_id}/{job.pk}-{job.attempt}.{FORMATS[job.format].extension}"
        saved = default_storage.save(name, File(file))
    if not _end(job, saved, size, digest):
        default_storage.delete(saved)


def _write_to(file: IO[bytes], job: ExportJob) -> str:
    """Write the export; return its SHA-256 (hex)."""
    options = Options(evidence=job.evidence, pseudonyms=job.pseudonyms)
    rows = _counted(job, rows_of(job.project, items_of(job.project, job.filters), options))
    context = context_of(job.project, options, job.filters)
    digest = hashlib.sha256()
    for piece in FORMATS[job.format].write(rows, context):
        file.write(piece)
        digest.update(piece)
    return digest.hexdigest()


def _counted(job: ExportJob, chunks: Iterator[list[ExportRow]]) -> Iterator[list[ExportRow]]:
    """Pass the chunks on, telling how many rows have been written; stop where the job is over."""
    done = 0
    for chunk in chunks:
        yield chunk
        done += len(chunk)
        jobs.report(job, stage="writing", done=done, total=max(job.total, done))
    job.done = done


@transaction.atomic
def _end(job: ExportJob, saved: str, size: int, digest: str) -> bool:
    ended = jobs.end(job, job.project, state=JobState.SUCCEEDED)
    if ended:
        ExportJob.objects.filter(pk=job.pk).update(
            file=saved, size=size, sha256=digest, total=job.done
        )
    return ended
