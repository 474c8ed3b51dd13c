"""Keeps the children running: restarts after a crash, an ordered stop at the end."""

import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from config.launcher.children import Child
from config.launcher.errors import StartError
from config.launcher.orphans import Register
from config.launcher.processes import Process
from config.launcher.terminal import say

TICK_SECONDS = 0.1
WINDOW_SECONDS = 60.0
MOST_RESTARTS = 5
FIRST_WAIT = 0.5
STOP_SECONDS = 10.0


class StopSignal:
    """Ctrl-C, TERM and HUP, remembered instead of interrupting: the second one means at once."""

    def __init__(self) -> None:
        """Take over the three signals of this process."""
        self._first = threading.Event()
        self._second = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._receive)

    def __bool__(self) -> bool:
        """Tell whether somebody asked to stop."""
        return self._first.is_set()

    @property
    def urgent(self) -> bool:
        """Whether somebody asked twice."""
        return self._second.is_set()

    def _receive(self, *_: object) -> None:
        (self._second if self._first.is_set() else self._first).set()


@dataclass
class Place:
    """What should run, what does run, and when it crashed of late."""

    process: Process
    child: Child
    base: bool
    crashes: deque[float] = field(default_factory=deque)
    start_at: float | None = None

    def note_crash(self) -> float:
        """Count a crash; return the seconds to wait before the next start.

        Raises:
            StartError: it crashed too often within the last minute.
        """
        now = time.monotonic()
        self.crashes.append(now)
        while self.crashes[0] < now - WINDOW_SECONDS:
            self.crashes.popleft()
        if len(self.crashes) > MOST_RESTARTS:
            raise StartError(
                f"The {self.process.name} process stopped {len(self.crashes)} times within a "
                "minute, so everything stops. Its last lines are above."
            )
        return FIRST_WAIT * 2.0 ** (len(self.crashes) - 1)


class Supervisor:
    """The children of one launcher."""

    def __init__(
        self,
        *,
        env: Mapping[str, str],
        logs: Path,
        register: Register,
        stop: StopSignal,
        verbose: bool,
    ) -> None:
        """Supervise children with environment `env` until `stop`; `verbose` shows their output."""
        self._verbose = verbose
        self._env = env
        self._logs = logs
        self._register = register
        self._stop = stop
        self._places: list[Place] = []

    def launch(self, process: Process, on_line: Callable[[str], None] | None = None) -> Child:
        """Start a process that is not restarted; the caller ends it."""
        return Child(
            process,
            env=self._env,
            logs=self._logs,
            register=self._register,
            on_line=on_line or self._echo(process),
        )

    def keep(self, child: Child, *, base: bool = False) -> None:
        """From now on start `child` again when it ends; a `base` one stops after all others."""
        self._places.append(Place(child.process, child, base))

    def watch(self, until: Callable[[], bool]) -> bool:
        """Tend the kept children until `until` holds (True) or somebody asks to stop (False).

        Raises:
            StartError: a child crashes again and again.
        """
        while not self._stop:
            for place in self._places:
                self._tend(place)
            if until():
                return True
            time.sleep(TICK_SECONDS)
        return False

    def stop_all(self) -> None:
        """Ask every child to stop and wait for it; kill what does not stop in time."""
        if self._places:
            say("Stopping …")
        for base in (False, True):
            children = [place.child for place in self._places if place.base == base]
            for child in children:
                child.ask_to_stop()
            self._await_end(children)
            for child in children:
                child.end()
        self._places.clear()

    def _await_end(self, children: list[Child]) -> None:
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and not self._stop.urgent:
            if all(child.exit_code is not None for child in children):
                return
            time.sleep(TICK_SECONDS / 2)

    def _tend(self, place: Place) -> None:
        if place.start_at is not None:
            if time.monotonic() >= place.start_at:
                place.start_at = None
                place.child = self.launch(place.process)
        elif place.child.exit_code is not None:
            place.child.end()
            _report(place)
            wait = place.note_crash()
            say(f"Starting it again in {wait:g} seconds.")
            place.start_at = time.monotonic() + wait

    def _echo(self, process: Process) -> Callable[[str], None]:
        if not self._verbose:
            return lambda _: None
        return lambda line: say(f"{process.name:<15} | {line}")


def _report(place: Place) -> None:
    code = place.child.exit_code or 0
    how = f"was ended by signal {-code}" if code < 0 else f"stopped by itself (exit code {code})"
    say(f"The {place.process.name} process {how}. Its last lines:")
    for line in place.child.tail:
        say(f"  {place.process.name} | {line}")
