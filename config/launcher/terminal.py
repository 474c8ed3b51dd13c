"""What the launcher writes to the terminal."""

import sys
from contextlib import suppress


def say(line: str) -> None:
    """Write a line at once; a terminal that is gone does not stop the launcher."""
    with suppress(OSError, ValueError):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
