"""Reading one ask for a tag: what it may hold, and how large it may be."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson
from starlette.requests import Request

from classifier.serving.problems import Problem

BODY_LIMIT = 256 * 1024
TEXT_LIMIT = 20_000
KEY_LIMIT = 64
LENGTHS = {"project": 60, "title": 1000, "body": TEXT_LIMIT, "external_id": 200}


@dataclass(frozen=True)
class Wording:
    """What a body says, checked."""

    project: str
    title: str
    body: str
    external_id: str

    @property
    def text(self) -> tuple[str, str, str]:
        """What a prediction stores of it."""
        return (self.title, self.body, self.external_id)


@dataclass(frozen=True, eq=False)
class Ask:
    """One tag that somebody waits for. Two asks are never equal, whatever they say."""

    project_id: int
    user_id: int
    wording: Wording
    request_id: str
    idempotency_key: str | None
    arrived: float = field(default_factory=time.perf_counter)

    @property
    def identity(self) -> tuple[int, int, str | None]:
        """What an idempotency key is unique within."""
        return (self.project_id, self.user_id, self.idempotency_key)


async def read_body(request: Request) -> bytes:
    """Return the body, never holding more than the limit of it.

    Raises:
        Problem: 413 above 256 KiB.
    """
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > BODY_LIMIT:
            limit = BODY_LIMIT // 1024
            raise Problem(413, "body_too_large", f"The body is larger than {limit} KiB.")
    return bytes(content)


def read_wording(content: bytes) -> Wording:
    """Return what a JSON body says.

    Raises:
        Problem: 400 for what is no JSON object in UTF-8; 422 for an unknown or missing field, a
            wrong type, an empty or too long text.
    """
    try:
        values = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise Problem(400, "bad_json", f"The body is no valid JSON in UTF-8: {error}.") from error
    if not isinstance(values, dict):
        raise Problem(400, "bad_json", "The body must be a JSON object.")
    for name in values:
        if name not in LENGTHS:
            raise _invalid(name[:40], f"no such field; known are {', '.join(LENGTHS)}")
    return _whole(Wording(**{name: _text(values, name) for name in LENGTHS}))


def read_key(headers: Mapping[str, str]) -> str | None:
    """Return the idempotency key, if one was sent.

    Raises:
        Problem: 422 for a key that is empty, too long or not printable ASCII.
    """
    key = headers.get("idempotency-key")
    if key is None:
        return None
    if not key or len(key) > KEY_LIMIT or not (key.isascii() and key.isprintable()):
        raise _invalid("Idempotency-Key", f"it must have 1 to {KEY_LIMIT} printable characters")
    return key


def _text(values: dict[str, object], name: str) -> str:
    value = values.get(name, "")
    if not isinstance(value, str):
        raise _invalid(name, "it must be a string")
    if len(value) > LENGTHS[name]:
        limit = LENGTHS[name]
        raise _invalid(name, f"it has {len(value):,} characters; the limit is {limit:,}")
    if "\x00" in value:
        raise _invalid(name, "it holds a NUL character; remove it")
    return value


def _whole(wording: Wording) -> Wording:
    if not wording.project:
        raise _invalid("project", "it is missing; send the project's slug")
    if not (wording.title.strip() or wording.body.strip()):
        raise _invalid("title", "title and body are both empty; one of them is needed")
    length = len(wording.title) + len(wording.body)
    if length > TEXT_LIMIT:
        raise _invalid("body", f"the text has {length:,} characters; the limit is {TEXT_LIMIT:,}")
    return wording


def _invalid(name: str, reason: str) -> Problem:
    return Problem(422, "invalid", f"{name}: {reason}.")
