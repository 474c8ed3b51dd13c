"""A JSON file that is one array of objects, read an object at a time."""

import codecs
from collections.abc import Iterator
from typing import BinaryIO, cast

import ijson

from labeling.errors import Invalid
from labeling.readers.json_lines import checked_object
from labeling.readers.rows import LINE_LIMIT, Problem, Record

BYTES_LIMIT = 4 * LINE_LIMIT
BUFFER = 64 * 1024


class _Bounded:
    """A file that refuses to go on where one object takes more bytes than the limit."""

    def __init__(self, file: BinaryIO) -> None:
        self._read, self._since = file.read, 0

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        if self._since > BYTES_LIMIT:
            raise _TooLong
        found = self._read(size)
        self._since += len(found)
        return found

    def begin(self) -> None:
        """Count from here: the object before was read to its end."""
        self._since = 0


class _TooLong(Exception):
    """An object is longer than the limit."""


def read_array(file: BinaryIO, *, encoding: str) -> Iterator[Record | Problem]:
    """Yield the objects of an array by their place, from 1.

    Raises:
        Invalid: it is not valid JSON, or one object is beyond the limit; there the reading stops,
            since the rest cannot be found.
    """
    bounded, number = _Bounded(_as_utf8(file, encoding)), 0
    try:
        for found in ijson.items(bounded, "item", use_float=True, buf_size=BUFFER):
            number += 1
            bounded.begin()
            yield checked_object(number, found)
    except _TooLong:
        raise Invalid(
            f"file: object {number + 1:,} is longer than {LINE_LIMIT:,} characters, which is the "
            "limit. Shorten it, or send JSON lines, where a long line does not stop the rest."
        ) from None
    except (ijson.JSONError, UnicodeError) as error:
        reason = str(error).split("\n")[0].replace("\x00", "")[:120]
        raise Invalid(
            f"file: it is not valid JSON after object {number:,} ({reason}). Mend it and send it "
            "again: what came in already adds nothing."
        ) from error


def _as_utf8(file: BinaryIO, encoding: str) -> BinaryIO:
    if encoding == "utf-8":
        _pass_mark(file)
        return file
    return cast("BinaryIO", codecs.EncodedFile(file, "utf-8", encoding))


def _pass_mark(file: BinaryIO) -> None:
    if file.read(3) != codecs.BOM_UTF8:
        file.seek(0)
