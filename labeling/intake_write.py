"""Writing a chunk of rows as items, in a handful of statements and one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import orjson
from django.db import transaction
from django.utils import timezone

from labeling.errors import Invalid
from labeling.events import record
from labeling.intake_votes import Evidence, Standing, standing_of
from labeling.jobs import JobLost
from labeling.models import ImportJob, ImportProblem, JobState, Label, Project, Split
from labeling.opening import open_tasks
from labeling.projects import MOST_LABELS
from labeling.readers import Problem, Row
from labeling.search import index_items
from labeling.set_wise import insert, moment, select
from labeling.statistics.text import text_hash, uniform_draw

PROBLEMS_KEPT = 100_000
EXAMPLES = 20
ITEM = (
    "project_id", "external_id", "title", "body", "url", "metadata", "text_hash", "draw", "split",
    "import_job_id", "created_at", "status", "vote_count", "agreement",
)  # fmt: skip
BY_ID = "SELECT external_id, id, deletion_id FROM labeling_item WHERE project_id = %s AND external_id {among}"  # noqa: E501
BY_TEXT = "SELECT text_hash, id, deletion_id FROM labeling_item WHERE project_id = %s AND text_hash {among}"  # noqa: E501
Keyed = tuple[Row, str, str]
Known = dict[str, tuple[int | None, int | None, str]]
Duplicate = tuple[str, Row, int | None, str]


@dataclass
class Chunk:
    """Rows that were read and checked, and where in the file the reading is behind them."""

    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    cursor: int = 0
    done: int = 0


def write_chunk(job: ImportJob, chunk: Chunk) -> None:
    """Write a chunk and the way that the import has come, both or neither.

    Raises:
        JobLost: the import was cancelled or taken over.
        Invalid: the labels that are missing would be too many.
    """
    keyed = [_keyed(row) for row in chunk.rows]
    with transaction.atomic():
        hold(job)
        lock_project(job.project)
        fresh, known = _unknown(job, keyed)
        labels = labels_of(job, [row for row, _, _ in fresh])
        items = _insert_items(job, fresh)
        _insert_evidence(job, fresh, items, labels)
        keys = (key for _, key, _ in fresh)
        made = {key: pk for key, (_, _, pk) in zip(keys, items, strict=True)}
        _note_examples(job, known, made)
        keep_problems(job, chunk.problems)
        job.added += len(fresh)
        job.cursor, job.done = chunk.cursor, max(job.done, chunk.done)
        save_progress(job)


def lock_project(project: Project) -> None:
    """Let one import at a time into a project, so that no item can come in twice."""
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)


def _keyed(row: Row) -> Keyed:
    digest = text_hash(row.title, row.body)
    return row, row.external_id or digest, digest


def hold(job: ImportJob) -> None:
    """Hold an import's row until the transaction ends.

    Raises:
        JobLost: it was cancelled or taken over.
    """
    held = ImportJob.objects.select_for_update().filter(
        pk=job.pk, state=JobState.RUNNING, attempt=job.attempt
    )
    if not held.exists():
        raise JobLost(f"{job} is no longer this worker's")


def _unknown(job: ImportJob, keyed: Sequence[Keyed]) -> tuple[list[Keyed], list[Duplicate]]:
    """Return the rows whose id and text nothing before them has; and the others, by kind.

    A duplicate tells the item that it equals, or the key of the row before it in this chunk.
    """
    ids, texts = _stored(job, BY_ID, keyed, 1), _stored(job, BY_TEXT, keyed, 2)
    fresh: list[Keyed] = []
    known: list[Duplicate] = []
    for found in keyed:
        row, key, digest = found
        like = ids.get(key)
        kind = "same_text" if like is None else "same_id"
        like = like or texts.get(digest)
        if like is None:
            fresh.append(found)
            ids[key] = texts[digest] = (None, None, key)
            continue
        kind = kind if like[1] is None else "deleted"
        setattr(job, kind, getattr(job, kind) + 1)
        known.append((kind, row, like[0], like[2]))
    return fresh, known


def _stored(job: ImportJob, statement: str, keyed: Sequence[Keyed], place: int) -> Known:
    values = {str(found[place]) for found in keyed}
    if not values:
        return {}
    return {key: (pk, gone, "") for key, pk, gone in select(statement, values, job.project_id)}


def _insert_items(job: ImportJob, fresh: Sequence[Keyed]) -> list[tuple[Row, Standing, int]]:
    """Write new items; return each row with what it comes to and its item's id."""
    now = timezone.now()
    stamp, project = moment(now), job.project
    stood = [(row, key, digest, standing_of(row, project)) for row, key, digest in fresh]
    insert("labeling_item", ITEM, [
        (job.project_id, key, row.title, row.body, row.url,
         orjson.dumps(row.metadata, default=str).decode() if row.metadata else "{}",
         digest, uniform_draw(digest), row.split or Split.POOL.value, job.pk,
         moment(row.created_at) if row.created_at else stamp,
         standing.status.value, standing.votes, standing.agreement)
        for row, key, digest, standing in stood
    ])  # fmt: skip
    keys = [key for _, key, _, _ in stood]
    found = {key: pk for key, pk, _ in select(BY_ID, keys, job.project_id)} if keys else {}
    if found:
        index_items(found.values())
    return [(row, standing, found[key]) for row, key, _, standing in stood]


def _insert_evidence(
    job: ImportJob,
    fresh: Sequence[Keyed],
    items: Sequence[tuple[Row, Standing, int]],
    labels: dict[str, int],
) -> None:
    decided = [found for found in items if found[0].label or found[0].votes or found[0].decisions]
    if decided:
        Evidence(job, decided, labels, timezone.now()).write()
    plain = [pk for row, _, pk in items if not (row.label or row.votes or row.decisions)]
    open_tasks(project=job.project, items=plain)


def labels_of(job: ImportJob, rows: Sequence[Row]) -> dict[str, int]:
    """Return the project's labels by name, once those that rows name and it lacks were made.

    Raises:
        Invalid: they would be too many.
    """
    known = dict(Label.objects.filter(project=job.project_id).values_list("name", "pk"))
    wanted = {row.label for row in rows if row.label}
    wanted |= {vote.label for row in rows for vote in row.votes}
    wanted |= {made.label for row in rows for made in row.decisions if made.label is not None}
    missing = sorted(wanted - known.keys())
    if len(known) + len(missing) > MOST_LABELS:
        raise Invalid(
            f"label: with those of this file the project would have {len(known) + len(missing):,} "
            f"labels; it takes {MOST_LABELS}. Merge some, or leave another column as label."
        )
    for name in missing:
        made = Label.objects.create(project=job.project, name=name, position=len(known))
        known[name] = made.pk
        record(project=job.project, actor=job.created_by, verb="added", subject=made, after=name)
    return known


def _note_examples(job: ImportJob, known: Sequence[Duplicate], made: dict[str, int]) -> None:
    for kind, row, item, key in known:
        kept = job.examples.setdefault(kind, [])
        if len(kept) < EXAMPLES:
            same = made.get(key) if item is None else item
            kept.append({"row": row.number, "item": same, "title": row.title[:200]})


def keep_problems(job: ImportJob, problems: Sequence[Problem]) -> None:
    """Keep what was wrong with rows, up to a limit, and count them all."""
    room = max(0, PROBLEMS_KEPT - job.refused)
    in_order = sorted(problems, key=lambda problem: problem.row)
    ImportProblem.objects.bulk_create(
        (
            ImportProblem(
                job=job,
                row=found.row,
                field=found.field[:40],
                reason=found.reason.replace("\0", ""),
                fix=found.fix,
            )
            for found in in_order[:room]
        ),
        batch_size=1000,
    )
    job.refused += len(problems)


def save_progress(job: ImportJob) -> None:
    """Write an import's counts and how far it is."""
    job.heartbeat_at = timezone.now() if job.stored else None
    job.save(
        update_fields=[
            "added", "same_id", "same_text", "deleted", "refused", "examples", "cursor", "done",
            "heartbeat_at",
        ]
    )  # fmt: skip
