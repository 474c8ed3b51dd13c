"""Answers of a slow look-up, kept for some seconds."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")
LIMIT = 10_000


class Remembered(Generic[K, V]):
    """Keeps what was found for `seconds`; all who ask for the same meanwhile share one look-up.

    What was not found and what failed is not kept: the next one asks again.
    """

    def __init__(self, find: Callable[[K], Awaitable[V | None]], *, seconds: float) -> None:
        """Take the look-up and how long its answers hold."""
        self._find = find
        self._seconds = seconds
        self._known: dict[K, tuple[float, asyncio.Task[V | None]]] = {}

    async def get(self, key: K) -> V | None:
        """Return what the key leads to, at most `seconds` old."""
        expires, task = self._known.get(key, (0.0, None))
        if task is None or expires < monotonic():
            task = self._ask(key)
        if task.done() and not task.cancelled() and task.exception() is None:
            return task.result()
        # A caller that goes away must not cancel the look-up for the others.
        return await asyncio.shield(task)

    def _ask(self, key: K) -> asyncio.Task[V | None]:
        if len(self._known) >= LIMIT:
            self._known.clear()
        task = asyncio.ensure_future(self._look_up(key))
        self._known[key] = (monotonic() + self._seconds, task)
        return task

    async def _look_up(self, key: K) -> V | None:
        found = None
        try:
            found = await self._find(key)
        finally:
            if found is None:
                self._known.pop(key, None)
        return found
