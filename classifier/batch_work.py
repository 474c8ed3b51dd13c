"""The work of a batch: any number of workers take its chunks, each chunk by one at a time."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from classifier import batch
from classifier.batch import Choice, untagged
from classifier.deploy import Thresholds
from classifier.failures import reason_of
from classifier.models import BatchChunk, BatchJob, ModelVersion, Source
from classifier.prediction_rows import insert_predictions, new_ids
from classifier.promise import thresholds_for
from classifier.scoring import Score, Scorer, open_scorer, route_of
from labeling import jobs
from labeling.models import Item, JobState
from labeling.ordering import note_confidence, suggestions_changed

CHUNK = 1000
COLUMNS = (
    "id",
    "project_id",
    "model_version_id",
    "item_id",
    "label_id",
    "external_id",
    "title",
    "body",
    "confidence",
    "probabilities",
    "route",
    "threshold",
    "source",
    "requested_by_id",
    "request_id",
    "created_at",
)
READ = ("pk", "project_id", "external_id", "title", "body")


@dataclass(frozen=True)
class Tagged:
    """A chunk that this worker has taken, its items, and their scores, which are on their way."""

    chunk: BatchChunk
    model: ModelVersion
    items: Sequence[Item]
    scores: Future[list[Score]]

    @property
    def scored(self) -> list[tuple[Item, Score]]:
        """Each item with its score, once all are there."""
        return list(zip(self.items, self.scores.result(), strict=True))


def run_batch(batch_id: int) -> None:
    """Take part in a batch until no chunk of it is left; its row tells how that went.

    The first worker cuts it into chunks and calls others. A batch that was taken up again goes on
    with the chunks that were not stored.
    """
    job = BatchJob.objects.filter(pk=batch_id).first()
    if job is None or not (_claim(job) or _may_join(job)):
        return
    with jobs.working(job, job.project, reason_of):
        _take_part(job)


def _claim(job: BatchJob) -> bool:
    """Begin or take up a batch that waits, and note where that was."""
    claimed = jobs.claim(job)
    if claimed:
        BatchJob.objects.filter(pk=job.pk).update(done_before=F("done"))
    return claimed


def _may_join(job: BatchJob) -> bool:
    """Tell whether another worker has cut the batch up, and left something to do."""
    return job.state == JobState.RUNNING and _waiting(job).exists()


def _take_part(job: BatchJob) -> None:
    """Tag chunks until none is left; one is tagged while the database stores the one before."""
    if not job.chunks.exists():
        _cut(job)
    before: Tagged | None = None
    with ThreadPoolExecutor(max_workers=1) as beside:
        for tagged in _tagged(job, beside):
            if before is not None:
                _store(job, before.chunk, before.model, before.scored)
            before = tagged
        if before is not None:
            _store(job, before.chunk, before.model, before.scored)
    if not job.chunks.filter(done_at=None).exists():
        _finish(job)


def _tagged(job: BatchJob, beside: ThreadPoolExecutor) -> Iterator[Tagged]:
    """Take chunks and yield each with its items as soon as its scores are on their way."""
    scorer: Scorer | None = None
    while chunk := _take(job):
        if scorer is None:
            scorer = open_scorer(job.model_version)
        items = list(_items(job, (chunk.first, chunk.last)).only(*READ))
        texts = [(item.title, item.body) for item in items]
        yield Tagged(chunk, scorer.version, items, beside.submit(_scores, scorer, texts))


def _scores(scorer: Scorer, texts: Sequence[tuple[str, str]]) -> list[Score]:
    """Return a score for each text. Runs in a thread of its own, and asks no database."""
    return scorer.score(texts) if texts else []


@transaction.atomic
def _finish(job: BatchJob) -> None:
    if jobs.end(job, job.project, state=JobState.SUCCEEDED):
        suggestions_changed(job.project)


@transaction.atomic
def _cut(job: BatchJob) -> None:
    """Cut a batch into chunks, and call as many workers as may help."""
    jobs.check(job)
    chunks = [
        BatchChunk(job=job, number=number, first=ids[0], last=ids[-1])
        for number, ids in enumerate(_ids(job), start=1)
    ]
    BatchChunk.objects.bulk_create(chunks)
    helpers = min(len(chunks), settings.BATCH_WORKERS) - 1
    for _ in range(helpers):
        transaction.on_commit(lambda: batch.nudge(job), robust=True)


def _ids(job: BatchJob) -> Iterator[list[int]]:
    """Yield the ids of the items of each chunk."""
    found: list[int] = []
    for pk in _items(job).order_by("pk").values_list("pk", flat=True).iterator():
        found.append(pk)
        if len(found) == CHUNK:
            yield found
            found = []
    if found:
        yield found


def _items(job: BatchJob, within: tuple[int, int] | None = None) -> QuerySet[Item]:
    choice = Choice(job.filters, job.labeled, job.only_new)
    items = untagged(job.project, job.model_version, choice, within)
    return items.select_related(None).prefetch_related(None).order_by("pk")


def _waiting(job: BatchJob) -> QuerySet[BatchChunk]:
    return job.chunks.filter(~Q(taken_in=job.attempt), done_at=None).order_by("number")


@transaction.atomic
def _take(job: BatchJob) -> BatchChunk | None:
    """Take the next chunk that no worker of this attempt has."""
    chunk = _waiting(job).select_for_update(skip_locked=True).first()
    if chunk is not None:
        chunk.taken_in = job.attempt
        chunk.save(update_fields=["taken_in"])
    return chunk


@transaction.atomic
def _store(
    job: BatchJob, chunk: BatchChunk, model: ModelVersion, scored: Sequence[tuple[Item, Score]]
) -> None:
    """Store a chunk and that it is done, both or neither.

    Raises:
        JobLost: the batch has ended, or others have taken the chunk over.
    """
    mine = job.chunks.filter(pk=chunk.pk, taken_in=job.attempt, done_at=None)
    if not mine.update(done_at=timezone.now()):
        raise jobs.JobLost(f"{chunk} is no longer this worker's")
    # Read anew for each chunk: a threshold that was changed meanwhile is in force.
    thresholds = thresholds_for(model)
    insert_predictions(COLUMNS, _rows(job, model, scored, thresholds))
    note_confidence(job.project, {item.pk: score.confidence for item, score in scored})
    _advance(job, len(scored))


def _advance(job: BatchJob, count: int) -> None:
    """Count what is done. Last in its transaction, because all workers write this row."""
    running = BatchJob.objects.filter(pk=job.pk, state=JobState.RUNNING, attempt=job.attempt)
    if not running.update(stage="tagging", done=F("done") + count, heartbeat_at=timezone.now()):
        raise jobs.JobLost(f"{job} is no longer this worker's")


def _rows(
    job: BatchJob,
    model: ModelVersion,
    scored: Sequence[tuple[Item, Score]],
    thresholds: Thresholds,
) -> list[tuple[Any, ...]]:
    """Return what stands in each of the columns of each prediction."""
    made, now = zip(new_ids(len(scored)), scored, strict=True), timezone.now()
    return [(new_id, *_row(job, model, *pair, thresholds), now) for new_id, pair in made]


def _row(
    job: BatchJob, model: ModelVersion, item: Item, score: Score, thresholds: Thresholds
) -> tuple[Any, ...]:
    """Return what stands in each of the columns but the first and the last."""
    threshold = thresholds.of(score.label.name)
    return (
        job.project_id,
        model.pk,
        item.pk,
        score.label.pk,
        item.external_id,
        item.title,
        item.body,
        score.confidence,
        score.probabilities,
        route_of(score.confidence, threshold).value,
        threshold,
        Source.BATCH.value,
        job.created_by_id,
        f"batch-{job.pk}",
    )
