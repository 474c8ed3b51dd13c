"""Answering together whatever waits: never waiting to fill a batch."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

A = TypeVar("A")
R = TypeVar("R")
CAP = 64
BOUND = 1024


class Full(Exception):
    """As many asks wait as may: whoever asks now has to come back later."""


class Batcher(Generic[A, R]):
    """Collects asks while the work on earlier ones runs, and gives them to `work` together.

    `work` answers each ask in its place; what it raises goes to all who wait for that batch.
    """

    def __init__(
        self,
        work: Callable[[Sequence[A]], Awaitable[Sequence[R]]],
        *,
        cap: int = CAP,
        bound: int = BOUND,
    ) -> None:
        """Take the work, the largest batch, and how many asks may wait."""
        self._work = work
        self._cap = cap
        self._waiting: asyncio.Queue[tuple[A, asyncio.Future[R]]] = asyncio.Queue(bound)

    async def submit(self, ask: A) -> R:
        """Return the answer to one ask.

        Raises:
            Full: too many wait.
        """
        answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        try:
            self._waiting.put_nowait((ask, answer))
        except asyncio.QueueFull as error:
            raise Full from error
        return await answer

    async def run(self) -> None:
        """Work for ever, a batch at a time."""
        while True:
            batch = [await self._waiting.get()]
            while len(batch) < self._cap and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            await self._answer(batch)
            for _ in batch:
                self._waiting.task_done()

    async def drain(self) -> None:
        """Return when everything that was accepted has been answered."""
        await self._waiting.join()

    async def _answer(self, batch: list[tuple[A, asyncio.Future[R]]]) -> None:
        futures = [future for _, future in batch]
        try:
            answers = await self._work([ask for ask, _ in batch])
            for future, answer in zip(futures, answers, strict=True):
                if not future.done():
                    future.set_result(answer)
        except Exception as error:
            for future in futures:
                if not future.done():
                    future.set_exception(error)
