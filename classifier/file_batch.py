"""Tagging a file: it is imported, and a batch over what it brought follows by itself."""

from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from classifier.batch import NO_MODEL, Choice, nudge, untagged
from classifier.deploy import champion_of
from classifier.models import BatchJob, BatchState, ModelVersion, Prediction, Source
from labeling.access import Access
from labeling.errors import Conflict
from labeling.events import record
from labeling.models import ImportJob, ImportState
from labeling.models.job import ACTIVE


def following(
    access: Access, *, labeled: bool = False, only_new: bool = False
) -> Callable[[ImportJob], None]:
    """Return what notes, in the transaction of an import, that a batch over its items is owed.

    The row waits for the end of the import, whichever process sees that. Which model tags is
    decided then.

    Raises:
        Conflict: there is no champion.
    """
    champion = champion_of(access.project)
    if champion is None:
        raise Conflict(NO_MODEL)

    def owe(job: ImportJob) -> None:
        BatchJob.objects.create(
            project=access.project,
            model_version=champion,
            state=BatchState.WAITING,
            import_job=job,
            filters={"source": str(job.pk)},
            labeled=labeled,
            only_new=only_new,
            created_by=access.user,
        )

    return owe


def follow(job: ImportJob) -> None:
    """Start or end the batch that waits for an import which has ended, if there is one."""
    for waiting in _waiting().filter(import_job=job):
        _go_on(waiting)


def start_owed() -> None:
    """Start or end the batches whose imports have ended: also those that a kill left waiting."""
    for waiting in _waiting().exclude(import_job__state__in=[ImportState.DRAFT, *ACTIVE]):
        _go_on(waiting)


def _waiting() -> QuerySet[BatchJob]:
    rows = BatchJob.objects.filter(state=BatchState.WAITING).order_by("pk")
    return rows.select_related("import_job", "project", "created_by")


def _go_on(job: BatchJob) -> None:
    source = job.import_job
    champion = champion_of(job.project)
    if source is None or source.state != ImportState.SUCCEEDED:
        _end(job, BatchState.CANCELLED, "The file did not come in to its end: nothing was tagged.")
    elif champion is None:
        _end(job, BatchState.FAILED, NO_MODEL)
    else:
        _start(job, champion, source)


def _start(job: BatchJob, champion: ModelVersion, source: ImportJob) -> None:
    choice = Choice(job.filters, job.labeled, job.only_new)
    total = untagged(job.project, champion, choice).order_by().count()
    if not total:
        _end_without_work(job, champion, source)
        return
    try:
        _queue(job, champion, total)
    except IntegrityError:
        # Another batch of the project is at work; this one is asked for again after it.
        return


def _end_without_work(job: BatchJob, champion: ModelVersion, source: ImportJob) -> None:
    """End a batch that has nothing left: another one may have tagged all that the file brought."""
    tags = Prediction.objects.filter(item__import_job=source, source=Source.BATCH)
    if tagged := tags.filter(model_version=champion).count():
        _end(job, BatchState.SUCCEEDED, done=tagged, total=tagged)
        return
    came = f"{source.added} new, {source.duplicates} known already, {source.refused} refused"
    _end(job, BatchState.FAILED, f"The file has no item left to tag: {came}.")


@transaction.atomic
def _queue(job: BatchJob, champion: ModelVersion, total: int) -> None:
    waiting = BatchJob.objects.filter(pk=job.pk, state=BatchState.WAITING)
    if not waiting.update(state=BatchState.QUEUED, model_version=champion, total=total):
        return
    record(
        project=job.project,
        actor=job.created_by,
        verb="started",
        subject=job,
        before=BatchState.WAITING,
        after=BatchState.QUEUED,
        reason=f"{total} items by model {champion.number}",
    )
    transaction.on_commit(lambda: nudge(job), robust=True)


@transaction.atomic
def _end(job: BatchJob, state: BatchState, failure: str = "", **counts: int) -> None:
    waiting = BatchJob.objects.filter(pk=job.pk, state=BatchState.WAITING)
    if waiting.update(state=state, failure=failure, finished_at=timezone.now(), **counts):
        record(
            project=job.project,
            actor=None,
            verb="finished",
            subject=job,
            before=BatchState.WAITING,
            after=state,
            reason=failure,
        )
