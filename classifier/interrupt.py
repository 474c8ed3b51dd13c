"""Stopping a computation that asks nobody whether it should go on."""

import ctypes
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from labeling.jobs import JobLost

Lost = Callable[[], bool]


@contextmanager
def stopped_when(lost: Lost, *, every_seconds: float) -> Iterator[None]:
    """Raise JobLost in this thread soon after `lost` says yes, also in the middle of the block.

    `lost` is asked from a thread of its own. The exception comes between two instructions of
    Python: a call into C that takes long, such as one large product of matrices, ends first. The
    block must hold nothing that would be left half done, such as a transaction.
    """
    watch = _Watch(threading.get_ident(), lost, every_seconds)
    watch.start()
    try:
        yield
    finally:
        watch.end()


class _Watch(threading.Thread):
    def __init__(self, target: int, lost: Lost, every_seconds: float) -> None:
        super().__init__(daemon=True)
        self._target, self._lost, self._every = target, lost, every_seconds
        self._over = threading.Event()
        self._lock = threading.Lock()

    def run(self) -> None:
        """Ask until the block is over or the exception has been raised in it."""
        while not self._over.wait(self._every):
            if self._lost():
                with self._lock:
                    if not self._over.is_set():
                        _raise_in(self._target, JobLost)
                return

    def end(self) -> None:
        """Let nothing be raised from now on."""
        with self._lock:
            self._over.set()
            _raise_in(self._target, None)


def _raise_in(thread: int, kind: type[BaseException] | None) -> None:
    """Raise in a thread at its next instruction; None takes back what has not been raised yet."""
    wanted = None if kind is None else ctypes.py_object(kind)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), wanted)
