"""Ends the launcher's children when the launcher itself is killed.

It runs as a process of its own and reads `+PID` and `-PID` lines (a child's process group begins,
ends) from a pipe that only the launcher can write. The pipe closes however the launcher ends: what
is then still listed is asked to stop, and killed when it does not. Standard library only, so that
it starts as a bare file in no time.
"""

import os
import signal
import sys
import time
from contextlib import suppress

GRACE_SECONDS = 4.0


def listed(lines: list[str]) -> list[int]:
    """Return the process groups that have begun and not ended, in the order of their beginning."""
    groups: dict[int, None] = {}
    for line in lines:
        pid = int(line[1:])
        if line.startswith("+"):
            groups[pid] = None
        else:
            groups.pop(pid, None)
    return list(groups)


def alive(group: int) -> bool:
    """Tell whether a process group still has a member."""
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def end(groups: list[int], *, grace: float = GRACE_SECONDS) -> None:
    """Ask the leaders of `groups` to stop, last one first; after `grace` seconds kill the rest."""
    for group in reversed(groups):
        with suppress(ProcessLookupError, PermissionError):
            os.kill(group, signal.SIGTERM)
    deadline = time.monotonic() + grace
    while time.monotonic() < deadline and any(alive(group) for group in groups):
        time.sleep(0.05)
    for group in groups:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


def main() -> None:
    """Wait until the launcher is gone, then end what it left behind."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    end(listed([line for line in sys.stdin if line.strip()]))


if __name__ == "__main__":
    main()
