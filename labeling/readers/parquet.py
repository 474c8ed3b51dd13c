"""Parquet files, a batch of rows at a time."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from labeling.errors import Invalid
from labeling.readers.delimited import column_names
from labeling.readers.rows import Problem, Record

GROUP_LIMIT = 256 * 2**20
BATCH = 1000
MISSING = (
    "file: reading Parquet needs a package that is not installed here: an operator runs "
    "'pip install pyarrow'. Or save the file as CSV or JSON lines."
)


def read_parquet(file: BinaryIO) -> tuple[list[str], Iterator[Record | Problem], int]:
    """Return the columns, an iterator over the rows (from 1), and how many rows there are.

    Raises:
        Invalid: pyarrow is not installed, the file is damaged, or a row group is beyond the limit.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise Invalid(MISSING) from error
    try:
        opened = parquet.ParquetFile(file)
    except (pa.ArrowException, OSError) as error:
        raise Invalid("file: it is no Parquet file, or a damaged one. Write it anew.") from error
    _refuse_large_groups(opened.metadata)
    names = column_names(opened.schema_arrow.names)
    return names, _records(opened, names, pa.ArrowException), opened.metadata.num_rows


def _refuse_large_groups(metadata: Any) -> None:
    for place in range(metadata.num_row_groups):
        size = metadata.row_group(place).total_byte_size
        if size > GROUP_LIMIT:
            raise Invalid(
                f"file: its row group {place + 1} takes {size / 2**20:,.0f} MiB; the limit is "
                f"{GROUP_LIMIT / 2**20:,.0f} MiB. Write it with smaller row groups."
            )


def _records(opened: Any, names: list[str], damage: type[Exception]) -> Iterator[Record | Problem]:
    number = 0
    try:
        for batch in opened.iter_batches(batch_size=BATCH):
            for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                number += 1
                yield number, dict(zip(names, values, strict=True))
    except (damage, OSError, UnicodeError) as error:
        raise Invalid(
            f"file: it is damaged after row {number:,}. Write it anew and send it again: what "
            "came in already adds nothing."
        ) from error
