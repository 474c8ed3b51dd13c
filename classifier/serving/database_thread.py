"""A thread that owns a database connection, so that the event loop never waits for one."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import close_old_connections, connections

P = ParamSpec("P")
R = TypeVar("R")


class DatabaseThread:
    """Runs functions one after the other in one thread of its own."""

    def __init__(self, name: str, *, check: bool = True) -> None:
        """Start no thread yet: the first call does.

        Args:
            name: of the thread.
            check: whether a connection that broke is replaced before each call, which costs a round
                trip; else the functions see to it.
        """
        self._check = check
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    async def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Return what the function returns there."""

        def work() -> R:
            if self._check:
                close_old_connections()
            return function(*args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._executor, work)

    async def close(self) -> None:
        """Finish what was given, close the connection and end the thread."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._executor, connections.close_all)
        self._executor.shutdown()
