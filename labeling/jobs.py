"""Claiming, reporting on and recovering long-running work. The job's row is the truth."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat
from django.utils import timezone

from accounts.models import User
from labeling.errors import Conflict, DomainError
from labeling.events import record
from labeling.models import Job, JobState, Project

J = TypeVar("J", bound=Job)
MAX_ATTEMPTS = 3
BROKEN = "Something broke that should not. An operator finds the details in the worker's log."
log = logging.getLogger(__name__)


class JobLost(Exception):
    """The job was cancelled or taken over: stop at once and write nothing more."""


def claim(job: J) -> bool:
    """Take a queued job for this worker; False where it is no longer queued."""
    now = timezone.now()
    won = _rows(job, state=JobState.QUEUED).update(
        state=JobState.RUNNING,
        attempt=F("attempt") + 1,
        started_at=now,
        heartbeat_at=now,
        failure="",
    )
    job.refresh_from_db()
    return bool(won)


def _reason_of(error: Exception) -> str:
    return error.message if isinstance(error, DomainError) else BROKEN


@contextmanager
def working(
    job: J, project: Project, reason_of: Callable[[Exception], str] = _reason_of
) -> Iterator[None]:
    """Do the work of a job that this worker has claimed, alive for all to see.

    An error ends the job as failed, for the reason that `reason_of` gives; where the claim is lost
    the block just ends. What succeeds is for the block to say, with what it writes last.
    """
    with heartbeat(job):
        try:
            yield
        except JobLost:
            log.info("%s stopped in attempt %d", job, job.attempt)
        except Exception as error:
            log.exception("%s failed", job)
            end(job, project, state=JobState.FAILED, failure=reason_of(error))


def report(job: J, *, stage: str, done: int, total: int, line: str = "") -> None:
    """Write progress (done of total steps) and a log line.

    Raises:
        JobLost: this worker's claim is over.
    """
    stamp = timezone.now()
    text = f"{stamp:%H:%M:%S} {line}\n" if line else ""
    won = _claimed(job).update(
        stage=stage,
        done=done,
        total=total,
        heartbeat_at=stamp,
        log=Concat(F("log"), Value(text)),
    )
    if not won:
        raise JobLost(f"{job} is no longer this worker's")


def check(job: J) -> None:
    """Raise JobLost where this worker's claim is over. Call it inside the last transaction."""
    if not _claimed(job).select_for_update().exists():
        raise JobLost(f"{job} is no longer this worker's")


def finish(job: J, *, state: JobState, failure: str = "") -> bool:
    """End a job that this worker holds; False where the claim is over."""
    now = timezone.now()
    return bool(_claimed(job).update(state=state, failure=failure, finished_at=now))


@transaction.atomic
def end(job: J, project: Project, *, state: JobState, failure: str = "") -> bool:
    """End a job that this worker holds, with its event; False where the claim is over."""
    ended = finish(job, state=state, failure=failure)
    if ended:
        record(
            project=project,
            actor=None,
            verb="finished",
            subject=job,
            before=JobState.RUNNING,
            after=state,
            reason=failure,
        )
    return ended


def cancel(job: J) -> bool:
    """End a job that has not ended; its worker stops at its next report."""
    return bool(
        _rows(job, state__in=[JobState.QUEUED, JobState.RUNNING]).update(
            state=JobState.CANCELLED, finished_at=timezone.now()
        )
    )


@transaction.atomic
def call_off(job: J, project: Project, user: User, *, named: str, reason: str = "") -> None:
    """End a job that has not ended, with its event.

    Raises:
        Conflict: it has ended already; the message calls it by the name that is given.
    """
    before = job.state
    called_off = cancel(job)
    job.refresh_from_db()
    if not called_off:
        raise Conflict(f"{named} has ended already: {JobState(job.state).label}.")
    record(
        project=project,
        actor=user,
        verb="cancelled",
        subject=job,
        before=before,
        after=job.state,
        reason=reason,
    )


def recover(kind: type[J]) -> list[J]:
    """Requeue or fail the jobs whose worker has fallen silent; return all that wait for one.

    A job whose message was lost is among the returned: whoever calls nudges a worker again.
    """
    silent = timezone.now() - timedelta(seconds=settings.JOB_STALLED_SECONDS)
    rows = kind._default_manager
    for job in rows.filter(state=JobState.RUNNING, heartbeat_at__lt=silent):
        log.warning("the worker of %s fell silent in attempt %d", job, job.attempt)
        _requeue_or_fail(job)
    return list(rows.filter(state=JobState.QUEUED))


@contextmanager
def heartbeat(job: J) -> Iterator[None]:
    """Keep telling that the worker is alive while the block runs, from a thread."""
    stop = threading.Event()
    thread = threading.Thread(target=_beat, args=(job, stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _beat(job: Job, stop: threading.Event) -> None:
    try:
        while not stop.wait(settings.JOB_HEARTBEAT_SECONDS):
            close_old_connections()
            try:
                _claimed(job).update(heartbeat_at=timezone.now())
            except DatabaseError:
                log.warning("a heartbeat of %s was lost", job, exc_info=True)
    finally:
        connection.close()


def _requeue_or_fail(job: J) -> None:
    line = f"the worker fell silent during '{job.stage or 'start'}'"
    said = {"log": Concat(F("log"), Value(f"{timezone.now():%H:%M:%S} {line}\n"))}
    if job.attempt < MAX_ATTEMPTS:
        _claimed(job).update(state=JobState.QUEUED, finished_at=None, failure="", **said)
        return
    _give_up(job, f"Given up after {job.attempt} attempts: {line}.", said)


@transaction.atomic
def _give_up(job: J, failure: str, said: dict[str, Concat]) -> None:
    project = getattr(job, "project", None)
    ended = _claimed(job).update(
        state=JobState.FAILED, finished_at=timezone.now(), failure=failure, **said
    )
    if ended and project is not None:
        record(
            project=project,
            actor=None,
            verb="finished",
            subject=job,
            before=JobState.RUNNING,
            after=JobState.FAILED,
            reason=failure,
        )


def _rows(job: J, **condition: object):  # type: ignore[no-untyped-def]
    return type(job)._default_manager.filter(pk=job.pk, **condition)


def _claimed(job: J):  # type: ignore[no-untyped-def]
    return _rows(job, state=JobState.RUNNING, attempt=job.attempt)
