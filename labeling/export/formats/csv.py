"""CSV for spreadsheets and scripts; an import takes it back as it is."""

import csv
import io
from collections.abc import Iterator
from typing import ClassVar

import orjson

from labeling.export.formats.base import Chunks, Context
from labeling.export.rows import ExportRow
from labeling.spreadsheet_text import neutralise

COLUMNS = (
    "external_id",
    "title",
    "body",
    "url",
    "label",
    "method",
    "status",
    "split",
    "created_at",
    "metadata",
)
EVIDENCE = ("source", "confidence", "resolved", "votes", "decisions")


class Csv:
    """UTF-8 with a BOM, by which spreadsheets know it; no cell runs as a formula."""

    title: ClassVar[str] = "CSV"
    extension: ClassVar[str] = "csv"
    content_type: ClassVar[str] = "text/csv; charset=utf-8"
    evidence: ClassVar[bool] = True

    def write(self, chunks: Chunks, context: Context) -> Iterator[bytes]:
        """Yield the header and one block of rows a chunk; nested values stand as JSON."""
        evidence = context.options.evidence
        yield "\ufeff".encode() + _lines([COLUMNS + (EVIDENCE if evidence else ())])
        for chunk in chunks:
            yield _lines([_cells(row, evidence) for row in chunk])


def _cells(row: ExportRow, evidence: bool) -> tuple[object, ...]:
    cells: tuple[object, ...] = (
        neutralise(row.external_id),
        neutralise(row.title),
        neutralise(row.body),
        row.url,
        neutralise(row.label or ""),
        row.method,
        row.status,
        row.split,
        row.created_at.isoformat(),
        _json(row.metadata) if row.metadata else "",
    )
    if evidence:
        cells += (
            neutralise(row.source or ""),
            row.confidence,
            _json(row.resolved) if row.resolved else "",
            _json(row.votes) if row.votes else "",
            _json(row.decisions) if row.decisions else "",
        )
    return cells


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


def _lines(rows: list[tuple[object, ...]] | list[tuple[str, ...]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
