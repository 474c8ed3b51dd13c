"""Taking items in: each once, whatever file or call it comes by."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import fields
from itertools import islice

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from labeling.errors import Invalid
from labeling.events import record
from labeling.models import (
    Adjudication,
    ImportJob,
    Item,
    ItemStatus,
    Label,
    Project,
    Resolution,
    ResolutionMethod,
    Split,
)
from labeling.opening import open_tasks
from labeling.readers import Problem, Row
from labeling.search import index_items
from labeling.statistics.text import text_hash, uniform_draw

CHUNK = 500
PROBLEMS_KEPT = 1000
TITLE_LIMIT, BODY_LIMIT, ID_LIMIT, URL_LIMIT = 1000, 100_000, 200, 2000
valid_url = URLValidator(schemes=["http", "https"])


def add_items(
    *, project: Project, user: User | None, rows: Iterable[Row | Problem], source: str
) -> ImportJob:
    """Add rows as items, and tell what became of each.

    A row whose external_id or text the project has already adds nothing. A row with a `label`
    counts as decided by whoever imports it; all others get a task. A bad row is kept as a
    problem and does not stop the rest. Chunks of 500 are written whole or not at all, so the
    same file can be sent again after any failure.

    Raises:
        Invalid: the rest cannot be read; what came before stays, and the job says why it ended.
    """
    job = ImportJob.objects.create(project=project, source=source[:200], created_by=user)
    labels = {label.name: label for label in project.labels.all()}
    stream = iter(rows)
    try:
        while chunk := list(islice(stream, CHUNK)):
            _add_chunk(job, chunk, labels)
    except Invalid as error:
        reason = error.message.replace("\x00", "")
        job.problems.append({"row": 0, "field": "file", "reason": reason})
        _finish(job)
        raise
    _finish(job)
    return job


def ensure_item(*, project: Project, external_id: str, title: str, body: str) -> Item:
    """Return the project's item with this id or text, making it, without a task, if need be."""
    digest = text_hash(title, body)
    with transaction.atomic():
        _lock(project)
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
        index_items(first=item.pk, last=item.pk)
        return item


@transaction.atomic
def _finish(job: ImportJob) -> None:
    job.finished_at = timezone.now()
    job.save(update_fields=["finished_at", "problems"])
    outcome = f"{job.added} added, {job.duplicates} known already, {job.refused} refused"
    record(
        project=job.project,
        actor=job.created_by,
        verb="imported",
        subject=job,
        after=outcome,
        reason=job.source,
    )


@transaction.atomic
def _add_chunk(job: ImportJob, chunk: list[Row | Problem], labels: dict[str, Label]) -> None:
    _lock(job.project)
    good, problems = _checked(chunk, labels)
    fresh = list(_unknown(job, good))
    items = Item.objects.bulk_create(_item(job, row) for row in fresh)
    if items:
        index_items(first=items[0].pk, last=items[-1].pk)
    _decide(job, items, fresh, labels)
    open_tasks(
        project=job.project,
        items=[item for item, row in zip(items, fresh, strict=True) if not row.label],
    )
    job.added += len(fresh)
    job.refused += len(problems)
    kept = [vars(problem) for problem in problems]
    job.problems = (job.problems + kept)[:PROBLEMS_KEPT]
    job.save()


def _lock(project: Project) -> None:
    """Let one import at a time into a project, so that no item can come in twice."""
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)


def _checked(
    chunk: list[Row | Problem], labels: dict[str, Label]
) -> tuple[list[Row], list[Problem]]:
    results = [row if isinstance(row, Problem) else _check(row, labels) or row for row in chunk]
    good = [row for row in results if isinstance(row, Row)]
    return good, [row for row in results if isinstance(row, Problem)]


def _check(row: Row, labels: dict[str, Label]) -> Problem | None:
    for name, reason in _faults(row, labels):
        return Problem(row.number, name, reason)
    return None


def _faults(row: Row, labels: dict[str, Label]) -> Iterator[tuple[str, str]]:
    for name in (field.name for field in fields(row)):
        if not _is_storable(getattr(row, name)):
            yield name, "it holds a NUL, a broken character or no number; remove it."
    if not row.title:
        yield "title", "it is empty; every item needs one."
    for name, value, limit in (
        ("title", row.title, TITLE_LIMIT),
        ("body", row.body, BODY_LIMIT),
        ("external_id", row.external_id, ID_LIMIT),
    ):
        if len(value) > limit:
            yield name, f"it has {len(value):,} characters; the limit is {limit:,}."
    if row.label and row.label not in labels:
        yield "label", f"'{row.label[:80]}' is not one of {', '.join(labels)}."
    if row.split and row.split not in Split.values:
        yield "split", f"'{row.split[:40]}' is not one of {', '.join(Split.values)}."
    if row.url and not _is_url(row.url):
        yield "url", "it is not an http or https address."


def _is_storable(value: object) -> bool:
    """Tell whether every database takes it: no NUL, no half of a character, no infinity."""
    try:
        written = json.dumps(value, ensure_ascii=False, allow_nan=False)
        written.encode()
    except ValueError:
        return False
    return "\\u0000" not in written.replace("\\\\", "")


def _is_url(value: str) -> bool:
    try:
        valid_url(value)
    except ValidationError:
        return False
    return len(value) <= URL_LIMIT


def _unknown(job: ImportJob, rows: list[Row]) -> Iterator[Row]:
    """Yield the rows whose id and text neither the project nor an earlier row has.

    The others are counted on the job: a known id first, else a known text.
    """
    project = job.project
    ids = {_external_id(row) for row in rows}
    hashes = {text_hash(row.title, row.body) for row in rows}
    seen_ids = set(
        Item.with_deleted.filter(project=project, external_id__in=ids).values_list(
            "external_id", flat=True
        )
    )
    seen_texts = set(
        Item.with_deleted.filter(project=project, text_hash__in=hashes).values_list(
            "text_hash", flat=True
        )
    )
    for row in rows:
        key, digest = _external_id(row), text_hash(row.title, row.body)
        if key in seen_ids:
            job.same_id += 1
        elif digest in seen_texts:
            job.same_text += 1
        else:
            yield row
        seen_ids.add(key)
        seen_texts.add(digest)


def _external_id(row: Row) -> str:
    return row.external_id or text_hash(row.title, row.body)


def _item(job: ImportJob, row: Row) -> Item:
    digest = text_hash(row.title, row.body)
    return Item(
        project=job.project,
        external_id=_external_id(row),
        title=row.title,
        body=row.body,
        url=row.url,
        metadata=dict(row.metadata),
        text_hash=digest,
        draw=uniform_draw(digest),
        split=row.split or Split.POOL,
        status=ItemStatus.LABELED if row.label else ItemStatus.IDLE,
        import_job=job,
    )


def _decide(job: ImportJob, items: list[Item], rows: list[Row], labels: dict[str, Label]) -> None:
    """Write the labels that came with rows as decisions, and the resolutions that follow."""
    decided = [
        (item, labels[row.label]) for item, row in zip(items, rows, strict=True) if row.label
    ]
    decisions = Adjudication.objects.bulk_create(
        Adjudication(
            project=job.project,
            item=item,
            label=label,
            decided_by=job.created_by,
            method=ResolutionMethod.IMPORTED,
        )
        for item, label in decided
    )
    Resolution.objects.bulk_create(
        Resolution(
            project=job.project,
            item=decision.item,
            label=decision.label,
            method=ResolutionMethod.IMPORTED,
            resolved_at=decision.created_at,
        )
        for decision in decisions
        if decision.label is not None
    )


def reject_oversized(size: int | None, limit: int) -> None:
    """Refuse a file above the limit before a row of it is read."""
    if size is not None and size > limit:
        raise Invalid(
            f"file: it has {size / 2**20:,.1f} MiB; the limit is {limit / 2**20:,.0f} MiB. "
            "Split it and send the parts one after the other."
        )
