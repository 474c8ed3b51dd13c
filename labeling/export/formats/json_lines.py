"""JSON lines: one object an item, which an import takes back as it is."""

from collections.abc import Iterator
from typing import Any, ClassVar

import orjson

from labeling.export.formats.base import Chunks, Context
from labeling.export.rows import ExportRow

EVIDENCE = ("source", "confidence", "resolved", "votes", "decisions")


class JsonLines:
    """One JSON object a line."""

    title: ClassVar[str] = "JSON lines"
    extension: ClassVar[str] = "jsonl"
    content_type: ClassVar[str] = "application/x-ndjson"
    evidence: ClassVar[bool] = True

    def write(self, chunks: Chunks, context: Context) -> Iterator[bytes]:
        """Yield one block of lines a chunk."""
        for chunk in chunks:
            rows = (as_dict(row, context.options.evidence) for row in chunk)
            yield b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)


def as_dict(row: ExportRow, evidence: bool) -> dict[str, Any]:
    """Return a row's fields, those of its evidence only where asked for."""
    names = row.__slots__ if evidence else [n for n in row.__slots__ if n not in EVIDENCE]
    return {name: getattr(row, name) for name in names}
