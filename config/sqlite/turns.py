"""Whose turn it is to write a database file: one thread of one process at a time."""

import os
import time
from dataclasses import dataclass, field
from threading import Lock

try:
    from fcntl import LOCK_EX, LOCK_NB, LOCK_UN, flock
except ImportError:  # without it, processes wait for each other as SQLite has them wait
    flock = None  # type: ignore[assignment]

STEP_SECONDS = 0.0005


@dataclass
class Turn:
    """The turn to write one database.

    Attributes:
        path: a file for processes to lock, made where it is missing; None for a database that
            lies in the memory of one process.
    """

    path: str | None
    _threads: Lock = field(default_factory=Lock)
    _file: int | None = None

    def take(self, seconds: float) -> bool:
        """Wait for the turn; False where it did not come in time."""
        until = time.monotonic() + seconds
        if not self._threads.acquire(timeout=seconds):
            return False
        if self._enter(until):
            return True
        self._threads.release()
        return False

    def end(self) -> None:
        """Let the next thread or process in."""
        if self._file is not None:
            flock(self._file, LOCK_UN)
        self._threads.release()

    def forget(self) -> None:
        """Leave the turn to the process that a child was forked from."""
        if self._file is not None:
            os.close(self._file)

    def _enter(self, until: float) -> bool:
        if self.path is None or flock is None:
            return True
        if self._file is None:
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        # The file's own way to wait has no limit, and one thread of a process is here at most.
        while not _locked(self._file):
            if time.monotonic() > until:
                return False
            time.sleep(STEP_SECONDS)
        return True


def _locked(file: int) -> bool:
    try:
        flock(file, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return False
    return True
