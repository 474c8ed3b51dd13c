"""A snapshot as a file that is sent while it is read."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import orjson
from django.http import StreamingHttpResponse

from classifier.models import DatasetSnapshot
from classifier.snapshot_rows import rows_of
from labeling.access import Access
from labeling.errors import Invalid
from labeling.events import record
from labeling.export.formats.base import Drain, arrow
from labeling.spreadsheet_text import neutralise

TEXTS = ("external_id", "title", "body", "label", "split", "method")
COUNTS = ("votes", "agreeing")
COLUMNS = (*TEXTS, *COUNTS, "weight")
CHUNK = 2000
Chunk = list[tuple[Any, ...]]


@dataclass(frozen=True)
class FileKind:
    """A way to write rows: `write` yields a file in pieces from chunks of rows."""

    title: str
    content_type: str
    write: Callable[[Iterable[Chunk]], Iterator[bytes]]


def export_snapshot(
    *, access: Access, snapshot: DatasetSnapshot, kind: str, chosen: Mapping[str, str]
) -> Iterator[bytes]:
    """Yield the chosen rows of a snapshot as a file of this kind, and write down that it was made.

    Raises:
        Invalid: there is no such kind of file.
        Unavailable: a package that the kind needs is not installed.
    """
    file = kind_named(kind)
    if kind == "parquet":
        arrow()
    narrowed = ", ".join(f"{name}={value}" for name, value in chosen.items())
    record(
        project=access.project,
        actor=access.user,
        verb="exported",
        subject=snapshot,
        after=kind,
        reason=narrowed or "all rows",
    )
    return file.write(_chunks(snapshot, chosen))


def file_of(
    *, access: Access, snapshot: DatasetSnapshot, kind: str, chosen: Mapping[str, str]
) -> StreamingHttpResponse:
    """Return the answer that sends `export_snapshot`; raises what that does."""
    pieces = export_snapshot(access=access, snapshot=snapshot, kind=kind, chosen=chosen)
    saved_as = f"{access.project.slug}-snapshot-{snapshot.number}.{kind}"
    return StreamingHttpResponse(
        pieces,
        content_type=kind_named(kind).content_type,
        headers={"Content-Disposition": f'attachment; filename="{saved_as}"'},
    )


def kind_named(name: str) -> FileKind:
    """Return a kind of file by its name.

    Raises:
        Invalid: there is none of this name.
    """
    if name not in KINDS:
        raise Invalid(f"as: '{name[:40]}' is not one of {', '.join(KINDS)}.")
    return KINDS[name]


def _chunks(snapshot: DatasetSnapshot, chosen: Mapping[str, str]) -> Iterator[Chunk]:
    rows = rows_of(snapshot, chosen).order_by("id").values_list(*COLUMNS)
    found = rows.iterator(chunk_size=CHUNK)
    while chunk := list(islice(found, CHUNK)):
        yield chunk


def _csv(chunks: Iterable[Chunk]) -> Iterator[bytes]:
    """Yield UTF-8 with a BOM, by which spreadsheets know it; no cell runs as a formula."""
    yield "\ufeff".encode() + _lines([COLUMNS])
    for chunk in chunks:
        yield _lines([tuple(map(_cell, row)) for row in chunk])


def _cell(value: object) -> object:
    return neutralise(value) if isinstance(value, str) else value


def _lines(rows: Iterable[tuple[object, ...]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _json_lines(chunks: Iterable[Chunk]) -> Iterator[bytes]:
    for chunk in chunks:
        objects = (dict(zip(COLUMNS, row, strict=True)) for row in chunk)
        yield b"".join(orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE) for one in objects)


def _parquet(chunks: Iterable[Chunk]) -> Iterator[bytes]:
    pa, parquet = arrow()
    kinds = [pa.string()] * len(TEXTS) + [pa.int32()] * len(COUNTS) + [pa.float64()]
    schema = pa.schema([pa.field(*each) for each in zip(COLUMNS, kinds, strict=True)])
    drain = Drain()
    with parquet.ParquetWriter(drain, schema) as writer:
        for chunk in chunks:
            columns = dict(zip(COLUMNS, map(list, zip(*chunk, strict=True)), strict=True))
            writer.write_table(pa.table(columns, schema=schema))
            yield drain.take()
    yield drain.take()


KINDS: Mapping[str, FileKind] = {
    "csv": FileKind("CSV", "text/csv; charset=utf-8", _csv),
    "jsonl": FileKind("JSON lines", "application/x-ndjson", _json_lines),
    "parquet": FileKind("Parquet", "application/vnd.apache.parquet", _parquet),
}
