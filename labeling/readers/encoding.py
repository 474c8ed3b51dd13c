"""Which encoding a text file is in, and reading it without ever holding a line of any length."""

import codecs
import io
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO

from charset_normalizer import from_bytes

from labeling.errors import Invalid
from labeling.readers.rows import LINE_LIMIT

SAMPLE = 256 * 1024
GUESSED_FROM = 64 * 1024
BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# The encodings that a person can choose, by the name that people know.
ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "cp1252": "Western (Windows-1252)",
    "latin-1": "Western (ISO 8859-1)",
    "iso8859-15": "Western with euro (ISO 8859-15)",
    "mac-roman": "Western (Mac Roman)",
    "cp1250": "Central European (Windows-1250)",
    "iso8859-2": "Central European (ISO 8859-2)",
    "cp1251": "Cyrillic (Windows-1251)",
    "koi8-r": "Cyrillic (KOI8-R)",
    "cp1253": "Greek (Windows-1253)",
    "cp1254": "Turkish (Windows-1254)",
    "cp1255": "Hebrew (Windows-1255)",
    "cp1256": "Arabic (Windows-1256)",
    "cp932": "Japanese (Shift JIS)",
    "euc-jp": "Japanese (EUC)",
    "gb18030": "Chinese, simplified (GB 18030)",
    "big5": "Chinese, traditional (Big5)",
    "cp949": "Korean (Windows-949)",
}
GUESSED = ["cp1252", "mac_roman", "cp1250", "iso8859_2", "cp1251", "koi8_r", "cp1253", "cp1254",
           "cp1255", "cp1256", "cp932", "euc_jp", "gb18030", "big5", "cp949"]  # fmt: skip


class LineTooLong(Exception):
    """A line was passed over because it has more than the limit."""


def detect(sample: bytes) -> str:
    """Return the name of the encoding that the beginning of a file is in.

    Raises:
        Invalid: it is in none that is known.
    """
    for mark, name in BOMS:
        if sample.startswith(mark):
            return name
    if _is_utf8(sample):
        return "utf-8"
    return _wide(sample) or _guess(sample)


def normal_name(name: str) -> str:
    """Return a chosen encoding by the name that this module uses.

    Raises:
        Invalid: there is no such encoding.
    """
    if name in ENCODINGS:
        return name
    try:
        found = codecs.lookup(name).name
    except LookupError:
        found = ""
    for known in ENCODINGS:
        if codecs.lookup(known).name == found:
            return known
    raise Invalid(f"encoding: '{name[:40]}' is not one of {', '.join(ENCODINGS)}.")


def open_text(file: BinaryIO, encoding: str) -> io.TextIOWrapper:
    """Return a file as text. A byte that its encoding lacks stays in as an escape.

    Such a byte is found when the row is checked, so that only its row is refused. UTF-16 has no
    such escape: there the reading stops.
    """
    wide = encoding.startswith(("utf-16", "utf-32"))
    errors = "strict" if wide else "surrogateescape"
    name = "utf-8-sig" if encoding == "utf-8" else encoding
    return _Text(file, encoding=name, errors=errors, newline="")


def unreadable(encoding: str, number: int) -> Invalid:
    """Return the refusal of a file that stops being text at a row."""
    name = ENCODINGS.get(encoding, encoding)
    return Invalid(
        f"file: row {number:,} is not {name}. Save the file as UTF-8, or choose its encoding."
    )


class _Text(io.TextIOWrapper):
    """A text that leaves its file open when it goes: whoever opened the file closes it."""

    def close(self) -> None:
        """Let go of the file."""
        with suppress(ValueError):
            self.detach()


class Lines:
    """The lines of a text, each with its end, and none longer than the limit.

    Raises:
        LineTooLong: for a line beyond the limit; the next call goes on with the line after it.
    """

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._readline = text.readline

    def __iter__(self) -> Iterator[str]:
        """Return itself."""
        return self

    def __next__(self) -> str:
        """Return the next line."""
        line = self._readline(LINE_LIMIT)
        if not line:
            raise StopIteration
        if len(line) == LINE_LIMIT and line[-1] not in "\r\n":
            self._pass_over()
            raise LineTooLong
        return line

    def _pass_over(self) -> None:
        while (rest := self._readline(LINE_LIMIT)) and rest[-1] not in "\r\n":
            pass


def _is_utf8(sample: bytes) -> bool:
    """Tell whether it reads as UTF-8, but for a stray byte among many that do."""
    cut = len(sample) >= SAMPLE
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    text = decoder.decode(sample, final=not cut)
    if text.isascii():
        return True
    strange = sum("\udc80" <= letter <= "\udcff" for letter in text)
    good = sum(letter > "\x7f" for letter in text) - strange
    return strange * 10 <= good


def _wide(sample: bytes) -> str:
    """Return which UTF-16 without byte order mark it is: every other byte is zero in most texts."""
    half = len(sample) // 2
    if half and sample[1::2].count(0) > 0.4 * half:
        return "utf-16-le"
    if half and sample[0::2].count(0) > 0.4 * half:
        return "utf-16-be"
    return ""


def _guess(sample: bytes) -> str:
    found = from_bytes(sample[:GUESSED_FROM], cp_isolation=GUESSED).best()
    if found is None:
        raise Invalid(
            "encoding: it cannot be recognised. Save the file as UTF-8, or choose its encoding."
        )
    return normal_name(found.encoding)
