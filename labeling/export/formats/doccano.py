"""doccano's JSON lines: a text and the list of its labels."""

from collections.abc import Iterator
from typing import Any, ClassVar

import orjson

from labeling.export.formats.base import Chunks, Context
from labeling.export.rows import ExportRow


class Doccano:
    """One object a line; the label is the item's, votes have no place in it."""

    title: ClassVar[str] = "doccano (JSON lines)"
    extension: ClassVar[str] = "jsonl"
    content_type: ClassVar[str] = "application/x-ndjson"
    evidence: ClassVar[bool] = False

    def write(self, chunks: Chunks, context: Context) -> Iterator[bytes]:
        """Yield one block of lines a chunk."""
        for chunk in chunks:
            yield b"".join(
                orjson.dumps(_example(row), option=orjson.OPT_APPEND_NEWLINE) for row in chunk
            )


def _example(row: ExportRow) -> dict[str, Any]:
    """Put title and body into one text, and keep both apart beside it, as doccano's metadata."""
    return dict(row.metadata) | {
        "text": f"{row.title}\n\n{row.body}" if row.body else row.title,
        "label": [] if row.label is None else [row.label],
        "external_id": row.external_id,
        "title": row.title,
        "body": row.body,
        "url": row.url,
    }
