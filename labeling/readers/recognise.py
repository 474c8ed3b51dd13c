"""Which format a file has, by what is in it and, where that leaves a doubt, by its name."""

import zipfile
from enum import StrEnum
from typing import BinaryIO

import ijson
import orjson

from labeling.errors import Invalid
from labeling.readers.doccano import looks_like_examples
from labeling.readers.label_studio import looks_like_tasks


class Format(StrEnum):
    """The formats that can be read."""

    CSV = "csv"
    TSV = "tsv"
    JSONL = "jsonl"
    JSON = "json"
    XLSX = "xlsx"
    PARQUET = "parquet"
    LABEL_STUDIO = "label_studio"
    DOCCANO = "doccano"


FORMAT_NAMES = {
    Format.CSV: "CSV",
    Format.TSV: "TSV (tabs)",
    Format.JSONL: "JSON lines",
    Format.JSON: "JSON (one array)",
    Format.XLSX: "Excel workbook (.xlsx)",
    Format.PARQUET: "Parquet",
    Format.LABEL_STUDIO: "Label Studio export (JSON)",
    Format.DOCCANO: "doccano export (JSONL)",
}
BINARY = {Format.XLSX, Format.PARQUET}
FOREIGN = {
    b"\x1f\x8b": "a gzip archive: unpack it first.",
    b"BZh": "a bzip2 archive: unpack it first.",
    b"\xfd7zXZ": "an xz archive: unpack it first.",
    b"7z\xbc\xaf": "a 7z archive: unpack it first.",
    b"%PDF": "a PDF: export its data as CSV.",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook (.xls) or a protected one: save it as .xlsx.",
    b"SQLite format 3": "a database: export a table as CSV.",
    b"\x89PNG": "an image.",
}


def binary_format(file: BinaryIO, name: str) -> Format | None:
    """Return the format of a file that is no text; None where it may be text.

    Raises:
        Invalid: it is something else than its name says, or nothing that can be read.
    """
    head = file.read(16)
    file.seek(0)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _of_zip(file, name)
    if head.startswith(b"PAR1"):
        return Format.PARQUET
    for mark, what in FOREIGN.items():
        if head.startswith(mark):
            raise Invalid(f"file: '{name[-80:]}' is {what}")
    return None


def text_format(beginning: str, name: str) -> Format:
    """Return the format of a text by its beginning."""
    start = beginning.lstrip("\ufeff \t\r\n")
    if start.startswith("["):
        return _of_array(start)
    if start.startswith("{"):
        return _of_lines(start)
    return Format.TSV if name.lower().endswith((".tsv", ".tab")) else Format.CSV


def _of_zip(file: BinaryIO, name: str) -> Format:
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError) as error:
        raise Invalid(f"file: '{name[-80:]}' is a damaged zip archive. Save it anew.") from error
    finally:
        file.seek(0)
    if "xl/workbook.xml" in names:
        return Format.XLSX
    raise Invalid(
        f"file: '{name[-80:]}' is a zip archive, whatever its name says. Unpack it and send the "
        "file that is inside."
    )


def _of_array(start: str) -> Format:
    try:
        first = next(ijson.items(start.encode(errors="replace"), "item", use_float=True), None)
    except ijson.JSONError:
        # The first object goes on beyond the sample: tasks of Label Studio name these early.
        return (
            Format.LABEL_STUDIO if '"annotations"' in start and '"data"' in start else Format.JSON
        )
    tasks = isinstance(first, dict) and looks_like_tasks(first)
    return Format.LABEL_STUDIO if tasks else Format.JSON


def _of_lines(start: str) -> Format:
    line = start.splitlines()[0]
    try:
        first = orjson.loads(line)
    except orjson.JSONDecodeError:
        return Format.JSONL
    examples = isinstance(first, dict) and looks_like_examples(first)
    return Format.DOCCANO if examples else Format.JSONL
