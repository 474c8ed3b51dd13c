"""What a format is, and how one that wants a file is written as a stream."""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol

from labeling.errors import Unavailable
from labeling.export.rows import ExportRow, Options

Chunks = Iterable[list[ExportRow]]


@dataclass(frozen=True)
class Context:
    """What a format may say about the whole: the project, its labels, the filter, the time."""

    name: str
    description: str
    labels: tuple[str, ...]
    options: Options
    filters: dict[str, str]
    exported_at: datetime


class Format(Protocol):
    """A way to write rows. `evidence` tells whether it can carry votes and decisions."""

    title: ClassVar[str]
    extension: ClassVar[str]
    content_type: ClassVar[str]
    evidence: ClassVar[bool]

    def write(self, chunks: Chunks, context: Context) -> Iterator[bytes]:
        """Yield the file in pieces; no more than a few chunks are held at a time.

        Raises:
            Unavailable: a package that the format needs is not installed.
        """


class Drain(io.RawIOBase):
    """A file to write to whose content is taken out piece by piece."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []
        self._written = 0

    def writable(self) -> bool:
        """Say that it can be written to."""
        return True

    def write(self, data: Any) -> int:
        """Keep `data` until it is taken."""
        piece = bytes(data)
        self._pieces.append(piece)
        self._written += len(piece)
        return len(piece)

    def tell(self) -> int:
        """Return how many bytes were written in all."""
        return self._written

    def take(self) -> bytes:
        """Return what was written since the last call."""
        taken, self._pieces = b"".join(self._pieces), []
        return taken


def arrow() -> tuple[Any, Any]:
    """Return the modules pyarrow and pyarrow.parquet.

    Raises:
        Unavailable: they are not installed.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise Unavailable(
            "format: Parquet needs the package pyarrow on the server; "
            "an operator installs it with the extra 'parquet'."
        ) from error
    return pa, parquet
