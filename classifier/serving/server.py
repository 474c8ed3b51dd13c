"""What the serving process works with, from its start to its end."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import structlog
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection

from classifier.serving import metrics
from classifier.serving.asks import Ask
from classifier.serving.auth import Gate
from classifier.serving.batching import Batcher, Work
from classifier.serving.database_thread import DatabaseThread
from classifier.serving.libraries import import_libraries
from classifier.serving.models import Champions
from classifier.serving.problems import Problem, broken, database_away
from classifier.serving.shares import Challengers, SilentAnswers
from classifier.serving.shelf import Shelf
from classifier.serving.tagging import Answer, fresh, tag_all

LANES = 2
log = structlog.get_logger(__name__)


class Server:
    """What the process works with: its champions, its batches and a thread for each kind of work.

    Tags are made in threads of their own (`tagging`), so what waits meanwhile makes the next batch;
    where the database lets several write at a time there are two, and one predicts while the other
    commits. Callers are checked in another (`callers`), and models are loaded in yet another
    (`loading`): neither holds up a tag.
    """

    def __init__(self) -> None:
        """Start nothing yet; `running` does."""
        shelf = Shelf()
        self.champions = Champions(shelf)
        self.challengers = Challengers(shelf)
        self.silent = SilentAnswers(self.champions, self.challengers)
        self.in_step = False
        self._shown: set[str] = set()
        self._callers = DatabaseThread("callers")
        self._loading = DatabaseThread("loading")
        lanes = 1 if connection.vendor == "sqlite" else LANES
        self._tagging = [DatabaseThread("tagging", check=False) for _ in range(lanes)]
        self.gate = Gate(self._callers)
        self.batcher: Batcher[Ask, Answer | Problem] = Batcher(bound=settings.SERVING_QUEUE)

    async def poll(self) -> None:
        """Follow what the database says is champion; a database that is away changes nothing."""
        try:
            await self._loading.run(self.champions.refresh)
            await self._loading.run(self.challengers.refresh)
        except Exception as error:
            # The polling must outlive whatever one round runs into.
            log.error("cannot follow the database", error=repr(error))
            self.in_step = False
        else:
            self.in_step = True
        numbers = self.champions.numbers()
        metrics.show_models(dict.fromkeys(self._shown, 0) | dict(numbers))
        self._shown |= numbers.keys()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Serve inside the block; leaving it finishes what was accepted."""
        await self.poll()
        tasks = [asyncio.create_task(self._keep_polling())]
        tasks.append(asyncio.create_task(self._loading.run(import_libraries)))
        tasks += [asyncio.create_task(self.batcher.run(self._work(lane))) for lane in self._tagging]
        try:
            yield
        finally:
            await self.batcher.drain()
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            await self.silent.close()
            for thread in (*self._tagging, self._callers, self._loading):
                await thread.close()

    def _work(self, lane: DatabaseThread) -> Work[Ask, Answer | Problem]:
        """Return the work that one of the threads does on a batch."""

        async def work(asks: Sequence[Ask]) -> Sequence[Answer | Problem]:
            try:
                outcomes = await lane.run(tag_all, self.champions, self.challengers, asks)
            except DatabaseError as error:
                log.error("a batch could not be stored", texts=len(asks), error=str(error))
                return [database_away()] * len(asks)
            except Exception:
                log.exception("a batch failed", texts=len(asks))
                return [broken()] * len(asks)
            made = fresh(outcomes)
            self.silent.offer(made)
            metrics.count_batch(len(asks), len(made), self.batcher.waiting)
            return outcomes

        return work

    async def _keep_polling(self) -> None:
        while True:
            await asyncio.sleep(settings.SERVING_POLL_SECONDS)
            await self.poll()
