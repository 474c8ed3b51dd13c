"""The first sheet of an Excel workbook."""

import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import BinaryIO

from openpyxl import load_workbook

from labeling.errors import Invalid
from labeling.readers.delimited import column_names, ragged
from labeling.readers.rows import LINE_LIMIT, Problem, Record

UNPACKED_LIMIT = 1024 * 2**20
TEXTS_LIMIT = 64 * 2**20
PACKED_AT_MOST = 200
SMALL = 2**20
TEXTS = "xl/sharedStrings.xml"


def read_sheet(file: BinaryIO) -> tuple[list[str], Iterator[Record | Problem]]:
    """Return the columns that the first row names, and an iterator over the rows below.

    Cells are text as they are shown, but dates, which are ISO 8601; formulas are their last
    result. Empty rows are passed over.

    Raises:
        Invalid: it is no workbook, unpacks to more than the limit, or is empty.
    """
    refuse_bomb(file)
    try:
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        rows = iter(sheet.iter_rows(values_only=True))
        header = next(rows, ())
    except (KeyError, ValueError, IndexError, zipfile.BadZipFile, OSError, TypeError) as error:
        raise Invalid(
            "file: this workbook cannot be read. Open it and save it as .xlsx anew."
        ) from error
    columns = column_names([_text(value) for value in _trimmed(header)])
    return columns, _records(rows, columns)


def refuse_bomb(file: BinaryIO) -> None:
    """Refuse a workbook that takes far more room than it seems to, before any of it is unpacked.

    Raises:
        Invalid: it is no zip archive, or what it unpacks to is beyond the limit.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        raise Invalid("file: it is no workbook, or a damaged one. Save it anew.") from error
    finally:
        file.seek(0)
    size = sum(part.file_size for part in parts)
    packed = max(1, sum(part.compress_size for part in parts))
    if size > UNPACKED_LIMIT or (size > SMALL and size / packed > PACKED_AT_MOST):
        raise Invalid(
            f"file: it unpacks to {size / 2**20:,.0f} MiB, which is too much for its size or "
            f"beyond the limit of {UNPACKED_LIMIT / 2**20:,.0f} MiB. Save it as CSV."
        )
    texts = sum(part.file_size for part in parts if part.filename == TEXTS)
    if texts > TEXTS_LIMIT:
        raise Invalid(
            f"file: its texts take {texts / 2**20:,.0f} MiB; the limit of a workbook is "
            f"{TEXTS_LIMIT / 2**20:,.0f} MiB, since they have to be held at once. Save it as CSV."
        )


def _records(rows: Iterator[Sequence[object]], columns: list[str]) -> Iterator[Record | Problem]:
    number, width = 1, len(columns)
    while True:
        number += 1
        try:
            cells = next(rows, None)
        except Exception as error:  # openpyxl and its parser raise many kinds
            raise Invalid(
                f"file: the workbook is damaged at row {number:,}. Save it anew as .xlsx or CSV."
            ) from error
        if cells is None:
            return
        values = _trimmed(cells)
        if not values:
            continue
        if len(values) > width:
            yield ragged(number, len(values), width)
            continue
        texts = [_text(value) for value in values] + [""] * (width - len(values))
        yield number, dict(zip(columns, texts, strict=True))


def _trimmed(cells: Sequence[object]) -> Sequence[object]:
    end = len(cells)
    while end and cells[end - 1] in {None, ""}:
        end -= 1
    return cells[:end]


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return "" if value is None else str(value)[: LINE_LIMIT + 1]
