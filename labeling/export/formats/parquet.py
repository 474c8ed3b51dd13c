"""Parquet with typed columns; nested values stand as JSON, so that an import takes them back."""

from collections.abc import Iterator
from typing import Any, ClassVar

import orjson

from labeling.export.formats.base import Chunks, Context, Drain, arrow
from labeling.export.rows import ExportRow

TEXTS = ("external_id", "title", "body", "url", "label", "method", "status", "split")
JSON_ALWAYS, JSON_EVIDENCE = ("metadata",), ("resolved", "votes", "decisions")


class Parquet:
    """One row group a chunk."""

    title: ClassVar[str] = "Parquet"
    extension: ClassVar[str] = "parquet"
    content_type: ClassVar[str] = "application/vnd.apache.parquet"
    evidence: ClassVar[bool] = True

    def write(self, chunks: Chunks, context: Context) -> Iterator[bytes]:
        """Yield what each row group adds to the file, then its footer."""
        pa, parquet = arrow()
        schema = _schema(pa, context.options.evidence)
        drain = Drain()
        with parquet.ParquetWriter(drain, schema) as writer:
            for chunk in chunks:
                writer.write_table(pa.table(_columns(chunk, schema), schema=schema))
                yield drain.take()
        yield drain.take()


def _schema(pa: Any, evidence: bool) -> Any:
    fields = [pa.field(name, pa.string()) for name in (*TEXTS, *JSON_ALWAYS)]
    fields.append(pa.field("created_at", pa.timestamp("us", tz="UTC")))
    if evidence:
        fields.append(pa.field("source", pa.string()))
        fields.append(pa.field("confidence", pa.float64()))
        fields += [pa.field(name, pa.string()) for name in JSON_EVIDENCE]
    return pa.schema(fields)


def _columns(chunk: list[ExportRow], schema: Any) -> dict[str, list[Any]]:
    nested = {*JSON_ALWAYS, *JSON_EVIDENCE}
    return {
        name: [_json(getattr(row, name)) if name in nested else getattr(row, name) for row in chunk]
        for name in schema.names
    }


def _json(value: object) -> str | None:
    return orjson.dumps(value).decode() if value else None
