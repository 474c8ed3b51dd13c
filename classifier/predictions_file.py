"""Predictions as a file: CSV, JSON lines or Parquet, written while they are read."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import orjson
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils.text import slugify

from classifier.models import Prediction
from classifier.predictions import filtered, of_project
from labeling.access import Access
from labeling.errors import Invalid
from labeling.events import record
from labeling.export.formats.base import Drain, arrow
from labeling.spreadsheet_text import neutralise

CHUNK = 1000
UNREAD = ("model_version__manifest", "model_version__approval_comment")
COLUMNS = (
    "prediction_id",
    "item",
    "external_id",
    "title",
    "body",
    "label",
    "confidence",
    "probabilities",
    "route",
    "threshold",
    "model_version",
    "source",
    "created_at",
)
# Cells that somebody else has written: no spreadsheet may run them as a formula.
FOREIGN = ("external_id", "title", "body", "label")
Row = dict[str, Any]
Chunks = Iterator[list[Row]]


def send(access: Access, name: str, wanted: Mapping[str, str]) -> StreamingHttpResponse:
    """Return the predictions that match as a file that is sent while it is written.

    Args:
        access: a reviewer of the project, at least.
        name: one of FORMATS.
        wanted: values by name of `classifier.predictions.FILTERS`.

    Raises:
        Invalid: there is no such format.
        Unavailable: a package that it needs is not installed.
    """
    if name not in FORMATS:
        raise Invalid(f"as: choose one of {', '.join(FORMATS)}.")
    if name == "parquet":
        arrow()
    extension, content_type, write = FORMATS[name]
    record(
        project=access.project,
        actor=access.user,
        verb="exported predictions",
        subject=access.project,
        after=name,
        reason=", ".join(f"{key}={value}" for key, value in wanted.items() if value),
    )
    saved_as = f"{slugify(access.project.slug)}-predictions.{extension}"
    return StreamingHttpResponse(
        write(rows_of(filtered(of_project(access.project), wanted).defer(*UNREAD))),
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{saved_as}"'},
    )


def rows_of(predictions: QuerySet[Prediction]) -> Chunks:
    """Yield the predictions in chunks, the newest first, by the names of COLUMNS."""
    chunk: list[Row] = []
    for prediction in predictions.iterator(chunk_size=CHUNK):
        chunk.append(_row(prediction))
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def write_csv(chunks: Chunks) -> Iterator[bytes]:
    """Yield UTF-8 with a BOM, by which spreadsheets know it; probabilities stand as JSON."""
    yield "\ufeff".encode() + _lines([list(COLUMNS)])
    for chunk in chunks:
        yield _lines([[_cell(row, name) for name in COLUMNS] for row in chunk])


def write_json_lines(chunks: Chunks) -> Iterator[bytes]:
    """Yield an object a line."""
    for chunk in chunks:
        yield b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in chunk)


def write_parquet(chunks: Chunks) -> Iterator[bytes]:
    """Yield a row group a chunk, then the footer; probabilities stand as JSON.

    Raises:
        Unavailable: pyarrow is not installed.
    """
    pa, parquet = arrow()
    texts = ("prediction_id", *FOREIGN, "probabilities", "route", "source")
    numbers = {"item": pa.int64(), "model_version": pa.int64(), "confidence": pa.float64()}
    kinds = {**dict.fromkeys(texts, pa.string()), **numbers, "threshold": pa.float64()}
    kinds["created_at"] = pa.timestamp("us", tz="UTC")
    schema = pa.schema([pa.field(name, kinds[name]) for name in COLUMNS])
    drain = Drain()
    with parquet.ParquetWriter(drain, schema) as writer:
        for chunk in chunks:
            plain = [row | {"probabilities": _json(row["probabilities"])} for row in chunk]
            writer.write_table(pa.Table.from_pylist(plain, schema=schema))
            yield drain.take()
    yield drain.take()


FORMATS: dict[str, tuple[str, str, Callable[[Chunks], Iterator[bytes]]]] = {
    "csv": ("csv", "text/csv; charset=utf-8", write_csv),
    "jsonl": ("jsonl", "application/jsonl", write_json_lines),
    "parquet": ("parquet", "application/vnd.apache.parquet", write_parquet),
}


def _row(prediction: Prediction) -> Row:
    return {
        "prediction_id": str(prediction.pk),
        "item": prediction.item_id,
        "external_id": prediction.external_id,
        "title": prediction.title,
        "body": prediction.body,
        "label": prediction.label.name,
        "confidence": prediction.confidence,
        "probabilities": prediction.probabilities,
        "route": prediction.route,
        "threshold": prediction.threshold,
        "model_version": prediction.model_version.number,
        "source": prediction.source,
        "created_at": prediction.created_at,
    }


def _cell(row: Row, name: str) -> object:
    value = row[name]
    if name in FOREIGN:
        return neutralise(value)
    if name == "probabilities":
        return _json(value)
    return value.isoformat() if name == "created_at" else value


def _lines(rows: list[list[object]]) -> bytes:
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    return file.getvalue().encode()


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
