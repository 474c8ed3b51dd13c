"""The ASGI application of the serving process."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import cast

import orjson
import structlog
from django.conf import settings
from django.db import Error as DatabaseError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from classifier.serving.asks import Ask, read_body, read_key, read_wording
from classifier.serving.auth import Gate
from classifier.serving.batching import Batcher, Full
from classifier.serving.database_thread import DatabaseThread
from classifier.serving.models import Champions
from classifier.serving.problems import Problem, respond, unavailable
from classifier.serving.tagging import Answer, tag_all

log = structlog.get_logger(__name__)


class Server:
    """What the process works with: its champions, its batches and a thread for each kind of work.

    Tags are made in one thread (`tagging`), so what waits meanwhile makes the next batch. Callers
    are checked in another (`callers`), and models are loaded in a third (`loading`): neither holds
    up a tag.
    """

    def __init__(self) -> None:
        """Start nothing yet; `running` does."""
        self.champions = Champions()
        self.in_step = False
        self._tagging = DatabaseThread("tagging")
        self._callers = DatabaseThread("callers")
        self._loading = DatabaseThread("loading")
        self._gate = Gate(self._callers)
        self.batcher: Batcher[Ask, Answer | Problem] = Batcher(self._tag_all)

    async def tag(self, request: Request) -> Answer:
        """Return the stored answer to one call.

        Raises:
            Problem: the call cannot be taken, or cannot be answered now.
        """
        caller = await self._gate.caller(request.headers)
        wording = read_wording(await read_body(request))
        key = read_key(request.headers)
        project_id = await self._gate.project(caller, wording.project)
        ask = Ask(project_id, caller.user_id, wording, caller.request_id, key)
        try:
            outcome = await self.batcher.submit(ask)
        except Full as error:
            raise unavailable("overloaded", "Too many calls wait; try again soon.") from error
        if isinstance(outcome, Problem):
            raise outcome
        return outcome

    async def poll(self) -> None:
        """Follow what the database says is champion; a database that is away changes nothing."""
        try:
            await self._loading.run(self.champions.refresh)
        except Exception as error:
            # The polling must outlive whatever one round runs into.
            log.error("cannot follow the database", error=repr(error))
            self.in_step = False
        else:
            self.in_step = True

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Serve inside the block; leaving it finishes what was accepted."""
        await self.poll()
        tasks = [asyncio.create_task(self.batcher.run()), asyncio.create_task(self._keep_polling())]
        try:
            yield
        finally:
            await self.batcher.drain()
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            for thread in (self._tagging, self._callers, self._loading):
                await thread.close()

    async def _tag_all(self, asks: Sequence[Ask]) -> list[Answer | Problem]:
        return await self._tagging.run(tag_all, self.champions, asks)

    async def _keep_polling(self) -> None:
        while True:
            await asyncio.sleep(settings.SERVING_POLL_SECONDS)
            await self.poll()


def create_app(server: Server | None = None) -> Starlette:
    """Return the application; it starts and stops its server with its own life."""
    server = server or Server()
    return Starlette(
        routes=[
            Route("/v1/tag", partial(_tag, server), methods=["POST"]),
            Route("/health/live", _live),
            Route("/health/ready", partial(_ready, server)),
        ],
        exception_handlers={
            Problem: _problem,
            DatabaseError: _database_away,
            HTTPException: _http_error,
            Exception: _bug,
        },
        lifespan=partial(_lifespan, server),
    )


@asynccontextmanager
async def _lifespan(server: Server, _app: Starlette) -> AsyncIterator[None]:
    async with server.running():
        yield


async def _tag(server: Server, request: Request) -> Response:
    answer = await server.tag(request)
    headers = {"Idempotent-Replayed": "true"} if answer.repeated else None
    return _json(answer.content, headers=headers)


async def _live(_request: Request) -> Response:
    return _json({"status": "live"})


async def _ready(server: Server, _request: Request) -> Response:
    if not server.in_step:
        return respond(unavailable("database_away", "The database does not answer."))
    return _json({"status": "ready", "models": len(server.champions)})


async def _problem(_request: Request, error: Exception) -> Response:
    return respond(cast("Problem", error))


async def _database_away(_request: Request, error: Exception) -> Response:
    log.error("a batch could not be stored", error=str(error))
    return respond(
        unavailable("database_away", "The database does not answer; nothing was stored.")
    )


async def _http_error(_request: Request, error: Exception) -> Response:
    known = cast("HTTPException", error)
    return respond(Problem(known.status_code, "http", known.detail, dict(known.headers or {})))


async def _bug(_request: Request, _error: Exception) -> Response:
    return respond(Problem(500, "bug", "Something broke that should not; the log has the details."))


def _json(content: dict[str, object], headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(content), headers=headers, media_type="application/json")
