"""CSV and its relatives: fields between commas, semicolons, tabs or bars."""

import csv
import io
from collections.abc import Iterator, Sequence

from labeling.errors import Invalid
from labeling.readers.encoding import Lines, LineTooLong, unreadable
from labeling.readers.rows import COLUMN_LIMIT, LINE_LIMIT, Problem, Record
from labeling.spreadsheet_text import restore

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
LOOKED_AT = 20
csv.field_size_limit(LINE_LIMIT)


def sniff_delimiter(beginning: str) -> str:
    """Return which delimiter cuts the first lines into the same number of fields, and most.

    A comma, where none cuts them at all.
    """
    lines = beginning.splitlines(keepends=True)
    if len(lines) > 1:
        lines = lines[:-1]
    return max(DELIMITERS, key=lambda delimiter: _evenness(lines[:LOOKED_AT], delimiter))


def read_table(
    text: io.TextIOWrapper, *, delimiter: str, encoding: str
) -> tuple[list[str], Iterator[Record | Problem]]:
    """Return the columns that the first row names, and an iterator over the others.

    Quoted line breaks stay in their field. A row that is no valid CSV, too long, or has more or
    fewer fields than there are columns is a problem, and the next one is read. An apostrophe that
    keeps a spreadsheet from running a cell is taken away.

    Raises:
        Invalid: the file is empty, or its header cannot be read; while iterating, its bytes
            stop being text.
    """
    reader = csv.reader(Lines(text), delimiter=delimiter, strict=True)
    try:
        header = next(reader, [])
    except (csv.Error, LineTooLong) as error:
        raise Invalid(f"file: its header is not valid CSV ({_why(error)}); mend it.") from error
    except UnicodeError as error:
        raise unreadable(encoding, 1) from error
    columns = column_names(header)
    return columns, _records(reader, columns, encoding)


def column_names(header: Sequence[str]) -> list[str]:
    """Return a header's names, each once: what is empty or repeated gets a number.

    Raises:
        Invalid: there are no names, or too many.
    """
    names = [name.strip() for name in header]
    if not any(names):
        raise Invalid("file: it is empty. The first row must name the columns.")
    if len(names) > COLUMN_LIMIT:
        raise Invalid(
            f"file: it has {len(names):,} columns; the limit is {COLUMN_LIMIT:,}. Leave some out."
        )
    made: list[str] = []
    for place, name in enumerate(names, start=1):
        wanted = name.replace("\x00", "")[:100] or f"column {place}"
        made.append(wanted if wanted not in made else f"{wanted} ({place})")
    return made


def _records(
    reader: Iterator[list[str]], columns: list[str], encoding: str
) -> Iterator[Record | Problem]:
    number, width = 1, len(columns)
    while True:
        number += 1
        try:
            values = next(reader, None)
        except (csv.Error, LineTooLong) as error:
            yield _bad_row(number, error)
            continue
        except UnicodeError as error:
            raise unreadable(encoding, number) from error
        if values is None:
            return
        if len(values) == width:
            if any(value[:1] == "'" for value in values):
                values = [restore(value) for value in values]
            yield number, dict(zip(columns, values, strict=True))
        elif values:
            yield ragged(number, len(values), width)


def ragged(number: int, found: int, width: int) -> Problem:
    """Return the problem of a row that has another number of fields than the header."""
    return Problem(
        number,
        "row",
        f"it has {found:,} fields where the header has {width:,}.",
        "Give it as many; quote a text that holds the delimiter.",
    )


def _bad_row(number: int, error: Exception) -> Problem:
    if isinstance(error, LineTooLong) or "field larger" in str(error):
        return too_long(number)
    return Problem(number, "row", f"it is not valid CSV ({error}).", "Mend its quotes.")


def too_long(number: int) -> Problem:
    """Return the problem of a row beyond the limit."""
    return Problem(
        number,
        "row",
        f"it is longer than {LINE_LIMIT:,} characters, which is the limit.",
        "Shorten it; where it should be several rows, close the quote before it.",
    )


def _why(error: Exception) -> str:
    return str(error) or f"a line is longer than {LINE_LIMIT:,} characters"


def _evenness(lines: list[str], delimiter: str) -> tuple[int, int]:
    """Return how many rows are as wide as the header, where it is more than one field wide."""
    try:
        widths = [len(values) for values in csv.reader(lines, delimiter=delimiter) if values]
    except csv.Error:
        return 0, 0
    if not widths or widths[0] == 1:
        return 0, 0
    return sum(width == widths[0] for width in widths), widths[0]
