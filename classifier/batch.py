"""Tagging what has no label yet, in chunks, by the model that is champion at the start."""

from collections.abc import Sequence

import structlog
from celery import signature
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404

from classifier.deploy import threshold_of
from classifier.models import BatchJob, ModelVersion, Prediction, Source, Stage
from classifier.recipes.artifact import ArtifactError
from classifier.scoring import Score, Scorer, open_scorer, route_of
from labeling import jobs
from labeling.access import Access
from labeling.errors import Conflict
from labeling.events import record
from labeling.models import Item, JobState, Project, Split
from labeling.ordering import note_confidence, suggestions_changed

CHUNK = 200
BROKEN = "Something broke that should not. An operator finds the details in the worker's log."
log = structlog.get_logger(__name__)


def untagged(project: Project, model: ModelVersion) -> QuerySet[Item]:
    """Return the items that nobody has decided on and this model has not tagged in a batch."""
    tagged = Prediction.objects.filter(
        item=OuterRef("pk"), model_version=model, source=Source.BATCH
    )
    undecided = project.items.filter(split=Split.POOL, resolution=None, adjudications=None)
    return undecided.filter(~Exists(tagged))


def start_batch(*, access: Access) -> BatchJob:
    """Queue the tagging of the project's unlabeled items by its champion.

    Raises:
        Conflict: there is no champion, nothing to tag, or a batch that has not ended.
    """
    project = access.project
    champion = project.model_versions.filter(stage=Stage.CHAMPION).first()
    if champion is None:
        raise Conflict("There is no model in service: approve one on the Models page first.")
    total = untagged(project, champion).count()
    if not total:
        raise Conflict(f"Model {champion.number} has tagged every unlabeled item already.")
    try:
        return _queue(access, champion, total)
    except IntegrityError as error:
        raise Conflict("A batch is queued or running: wait for it, or cancel it first.") from error


def run_batch(batch_id: int) -> None:
    """Do the work of a batch if it waits for a worker; its row tells how that went.

    A batch that was taken up again goes on behind the last chunk that was stored.
    """
    job = BatchJob.objects.filter(pk=batch_id).first()
    if job is None or not jobs.claim(job):
        return
    with jobs.heartbeat(job):
        try:
            _tag_all(job)
        except jobs.JobLost:
            log.info("batch stopped", batch=job.pk, attempt=job.attempt)
        except ArtifactError as error:
            log.exception("batch failed", batch=job.pk)
            jobs.end(job, job.project, state=JobState.FAILED, failure=str(error))
        except Exception:
            log.exception("batch failed", batch=job.pk)
            jobs.end(job, job.project, state=JobState.FAILED, failure=BROKEN)
        else:
            jobs.end(job, job.project, state=JobState.SUCCEEDED)


@transaction.atomic
def cancel_batch(*, access: Access, batch_id: int) -> BatchJob:
    """End a batch that has not ended; what it tagged so far stays.

    Raises:
        Http404: the project has no such batch.
        Conflict: it has ended already.
    """
    job = access.project.batches.filter(pk=batch_id).first()
    if job is None:
        raise Http404("There is no such batch in this project.")
    before = job.state
    if not jobs.cancel(job):
        raise Conflict(f"Batch {job.pk} has {job.get_state_display()} already.")
    job.refresh_from_db()
    record(
        project=access.project,
        actor=access.user,
        verb="cancelled",
        subject=job,
        before=before,
        after=job.state,
    )
    return job


def nudge_waiting() -> None:
    """Requeue or fail the batches whose worker died, and tell workers of all that wait."""
    for job in jobs.recover(BatchJob):
        nudge(job)


def nudge(job: BatchJob) -> None:
    """Tell a worker that a batch waits."""
    signature("classifier.tasks.tag_batch", args=(job.pk,)).apply_async()


@transaction.atomic
def _queue(access: Access, champion: ModelVersion, total: int) -> BatchJob:
    job = BatchJob.objects.create(
        project=access.project, model_version=champion, total=total, created_by=access.user
    )
    record(
        project=access.project,
        actor=access.user,
        verb="started",
        subject=job,
        after=JobState.QUEUED,
        reason=f"{total} items by model {champion.number}",
    )
    # Without a broker the row still waits, and the schedule nudges again.
    transaction.on_commit(lambda: nudge(job), robust=True)
    return job


def _tag_all(job: BatchJob) -> None:
    jobs.report(job, stage="loading the model", done=job.done, total=job.total)
    scorer = open_scorer(job.model_version)
    while items := list(_behind(job)):
        scores = scorer.score([(item.title, item.body) for item in items])
        _store(job, scorer, items, scores)
    suggestions_changed(job.project)


def _behind(job: BatchJob) -> QuerySet[Item]:
    items = untagged(job.project, job.model_version)
    return items.filter(pk__gt=job.cursor).order_by("pk")[:CHUNK]


@transaction.atomic
def _store(job: BatchJob, scorer: Scorer, items: Sequence[Item], scores: Sequence[Score]) -> None:
    """Store a chunk and the way that the batch has come, both or neither."""
    jobs.check(job)
    # Read anew for each chunk: a threshold that was changed meanwhile is in force.
    threshold = threshold_of(Project.objects.select_related("deployment").get(pk=job.project_id))
    Prediction.objects.bulk_create(
        (
            _prediction(job, scorer.version, item, score, threshold)
            for item, score in zip(items, scores, strict=True)
        ),
        ignore_conflicts=True,
    )
    sure = {item.pk: score.confidence for item, score in zip(items, scores, strict=True)}
    note_confidence(job.project, sure)
    done, cursor = job.done + len(items), items[-1].pk
    total = max(job.total, done)
    jobs.report(job, stage="tagging", done=done, total=total)
    BatchJob.objects.filter(pk=job.pk).update(cursor=cursor)
    job.done, job.total, job.cursor = done, total, cursor


def _prediction(
    job: BatchJob, model: ModelVersion, item: Item, score: Score, threshold: float
) -> Prediction:
    return Prediction(
        project_id=job.project_id,
        model_version=model,
        item=item,
        external_id=item.external_id,
        title=item.title,
        body=item.body,
        label=score.label,
        confidence=score.confidence,
        probabilities=score.probabilities,
        route=route_of(score.confidence, threshold),
        threshold=threshold,
        source=Source.BATCH,
        requested_by_id=job.created_by_id,
        request_id=f"batch-{job.pk}",
    )
