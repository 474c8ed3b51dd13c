"""The little of HTTP that the process needs, straight on ASGI.

A framework's routing and middleware took a quarter of the processor time of a tag.
"""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from classifier.serving.problems import Problem, told

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Disconnected(Exception):
    """The caller went away before it had sent everything."""


@dataclass(frozen=True, slots=True)
class Request:
    """A call: its headers, by lower-case name, and its body to come."""

    headers: Mapping[str, str]
    receive: Receive

    async def body(self, limit: int) -> bytes:
        """Return the body, never holding more than the limit of it.

        Raises:
            Problem: 413 above the limit.
            Disconnected: it did not come to its end.
        """
        declared = self.headers.get("content-length", "")
        if declared.isdigit() and int(declared) > limit:
            raise _too_large(limit)
        pieces, size, more = [], 0, True
        while more:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise Disconnected
            piece, more = message.get("body", b""), message.get("more_body", False)
            pieces.append(piece)
            size += len(piece)
            if size > limit:
                raise _too_large(limit)
        return b"".join(pieces)


@dataclass(frozen=True, slots=True)
class Response:
    """What a call is answered."""

    content: bytes
    status: int = 200
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)

    async def send(self, send: Send) -> None:
        """Send it."""
        headers = [
            (b"content-type", self.media_type.encode()),
            (b"content-length", str(len(self.content)).encode()),
            *((name.lower().encode(), value.encode()) for name, value in self.headers.items()),
        ]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.content})


def request_of(scope: Scope, receive: Receive) -> Request:
    """Return the call that a connection brings."""
    named = scope["headers"]
    return Request(
        {name.decode("latin-1"): text.decode("latin-1") for name, text in named}, receive
    )


def in_json(content: Mapping[str, object], headers: Mapping[str, str] | None = None) -> Response:
    """Return a response of JSON."""
    return Response(orjson.dumps(content), headers=headers or {})


def refusal(problem: Problem) -> Response:
    """Return the response that tells a problem."""
    content = orjson.dumps(told(problem))
    return Response(content, problem.status, "application/problem+json", problem.headers)


def _too_large(limit: int) -> Problem:
    return Problem(413, "body_too_large", f"The body is larger than {limit // 1024:,} KiB.")
