"""Opening a file: what format, encoding and columns it has, and its records one at a time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from itertools import chain, islice
from pathlib import PurePath
from typing import BinaryIO

from labeling.errors import Invalid
from labeling.readers.delimited import DELIMITERS, read_table, sniff_delimiter
from labeling.readers.doccano import read_examples
from labeling.readers.encoding import SAMPLE, detect, normal_name, open_text, unreadable
from labeling.readers.json_array import read_array
from labeling.readers.json_lines import read_lines
from labeling.readers.label_studio import read_tasks
from labeling.readers.parquet import read_parquet
from labeling.readers.recognise import BINARY, Format, binary_format, text_format
from labeling.readers.rows import Problem, Record
from labeling.readers.xlsx import read_sheet

PEEKED = 50


@dataclass(frozen=True)
class How:
    """How to read a file; what is empty is found out from its content."""

    format: str = ""
    encoding: str = ""
    delimiter: str = ""
    annotator: str = ""


@dataclass
class Content:
    """A file that is being read: how, its columns, its records, and how far the reading is.

    `done` counts in the unit of `total`: bytes, or rows of Parquet.
    """

    how: How
    columns: list[str]
    records: Iterator[Record | Problem]
    total: int
    done: Callable[[], int]


def open_content(file: BinaryIO, *, name: str, size: int, how: How) -> Content:
    """Open a file as `how` says, finding out what it leaves open.

    Args:
        file: the file, at its beginning, and seekable.
        name: its name, where the content leaves a doubt.
        size: its bytes.
        how: what is known already or was chosen.

    Raises:
        Invalid: it is empty, or cannot be read as what was found or chosen.
    """
    if not size:
        raise Invalid("file: it is empty. Send one with at least one row.")
    chosen = _format(how.format)
    found = binary_format(file, name)
    if found is None and chosen in BINARY:
        raise Invalid(f"format: the file is not {chosen}. Choose another format.")
    if found is not None:
        return _open_binary(file, found, chosen, size)
    return _open_text(file, name, size, chosen, how)


def _open_binary(file: BinaryIO, found: Format, chosen: Format | None, size: int) -> Content:
    if chosen not in {None, found}:
        raise Invalid(f"format: the file is {found}, not {chosen}. Choose that, or leave it open.")
    if found is Format.PARQUET:
        columns, records, rows = read_parquet(file)
        counter = _Counter(records)
        return Content(How(found), columns, counter, rows, lambda: counter.count)
    columns, records = read_sheet(file)
    return Content(How(found), columns, records, 0, lambda: 0)


def _open_text(file: BinaryIO, name: str, size: int, chosen: Format | None, how: How) -> Content:
    sample = file.read(SAMPLE)
    file.seek(0)
    encoding = normal_name(how.encoding) if how.encoding else detect(sample)
    beginning = _decode(sample, encoding)
    kind = chosen or text_format(beginning, name)
    delimiter = _delimiter(kind, how, beginning)
    annotator = how.annotator or _annotator(name)
    found = How(kind, encoding, delimiter, annotator if kind is Format.DOCCANO else "")
    if kind in {Format.CSV, Format.TSV}:
        text = open_text(file, encoding)
        columns, records = read_table(text, delimiter=delimiter, encoding=encoding)
        return Content(found, columns, records, size, file.tell)
    if kind in {Format.JSON, Format.LABEL_STUDIO}:
        columns, records = _peek(_objects(file, kind, encoding))
        return Content(found, columns, records, size, file.tell)
    text = open_text(file, encoding)
    columns, records = _peek(_lines(text, kind, encoding, annotator))
    return Content(found, columns, records, size, file.tell)


def _objects(file: BinaryIO, kind: Format, encoding: str) -> Iterator[Record | Problem]:
    records = read_array(file, encoding=encoding)
    return read_tasks(records) if kind is Format.LABEL_STUDIO else records


def _lines(
    text: TextIOWrapper, kind: Format, encoding: str, annotator: str
) -> Iterator[Record | Problem]:
    records = read_lines(text, encoding=encoding)
    return read_examples(records, annotator=annotator) if kind is Format.DOCCANO else records


def _peek(records: Iterator[Record | Problem]) -> tuple[list[str], Iterator[Record | Problem]]:
    """Return the columns of the first objects, in their order, and all records."""
    first = list(islice(records, PEEKED))
    columns: dict[str, None] = {}
    for record in first:
        if not isinstance(record, Problem):
            columns.update(dict.fromkeys(record[1]))
    if not first:
        raise Invalid("file: it is empty. Send one with at least one row.")
    if not columns:
        problem = next(found for found in first if isinstance(found, Problem))
        raise Invalid(f"file: row {problem.row}: {problem.reason} {problem.fix}")
    return list(columns), chain(first, records)


class _Counter:
    """Counts what it passes on."""

    def __init__(self, records: Iterator[Record | Problem]) -> None:
        self._records, self.count = records, 0

    def __iter__(self) -> Iterator[Record | Problem]:
        return self

    def __next__(self) -> Record | Problem:
        found = next(self._records)
        self.count += 1
        return found


def _format(name: str) -> Format | None:
    if name and name not in set(Format):
        raise Invalid(f"format: '{name[:40]}' is not one of {', '.join(Format)}.")
    return Format(name) if name else None


def _decode(sample: bytes, encoding: str) -> str:
    # A character at the end of the sample may be cut in two.
    wide = encoding.startswith(("utf-16", "utf-32"))
    try:
        if wide:
            return sample[: len(sample) // 4 * 4].decode(encoding, "ignore")
        return sample.decode("utf-8-sig" if encoding == "utf-8" else encoding, "replace")
    except UnicodeError as error:
        raise unreadable(encoding, 1) from error


def _delimiter(kind: Format, how: How, beginning: str) -> str:
    if kind is Format.TSV:
        return "\t"
    if kind is not Format.CSV:
        return ""
    if how.delimiter and how.delimiter not in DELIMITERS:
        raise Invalid("delimiter: choose a comma, semicolon, tab or bar.")
    return how.delimiter or sniff_delimiter(beginning)


def _annotator(name: str) -> str:
    """Return whose labels a doccano file holds: it names the files of single annotators so."""
    stem = PurePath(name).stem
    return "doccano" if stem in {"", "all", "file"} else stem[:150]
