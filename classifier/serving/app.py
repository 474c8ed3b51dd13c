"""The ASGI application of the serving process."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from time import perf_counter

import structlog
from django.db import Error as DatabaseError

from classifier.serving import metrics
from classifier.serving.calls import content_of, tag, tag_many
from classifier.serving.http import (
    Disconnected,
    Receive,
    Request,
    Response,
    Scope,
    Send,
    in_json,
    refusal,
    request_of,
)
from classifier.serving.problems import Problem, broken, database_away, unavailable
from classifier.serving.server import Server
from classifier.serving.tagging import Answer

log = structlog.get_logger(__name__)
Endpoint = Callable[[Server, Request], Awaitable[Response]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


def create_app(server: Server | None = None) -> Application:
    """Return the application; it starts and stops its server with its own life."""
    known = server or Server()

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await _serve(known, scope, receive, send)
        elif scope["type"] == "lifespan":
            await _live_on(known.running(), receive, send)

    return application


async def _serve(server: Server, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one call and count it."""
    begun = perf_counter()
    path, method, endpoint = scope["path"], scope["method"], None
    if path not in ENDPOINTS:
        path, response = "other", refusal(Problem(404, "http", "Not Found"))
    elif method == "HEAD" or method != ENDPOINTS[path][0]:
        allowed = {"Allow": ENDPOINTS[path][0]}
        response = refusal(Problem(405, "http", "Method Not Allowed", allowed))
    else:
        endpoint = ENDPOINTS[path][1]
        response = await _answer(server, endpoint, request_of(scope, receive), path)
    metrics.count_request(path, response.status, perf_counter() - begun)
    await response.send(send)


async def _answer(server: Server, endpoint: Endpoint, request: Request, path: str) -> Response:
    """Return what an endpoint answers; what goes wrong is told as a problem."""
    try:
        return await endpoint(server, request)
    except Problem as problem:
        return refusal(problem)
    except Disconnected:
        return refusal(Problem(400, "http", "The body did not come to its end."))
    except DatabaseError as error:
        log.error("a caller could not be checked", error=str(error))
        return refusal(database_away())
    except Exception:
        log.exception("a call failed", path=path)
        return refusal(broken())


async def _live_on(
    running: AbstractAsyncContextManager[None], receive: Receive, send: Send
) -> None:
    """Run the server from the web server's start to its end."""
    await receive()
    async with running:
        await send({"type": "lifespan.startup.complete"})
        await receive()
    await send({"type": "lifespan.shutdown.complete"})


async def _tag(server: Server, request: Request) -> Response:
    answer = await tag(server, request)
    return in_json(answer.content, {"Idempotent-Replayed": "true"} if answer.repeated else None)


async def _tag_many(server: Server, request: Request) -> Response:
    outcomes = await tag_many(server, request)
    tagged = sum(isinstance(outcome, Answer) for outcome in outcomes)
    counts = {"tagged": tagged, "refused": len(outcomes) - tagged}
    return in_json({**counts, "answers": [content_of(outcome) for outcome in outcomes]})


async def _live(_server: Server, _request: Request) -> Response:
    return in_json({"status": "live"})


async def _ready(server: Server, _request: Request) -> Response:
    if not server.in_step:
        raise unavailable("database_away", "The database does not answer.")
    return in_json({"status": "ready", "models": len(server.champions)})


async def _metrics(_server: Server, _request: Request) -> Response:
    return Response(metrics.page(), media_type=metrics.CONTENT_TYPE)


ENDPOINTS: dict[str, tuple[str, Endpoint]] = {
    "/v1/tag": ("POST", _tag),
    "/v1/tag/batch": ("POST", _tag_many),
    "/health/live": ("GET", _live),
    "/health/ready": ("GET", _ready),
    "/metrics": ("GET", _metrics),
}
