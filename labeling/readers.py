"""Turning an uploaded file into rows, one at a time."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from labeling.errors import Invalid

FIELD_LIMIT = 1_000_000
csv.field_size_limit(FIELD_LIMIT)

# What a column may be called in the file, by the field that it fills.
ALIASES: Mapping[str, tuple[str, ...]] = {
    "external_id": ("external_id", "id"),
    "title": ("title", "headline"),
    "body": ("body", "description", "text"),
    "url": ("url", "link"),
    "label": ("label",),
    "split": ("split",),
}


@dataclass(frozen=True)
class Row:
    """One row of a file as it came; `number` counts the header as row 1."""

    number: int
    title: str
    body: str = ""
    external_id: str = ""
    url: str = ""
    label: str = ""
    split: str = ""
    metadata: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Problem:
    """A row that cannot be taken: where, why and how to mend it."""

    row: int
    field: str
    reason: str


def read_csv(file: BinaryIO) -> Iterator[Row | Problem]:
    """Read UTF-8 CSV (with or without BOM) row by row; quoted line breaks stay in their field.

    Columns that no field knows go into the item's metadata.

    Raises:
        Invalid: the file as a whole cannot be read: not UTF-8, empty, or without a title column.
    """
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        yield from _rows(csv.reader(text, strict=True))
    except UnicodeDecodeError as error:
        raise Invalid(
            f"file: it is not UTF-8 (byte {error.start} of a block cannot be read). "
            "Save it as 'CSV UTF-8' and send it again."
        ) from error
    finally:
        text.detach()


def _rows(reader: Iterator[list[str]]) -> Iterator[Row | Problem]:
    try:
        columns = _columns(next(reader, []))
    except csv.Error as error:
        raise Invalid(f"file: its header is not valid CSV ({error}); mend its quotes.") from error
    number = 1
    while True:
        number += 1
        try:
            values = next(reader, None)
        except csv.Error as error:
            yield Problem(number, "row", f"it is not valid CSV ({error}); mend its quotes.")
            continue
        if values is None:
            return
        if values:
            yield _row(number, columns, values)


def _columns(header: list[str]) -> list[str]:
    names = [name.strip() for name in header]
    if not any(names):
        raise Invalid(
            "file: it is empty. The first row must name the columns, one of them 'title'."
        )
    known = {alias: name for name, aliases in ALIASES.items() for alias in aliases}
    columns = [known.get(name.lower(), name) for name in names]
    if "title" not in columns:
        raise Invalid(f"title: no column has this name; the file has {', '.join(names)[:300]}.")
    repeated = sorted({name for name in columns if columns.count(name) > 1})
    if repeated:
        raise Invalid(f"{repeated[0]}: two columns stand for it; rename or remove one.")
    return columns


def _row(number: int, columns: list[str], values: list[str]) -> Row | Problem:
    if len(values) != len(columns):
        return Problem(
            number, "row", f"it has {len(values)} fields where the header has {len(columns)}."
        )
    found = dict(zip(columns, values, strict=True))
    known = {name: found.pop(name).strip() for name in ALIASES if name in found}
    return Row(number=number, metadata=found, **known)
