"""What a training worker computes on: its name, its memory, and that one run has it at a time."""

import fcntl
import os
import re
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

MEGABYTE = 2**20
KILOBYTE = 2**10


@contextmanager
def sole_use() -> Iterator[bool]:
    """Hold this machine's device while the block runs; False where another run has it.

    Workers that see different GPUs (CUDA_VISIBLE_DEVICES) have different devices. The lock goes
    with the process that holds it, however that ends.
    """
    visible = re.sub(r"\W+", "-", os.environ.get("CUDA_VISIBLE_DEVICES", "") or "all")
    path = Path(settings.TRAINING_DIR) / f"device-{visible}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def device_name() -> str:
    """Return what this process computes on; a GPU where torch has been loaded and finds one."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        return str(torch.cuda.get_device_name())
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"CPU, {cores} core{'' if cores == 1 else 's'}"


def memory_mb() -> int:
    """Return the memory that this process holds, in MB; where that is not told, its peak."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        unit = 1 if sys.platform == "darwin" else KILOBYTE
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit // MEGABYTE
    return pages * resource.getpagesize() // MEGABYTE
