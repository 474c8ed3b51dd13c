"""Asking the serving process for a tag, in the name of a caller whom Django has checked."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpx
import orjson
import structlog
from django.conf import settings

from classifier.serving.tokens import Grant, make_token
from labeling.access import Access
from labeling.errors import Invalid, Unavailable

TIMEOUT_SECONDS = 10.0
# A little less, so that nothing is tagged for a caller that has been told otherwise.
DEADLINE_MS = 9000
PASSED_ON = ("Retry-After", "Idempotent-Replayed")
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Forwarded:
    """What the serving process answered: a tag, or a problem with its status."""

    status: int
    content: dict[str, Any]
    headers: dict[str, str]

    @property
    def is_tag(self) -> bool:
        """Whether there is a tag, and not a problem."""
        return self.status == httpx.codes.OK


def tag(
    *, access: Access, content: Mapping[str, object], idempotency_key: str | None = None
) -> Forwarded:
    """Have one text tagged by the project's champion.

    Args:
        content: title, body and external_id as the caller sent them; the serving process checks.

    Raises:
        Invalid: something in it cannot even be sent.
        Unavailable: the serving process does not answer.
    """
    token = make_token(_grant(access))
    headers = {"Authorization": f"Internal {token}", "X-Deadline-Ms": str(DEADLINE_MS)}
    if idempotency_key is not None:
        headers["Idempotency-Key"] = _sendable(idempotency_key)
    body = _encoded({**content, "project": access.project.slug})
    try:
        answer = client().post(f"{settings.SERVING_URL}/v1/tag", content=body, headers=headers)
        answered: dict[str, Any] = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        log.warning("the serving process does not answer", error=repr(error))
        raise Unavailable(
            "The serving process does not answer. Try again soon; an operator can start it with "
            "'python -m classifier.serving'."
        ) from error
    passed = {name: answer.headers[name] for name in PASSED_ON if name in answer.headers}
    return Forwarded(answer.status_code, answered, passed)


@cache
def client() -> httpx.Client:
    """Return this process's connections to the serving process, kept open between calls."""
    return httpx.Client(
        timeout=TIMEOUT_SECONDS, trust_env=False, limits=httpx.Limits(keepalive_expiry=10)
    )


def _encoded(content: Mapping[str, object]) -> bytes:
    try:
        return orjson.dumps(content)
    except TypeError as error:
        raise Invalid("The body holds what is no valid Unicode, or a number too large.") from error


def _sendable(key: str) -> str:
    if not (key.isascii() and key.isprintable()):
        raise Invalid("Idempotency-Key: it must consist of printable ASCII characters.")
    return key


def _grant(access: Access) -> Grant:
    request_id = structlog.contextvars.get_contextvars().get("request_id") or uuid.uuid4()
    return Grant(access.user.pk, access.project.pk, str(request_id)[:64])
