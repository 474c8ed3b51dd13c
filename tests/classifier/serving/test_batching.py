"""Batches: whatever waits is taken together, and nobody waits for a batch to fill."""

import asyncio
from collections.abc import Sequence

import pytest

from classifier.serving.batching import Batcher, Full


class Doubling:
    """Work that doubles numbers, and holds until it is let go on."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.go_on = asyncio.Event()

    async def __call__(self, asks: Sequence[int]) -> list[int]:
        self.batches.append(list(asks))
        await self.go_on.wait()
        if 13 in asks:
            raise ArithmeticError("13")
        return [2 * ask for ask in asks]


async def settle() -> None:
    """Let every task go as far as it can."""
    for _ in range(10):
        await asyncio.sleep(0)


def test_what_waits_while_the_work_runs_is_the_next_batch() -> None:
    async def main() -> None:
        work = Doubling()
        batcher: Batcher[int, int] = Batcher(cap=3)
        loop = asyncio.create_task(batcher.run(work))
        first = batcher.submit(0)
        await settle()
        others = [batcher.submit(number) for number in range(1, 6)]
        await settle()
        work.go_on.set()
        assert [await first, *[await other for other in others]] == [0, 2, 4, 6, 8, 10]
        assert work.batches == [[0], [1, 2, 3], [4, 5]]
        loop.cancel()

    asyncio.run(main())


def test_a_failure_reaches_its_own_batch_alone() -> None:
    async def main() -> None:
        work = Doubling()
        work.go_on.set()
        batcher: Batcher[int, int] = Batcher(cap=2)
        loop = asyncio.create_task(batcher.run(work))
        asks = [batcher.submit(number) for number in (12, 13, 14)]
        results = await asyncio.gather(*asks, return_exceptions=True)
        assert [type(result) for result in results] == [ArithmeticError, ArithmeticError, int]
        assert await batcher.submit(15) == 30
        loop.cancel()

    asyncio.run(main())


def test_the_queue_has_a_bound() -> None:
    async def main() -> None:
        batcher: Batcher[int, int] = Batcher(bound=2)
        waiting = [batcher.submit(number) for number in range(2)]
        await settle()
        with pytest.raises(Full):
            await batcher.submit(3)
        for task in waiting:
            task.cancel()

    asyncio.run(main())


def test_a_caller_that_went_away_does_not_disturb_the_others() -> None:
    async def main() -> None:
        work = Doubling()
        batcher: Batcher[int, int] = Batcher()
        loop = asyncio.create_task(batcher.run(work))
        gone, stays = (batcher.submit(number) for number in (1, 2))
        await settle()
        gone.cancel()
        await settle()
        work.go_on.set()
        assert await stays == 4
        loop.cancel()

    asyncio.run(main())


def test_draining_waits_for_what_was_accepted() -> None:
    async def main() -> None:
        work = Doubling()
        batcher: Batcher[int, int] = Batcher()
        loop = asyncio.create_task(batcher.run(work))
        ask = batcher.submit(4)
        await settle()
        drained = asyncio.create_task(batcher.drain())
        await settle()
        assert not drained.done()
        work.go_on.set()
        await drained
        assert await ask == 8
        loop.cancel()

    asyncio.run(main())


def test_many_of_one_call_are_taken_together_or_not_at_all() -> None:
    async def main() -> None:
        batcher: Batcher[int, int] = Batcher(bound=3)
        with pytest.raises(Full):
            batcher.submit_many([1, 2, 3, 4])
        assert batcher.waiting == 0
        assert len(batcher.submit_many([1, 2, 3])) == 3

    asyncio.run(main())


def test_a_call_for_one_overtakes_a_call_for_many_but_for_a_quarter() -> None:
    async def main() -> None:
        work = Doubling()
        work.go_on.set()
        batcher: Batcher[int, int] = Batcher(cap=4)
        many = batcher.submit_many(range(100, 106))
        single = [batcher.submit(number) for number in range(5)]
        loop = asyncio.create_task(batcher.run(work))
        await asyncio.gather(*many, *single)
        assert work.batches == [[0, 1, 2, 100], [3, 4, 101, 102], [103, 104, 105]]
        loop.cancel()

    asyncio.run(main())


def test_what_was_taken_back_is_not_worked_on() -> None:
    async def main() -> None:
        work = Doubling()
        work.go_on.set()
        batcher: Batcher[int, int] = Batcher()
        gone, stays = batcher.submit(1), batcher.submit(2)
        gone.cancel()
        loop = asyncio.create_task(batcher.run(work))
        assert await stays == 4
        assert work.batches == [[2]]
        loop.cancel()

    asyncio.run(main())


def test_draining_does_not_wait_for_what_was_taken_back() -> None:
    async def main() -> None:
        batcher: Batcher[int, int] = Batcher()
        work = Doubling()
        batcher.submit(1).cancel()
        loop = asyncio.create_task(batcher.run(work))
        await asyncio.wait_for(batcher.drain(), 30)
        assert work.batches == []
        loop.cancel()

    asyncio.run(main())
