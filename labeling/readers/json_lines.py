"""JSON lines: one object a line."""

import io
from collections.abc import Iterator

import orjson

from labeling.readers.delimited import too_long
from labeling.readers.encoding import Lines, LineTooLong, unreadable
from labeling.readers.rows import COLUMN_LIMIT, Problem, Record


def read_lines(text: io.TextIOWrapper, *, encoding: str) -> Iterator[Record | Problem]:
    """Yield the object of each line by its number; empty lines are passed over.

    A line that is no object is a problem, and the next one is read.

    Raises:
        Invalid: its bytes stop being text.
    """
    lines, number = Lines(text), 0
    while True:
        number += 1
        try:
            line = next(lines, None)
        except LineTooLong:
            yield too_long(number)
            continue
        except UnicodeError as error:
            raise unreadable(encoding, number) from error
        if line is None:
            return
        if not line.isspace():
            yield _parse(number, line)


def _parse(number: int, line: str) -> Record | Problem:
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return _bad(number, line, error)
    return checked_object(number, found)


def checked_object(number: int, found: object) -> Record | Problem:
    """Return an object as a record; a problem where it is something else or has too many fields."""
    if not isinstance(found, dict):
        return Problem(number, "row", "it is not an object.", "Write it as {…} with named fields.")
    if len(found) > COLUMN_LIMIT:
        return Problem(
            number,
            "row",
            f"it has {len(found):,} fields; the limit is {COLUMN_LIMIT:,}.",
            "Leave some out.",
        )
    return number, found


def _bad(number: int, line: str, error: orjson.JSONDecodeError) -> Problem:
    strange = next((letter for letter in line if "\udc80" <= letter <= "\udcff"), "")
    if strange:
        byte = ord(strange) - 0xDC00
        return Problem(
            number,
            "row",
            f"it holds a byte (0x{byte:02X}) that its encoding does not have.",
            "Save the file as UTF-8, or choose its encoding.",
        )
    reason = str(error).split(":")[0][:120]
    return Problem(number, "row", f"it is not valid JSON ({reason}).", "Mend it.")
