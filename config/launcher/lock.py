"""One running Tagloop per data directory.

The lock is the kernel's (`flock`), so it ends with its holders whatever kills them; the file's text
only tells who holds it and how to reach it.
"""

import fcntl
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from config.launcher.errors import StartError

STOPPING_SECONDS = 20.0


@dataclass(frozen=True)
class Holder:
    """Who runs here, where it answers, and the environment that a command needs to join it."""

    pid: int
    url: str
    env: Mapping[str, str] = field(default_factory=dict)


class InstanceLock:
    """The lock file of a data directory, held from construction until `release`."""

    def __init__(self, path: Path, *, url: str, patience: float = STOPPING_SECONDS) -> None:
        """Take the lock; wait up to `patience` seconds for the children of a dead launcher to end.

        Raises:
            StartError: another Tagloop runs on this data directory, or still stops.
        """
        self.url = url
        self.fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _wait(self.fd, patience)
        except BaseException:
            os.close(self.fd)
            raise
        self.describe({})

    def describe(self, env: Mapping[str, str]) -> None:
        """Write down who holds the lock, with the environment to reach its processes."""
        text = json.dumps({"pid": os.getpid(), "url": self.url, "env": dict(env)}).encode()
        os.ftruncate(self.fd, 0)
        os.pwrite(self.fd, text, 0)

    def release(self) -> None:
        """Give the lock back; the next start takes it without waiting."""
        os.ftruncate(self.fd, 0)
        os.close(self.fd)


def running(path: Path) -> Holder | None:
    """Return the Tagloop that holds the lock at `path`, or None."""
    if not path.exists():
        return None
    fd = os.open(path, os.O_RDWR)
    try:
        return None if _try(fd) else _holder(fd)
    finally:
        os.close(fd)


def _wait(fd: int, patience: float) -> None:
    deadline = time.monotonic() + patience
    while not _try(fd):
        holder = _holder(fd)
        if holder and _alive(holder.pid):
            raise StartError(
                f"Tagloop already runs (pid {holder.pid}) at {holder.url}. "
                f"To stop it, press Ctrl-C there or: kill {holder.pid}"
            )
        if time.monotonic() > deadline:
            raise StartError("An earlier Tagloop has not stopped yet; try again in a moment.")
        time.sleep(0.1)


def _try(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(fd: int) -> Holder | None:
    try:
        return Holder(**json.loads(os.pread(fd, 65536, 0)))
    except (ValueError, TypeError):
        return None


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
