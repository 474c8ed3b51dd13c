"""The layout of a dataset on a hub: Parquet files by split, and a dataset card."""

import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any, ClassVar

import orjson

from labeling.export.formats.base import Chunks, Context, Drain, arrow
from labeling.export.formats.card import card
from labeling.export.rows import ExportRow
from labeling.models import Split

SPLITS = {Split.POOL: "train", Split.HOLDOUT: "test"}
TEXTS = ("external_id", "title", "body", "url")
BLOCK = 2**20


@dataclass
class Part:
    """The file of one split while it grows."""

    file: IO[bytes]
    writer: Any
    counts: Counter[str] = field(default_factory=Counter)


class HuggingFace:
    """A zip of `README.md` and `data/SPLIT-00000-of-00001.parquet`; labeled items only."""

    title: ClassVar[str] = "Hugging Face dataset"
    extension: ClassVar[str] = "zip"
    content_type: ClassVar[str] = "application/zip"
    evidence: ClassVar[bool] = False

    def write(self, chunks: Chunks, context: Context) -> Iterator[bytes]:
        """Write the splits to temporary files, then yield the zip of them."""
        pa, parquet = arrow()
        schema = _schema(pa, context.labels)
        with tempfile.TemporaryDirectory() as folder:
            parts: dict[str, Part] = {}
            for name in SPLITS.values():
                file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 (closed with its part)
                parts[name] = Part(file, parquet.ParquetWriter(file, schema))
            left_out = _fill(parts, chunks, context.labels, pa, schema)
            yield from _zip(parts, context, left_out)


def _fill(
    parts: dict[str, Part], chunks: Chunks, labels: tuple[str, ...], pa: Any, schema: Any
) -> int:
    """Write all rows with a label to their split; return how many have none."""
    left_out = 0
    for chunk in chunks:
        labeled = [row for row in chunk if row.label is not None]
        left_out += len(chunk) - len(labeled)
        for split, name in SPLITS.items():
            rows = [row for row in labeled if row.split == split]
            if rows:
                parts[name].writer.write_table(pa.table(_columns(rows, labels), schema=schema))
                parts[name].counts.update(row.label for row in rows if row.label)
    return left_out


def _zip(parts: dict[str, Part], context: Context, left_out: int) -> Iterator[bytes]:
    drain = Drain()
    counts = {name: part.counts for name, part in parts.items() if part.counts}
    with zipfile.ZipFile(drain, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("README.md", card(context, counts, left_out))
        for name, part in parts.items():
            part.writer.close()
            if part.counts:
                yield from _member(archive, drain, f"data/{name}-00000-of-00001.parquet", part.file)
            part.file.close()
    yield drain.take()


def _member(archive: zipfile.ZipFile, drain: Drain, name: str, file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    with archive.open(name, "w", force_zip64=True) as member:
        while block := file.read(BLOCK):
            member.write(block)
            yield drain.take()


def _schema(pa: Any, labels: tuple[str, ...]) -> Any:
    """Return the columns, with what tells a reader of datasets that `label` is a class."""
    features: dict[str, Any] = {name: {"dtype": "string", "_type": "Value"} for name in TEXTS}
    features["label"] = {"names": list(labels), "_type": "ClassLabel"}
    about = {b"huggingface": orjson.dumps({"info": {"features": features}})}
    fields = [pa.field(name, pa.string()) for name in TEXTS] + [pa.field("label", pa.int64())]
    return pa.schema(fields, metadata=about)


def _columns(rows: list[ExportRow], labels: tuple[str, ...]) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {name: [getattr(row, name) for row in rows] for name in TEXTS}
    place = {label: number for number, label in enumerate(labels)}
    return columns | {"label": [place[row.label] for row in rows if row.label]}
