"""Callers of a serving process: connections of one event loop, each with one call at a time."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle

FIRST_REASONS = 5


@dataclass
class Load:
    """What the callers saw: milliseconds of each answered call, and how many had which status.

    A connection that broke counts as status 0. `models` are those that answered, with the moment.
    """

    milliseconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    models: list[tuple[float, int]] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def errors(self) -> int:
        """How many calls were not answered with a tag."""
        return sum(self.statuses.values()) - self.statuses[200]

    def figures(self) -> dict[str, float]:
        """Return calls a second, the median and the 99th percentile, and the errors."""
        ordered = sorted(self.milliseconds) or [0.0]
        return {
            "req_per_s": round(self.statuses[200] / self.seconds, 1),
            "p50_ms": round(ordered[len(ordered) // 2], 2),
            "p99_ms": round(ordered[min(int(0.99 * len(ordered)), len(ordered) - 1)], 2),
            "errors": self.errors,
        }


class Caller(asyncio.Protocol):
    """One connection that calls again as soon as it is answered."""

    def __init__(self, calls: Iterator[bytes], load: Load, until: float) -> None:
        """Take calls from an iterator until a moment of the monotonic clock."""
        self._calls, self._load, self._until = calls, load, until
        self._read, self._begun = b"", 0.0
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._call()

    def data_received(self, data: bytes) -> None:
        """Take a piece of an answer."""
        self._read += data
        head, gap, body = self._read.partition(b"\r\n\r\n")
        if not gap or not _whole(head, body):
            return
        self._read = b""
        self._take(int(head[9:12]), body)
        self._call()

    def connection_lost(self, error: Exception | None) -> None:
        """End; an answer that is still owed is an error."""
        if not self.done.done():
            self._load.statuses[0] += 1
            self._load.reasons.append(f"connection lost: {error!r}")
            self.done.set_result(None)

    def _call(self) -> None:
        call = next(self._calls, None)
        if call is None or time.monotonic() >= self._until:
            self.done.set_result(None)
            self._transport.close()
            return
        self._begun = time.perf_counter()
        self._transport.write(call)

    def _take(self, status: int, body: bytes) -> None:
        load = self._load
        load.milliseconds.append(1000 * (time.perf_counter() - self._begun))
        load.statuses[status] += 1
        if status != 200 and len(load.reasons) < FIRST_REASONS:
            load.reasons.append(body.decode(errors="replace")[:200])
        _, found, after = body.partition(b'"model_version":')
        if found:
            load.models.append((time.monotonic(), int(after[: after.index(b",")])))


def call_of(body: Mapping[str, object], *, secret: str = "", path: str = "/v1/tag") -> bytes:
    """Return the bytes of one call."""
    content = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: serving\r\nAuthorization: Bearer {secret}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


async def load(
    port: int,
    calls: Sequence[bytes],
    *,
    clients: int,
    seconds: float = 3600.0,
    limit: int = 0,
    into: Load | None = None,
) -> Load:
    """Call from so many connections for some seconds, or until `limit` calls were made.

    With `into`, what is seen can be followed there meanwhile.
    """
    found, loop = into or Load(), asyncio.get_running_loop()
    source = _first(cycle(calls), limit) if limit else cycle(calls)
    begun = time.monotonic()
    made = [
        await loop.create_connection(
            lambda: Caller(source, found, begun + seconds), "127.0.0.1", port
        )
        for _ in range(clients)
    ]
    await asyncio.gather(*(caller.done for _, caller in made))
    found.seconds = time.monotonic() - begun
    return found


def _first(calls: Iterator[bytes], limit: int) -> Iterator[bytes]:
    return (next(calls) for _ in range(limit))


def _whole(head: bytes, body: bytes) -> bool:
    """Tell whether an answer has come to its end."""
    found = head.lower().partition(b"content-length:")[2]
    if found:
        return len(body) >= int(found.partition(b"\r\n")[0])
    return b"transfer-encoding" not in head.lower() or body.endswith(b"0\r\n\r\n")
