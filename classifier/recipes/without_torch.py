"""Importing what would bring torch along, where it is installed, for nothing."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class _NoTorch:
    """Lets one thread find no torch."""

    def __init__(self) -> None:
        self._thread = threading.get_ident()

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Refuse torch, and leave all else to other finders."""
        if name == "torch" and threading.get_ident() == self._thread:
            raise ModuleNotFoundError("No module named 'torch'", name=name)


@contextmanager
def without_torch() -> Iterator[None]:
    """Import as if torch were not installed; one that is there already stays."""
    finder = _NoTorch()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
