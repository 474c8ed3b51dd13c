"""One child process: its group, its output, its end."""

import logging
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path

from config.launcher.orphans import Register
from config.launcher.processes import Process

ROOT = Path(__file__).resolve().parent.parent.parent
TAIL_LINES = 20
LOG_BYTES = 5_000_000
LOG_FILES = 3


def _ignore(_: str) -> None:
    """Take a line and do nothing with it."""


class Child:
    """A process in a group of its own, whose output goes line by line to a log file.

    `on_line` sees every line as well.
    """

    def __init__(
        self,
        process: Process,
        *,
        env: Mapping[str, str],
        logs: Path,
        register: Register,
        on_line: Callable[[str], None] = _ignore,
    ) -> None:
        """Start `process` with the environment `env`."""
        self.process = process
        self._register = register
        self._on_line = on_line
        self._ended = False
        self._tail: deque[str] = deque(maxlen=TAIL_LINES)
        self._popen = subprocess.Popen(
            [sys.executable if word == "python" else word for word in process.command],
            cwd=ROOT,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            process_group=0,
        )
        register.add(self._popen.pid)
        self._reader = threading.Thread(
            target=self._read, args=(_log_file(logs / f"{process.name}.log"),), daemon=True
        )
        self._reader.start()

    @property
    def exit_code(self) -> int | None:
        """How the process ended (negative: by that signal), or None while it runs."""
        return self._popen.poll()

    @property
    def tail(self) -> list[str]:
        """The last lines that the process wrote."""
        return list(self._tail)

    def ask_to_stop(self) -> None:
        """Send TERM to the process alone: gunicorn and Celery stop their own workers in order."""
        if self.exit_code is None:
            self._popen.terminate()

    def end(self) -> None:
        """Kill what is left of the process group and give it up."""
        if self._ended:
            return
        self._ended = True
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.wait()
        self._reader.join(timeout=2)
        self._register.remove(self._popen.pid)

    def _read(self, log: RotatingFileHandler) -> None:
        for raw in self._popen.stdout or ():
            line = raw.rstrip("\n")
            self._tail.append(line)
            log.emit(logging.makeLogRecord({"msg": line}))
            self._on_line(line)
        log.close()


def _log_file(path: Path) -> RotatingFileHandler:
    begun = path.exists() and path.stat().st_size > 0
    handler = RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=LOG_FILES)
    if begun:
        handler.doRollover()
    return handler
