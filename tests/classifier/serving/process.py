"""The serving process in a thread of the test, on a port of its own."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
import uvicorn

from classifier.serving.app import create_app
from classifier.serving.server import Server


@dataclass
class Process:
    """A running server and the address at which it answers."""

    url: str
    server: Server = field(default_factory=Server)
    loop: asyncio.AbstractEventLoop | None = None

    def poll(self) -> None:
        """Let it follow the database now."""
        assert self.loop is not None
        asyncio.run_coroutine_threadsafe(self.server.poll(), self.loop).result(30)

    @classmethod
    @contextmanager
    def start(cls) -> Iterator["Process"]:
        """Serve inside the block."""
        listener = socket.create_server(("127.0.0.1", 0))
        process = cls(f"http://127.0.0.1:{listener.getsockname()[1]}")
        config = uvicorn.Config(create_app(process.server), log_config=None, access_log=False)
        http = uvicorn.Server(config)
        thread = threading.Thread(target=lambda: asyncio.run(process._serve(http, listener)))
        thread.start()
        try:
            while not http.started and thread.is_alive():
                time.sleep(0.01)
            yield process
        finally:
            http.should_exit = True
            thread.join(30)
            listener.close()

    async def _serve(self, http: uvicorn.Server, listener: socket.socket) -> None:
        self.loop = asyncio.get_running_loop()
        await http.serve(sockets=[listener])


@contextmanager
def client_of(process: Process) -> Iterator[httpx.Client]:
    """Return a client that knows the address."""
    with httpx.Client(base_url=process.url, trust_env=False, timeout=30) as client:
        yield client
