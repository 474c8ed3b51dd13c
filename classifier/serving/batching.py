"""Answering together whatever waits: never waiting to fill a batch."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from time import perf_counter
from typing import Generic, TypeVar

A = TypeVar("A")
R = TypeVar("R")
Work = Callable[[Sequence[A]], Awaitable[Sequence[R]]]
CAP = 256
LEAST_CAP = 16
BOUND = 4096
LONGEST_SECONDS = 0.1
SHARE_OF_MANY = 4
SLOWING = 0.2


class Full(Exception):
    """As many asks wait as may: whoever asks now has to come back later."""


class Batcher(Generic[A, R]):
    """Collects asks while the work on earlier ones runs, and gives them to it together.

    Work answers each ask in its place; what it raises goes to all who wait for that batch. A
    batch is as large as a tenth of a second of work, by the pace of the last ones, so that whoever
    comes next does not wait for long. Asks of a call for many go after those of calls for one, but
    for a quarter of each batch. Whoever went away, by its deadline or otherwise, is left out.
    """

    def __init__(self, *, cap: int = CAP, bound: int = BOUND) -> None:
        """Take the size of the largest batch, and how many asks may wait."""
        self._most, self._bound = cap, bound
        self._seconds_each = 0.0
        self._single: deque[tuple[A, asyncio.Future[R]]] = deque()
        self._many: deque[tuple[A, asyncio.Future[R]]] = deque()
        self._in_work = 0
        self._something, self._nothing = asyncio.Event(), asyncio.Event()
        self._nothing.set()

    @property
    def waiting(self) -> int:
        """How many asks are in no batch yet."""
        return len(self._single) + len(self._many)

    def submit(self, ask: A) -> "asyncio.Future[R]":
        """Return what will be the answer to one ask; cancelling it takes the ask back.

        Raises:
            Full: too many wait.
        """
        return self._put(self._single, [ask])[0]

    def submit_many(self, asks: Sequence[A]) -> "list[asyncio.Future[R]]":
        """Return what will be the answers to the asks of one call: all are taken, or none.

        Raises:
            Full: too many wait.
        """
        return self._put(self._many, asks)

    async def run(self, work: Work[A, R]) -> None:
        """Work for ever, a batch at a time; several may run beside each other."""
        while True:
            await self._something.wait()
            batch = self._next()
            if batch:
                self._in_work += len(batch)
                await self._answer(work, batch)
                self._in_work -= len(batch)
            if not self._in_work and not self.waiting:
                self._nothing.set()

    async def drain(self) -> None:
        """Return when everything that was accepted has been answered."""
        await self._nothing.wait()

    def _put(
        self, queue: deque[tuple[A, asyncio.Future[R]]], asks: Sequence[A]
    ) -> "list[asyncio.Future[R]]":
        if self.waiting + len(asks) > self._bound:
            raise Full
        loop = asyncio.get_running_loop()
        answers: list[asyncio.Future[R]] = [loop.create_future() for _ in asks]
        queue.extend(zip(asks, answers, strict=True))
        self._something.set()
        self._nothing.clear()
        return answers

    def _next(self) -> list[tuple[A, asyncio.Future[R]]]:
        """Take the next batch out of what waits."""
        cap = self._cap()
        batch = _taken(self._many, min(len(self._many), max(1, cap // SHARE_OF_MANY)))
        batch = _taken(self._single, cap - len(batch)) + batch
        batch += _taken(self._many, cap - len(batch))
        if not self.waiting:
            self._something.clear()
        return batch

    def _cap(self) -> int:
        by_pace = int(LONGEST_SECONDS / self._seconds_each) if self._seconds_each else 0
        return min(self._most, max(by_pace, LEAST_CAP))

    async def _answer(self, work: Work[A, R], batch: list[tuple[A, asyncio.Future[R]]]) -> None:
        futures = [future for _, future in batch]
        begun = perf_counter()
        try:
            answers = await work([ask for ask, _ in batch])
            for future, answer in zip(futures, answers, strict=True):
                if not future.done():
                    future.set_result(answer)
        except Exception as error:
            for future in futures:
                if not future.done():
                    future.set_exception(error)
        self._note_pace((perf_counter() - begun) / len(batch))

    def _note_pace(self, seconds_each: float) -> None:
        """Believe a quick batch at once and a slow one by and by: it may only have had to wait."""
        known = self._seconds_each
        slower = known and seconds_each > known
        self._seconds_each = known + SLOWING * (seconds_each - known) if slower else seconds_each


def _taken(
    queue: deque[tuple[A, asyncio.Future[R]]], count: int
) -> list[tuple[A, asyncio.Future[R]]]:
    """Take so many out of a queue, fewer where it ends; those who went away do not count."""
    taken: list[tuple[A, asyncio.Future[R]]] = []
    while queue and len(taken) < count:
        ask = queue.popleft()
        if not ask[1].done():
            taken.append(ask)
    return taken
