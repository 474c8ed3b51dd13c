"""Vectors of texts that were encoded before, on disk, for every process of this machine."""

import hashlib
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import numpy as np

from classifier.recipes.encoders.network import Vectors

T = TypeVar("T")
FOLDER_VARIABLE = "TAGLOOP_CACHE_DIR"
_CHUNK = 500
_WAIT_SECONDS = 30.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS vector (
    encoder TEXT NOT NULL, text BLOB NOT NULL, numbers BLOB NOT NULL, PRIMARY KEY (encoder, text)
) WITHOUT ROWID
"""


def cache_folder() -> Path:
    """Return where this machine keeps what it can make again: TAGLOOP_CACHE_DIR, or ~/.cache."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    return Path(chosen) if chosen else Path.home() / ".cache" / "tagloop"


class VectorCache:
    """A SQLite file of vectors by encoder and SHA-256 of the text.

    Several processes may read and write it at once, and a kill loses nothing that was put. It may
    be deleted at any time. Where the file cannot be used nothing is kept and nothing fails.
    """

    def __init__(self, path: Path | None = None) -> None:
        """Keep the vectors in `path`, by default in `cache_folder`."""
        self._path = path or cache_folder() / "vectors.sqlite3"

    def get(self, encoder: str, texts: Sequence[str]) -> dict[str, Vectors]:
        """Return the vectors that are kept, by text."""
        by_hash = {_hash(text): text for text in texts}
        found: dict[str, Vectors] = {}
        with suppress(OSError, sqlite3.Error), self._open() as connection:
            for hashes in chunks(list(by_hash), _CHUNK):
                marks = ", ".join("?" * len(hashes))
                query = f"SELECT text, numbers FROM vector WHERE encoder = ? AND text IN ({marks})"  # noqa: S608
                for text, numbers in connection.execute(query, (encoder, *hashes)):
                    found[by_hash[text]] = np.frombuffer(numbers, "<f4")
        return found

    def put(self, encoder: str, vectors: Mapping[str, Vectors]) -> None:
        """Keep `vectors`, by text."""
        rows = [
            (encoder, _hash(text), row.astype("<f4").tobytes()) for text, row in vectors.items()
        ]
        with suppress(OSError, sqlite3.Error), self._open() as connection, connection:
            connection.executemany("INSERT OR IGNORE INTO vector VALUES (?, ?, ?)", rows)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # No write-ahead log: the switch to it fails at once where another process holds the file.
        with closing(sqlite3.connect(self._path, timeout=_WAIT_SECONDS)) as connection:
            connection.execute(_SCHEMA)
            yield connection


def chunks(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Yield `values` in order, `size` at a time."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
