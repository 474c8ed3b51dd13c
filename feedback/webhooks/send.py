"""One HTTP call: bounded in time and size, to an address that was checked, nowhere else."""

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx

from feedback.webhooks.addresses import AddressRefused, Target, target_of

SECONDS = 10.0
ADDRESSES = 3
ANSWER_BYTES = 64 * 1024
KEPT_CHARACTERS = 500
GOOD = range(200, 300)
ERROR_CHARACTERS = 200


@dataclass(frozen=True)
class Answer:
    """What a call brought. `error` is empty where it counts as delivered.

    `silent` says that there was no answer at all, whatever was sent.
    """

    status: int | None
    duration_ms: float
    text: str
    error: str
    silent: bool = False


def body_of(payload: Mapping[str, Any]) -> bytes:
    """Return a payload as the bytes that are signed and sent."""
    return json.dumps(payload, ensure_ascii=False, sort_keys=True).encode()


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Call a URL once; whatever goes wrong is told in the answer."""
    began = time.monotonic()
    try:
        status, text = _exchange(target_of(url), body, headers, began + SECONDS)
    except AddressRefused as error:
        return _failed(began, f"url: {error}")
    except httpx.TimeoutException:
        return _failed(began, f"No answer within {SECONDS:g} seconds.")
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return _failed(began, f"No connection: {error}")
    said = "" if status in GOOD else f"It answered {status}."
    return Answer(status, _since(began), text, said)


def _exchange(
    target: Target, body: bytes, headers: Mapping[str, str], deadline: float
) -> tuple[int, str]:
    *others, last = target.addresses[:ADDRESSES]
    for address in others:
        with suppress(httpx.ConnectError):
            return _call(target, address, body, headers, deadline)
    return _call(target, last, body, headers, deadline)


def _call(
    target: Target, address: str, body: bytes, headers: Mapping[str, str], deadline: float
) -> tuple[int, str]:
    # The name is not looked up again: it could have another address by now. No proxy from the
    # environment, which would look it up itself.
    request = httpx.Request(
        "POST",
        target.at(address),
        content=body,
        headers={**headers, "Host": target.netloc, "Content-Type": "application/json"},
        extensions={"sni_hostname": target.host, "timeout": httpx.Timeout(SECONDS).as_dict()},
    )
    with httpx.Client(trust_env=False, follow_redirects=False) as client:
        response = client.send(request, stream=True)
        try:
            return response.status_code, _text(response, deadline)
        finally:
            response.close()


def _text(response: httpx.Response, deadline: float) -> str:
    """Return the beginning of an answer; one that is long or slow is not read to its end."""
    read = b""
    for chunk in response.iter_raw(4096):
        read += chunk
        if len(read) > ANSWER_BYTES:
            break
        if time.monotonic() > deadline:
            raise httpx.ReadTimeout("the answer does not end")
    # PostgreSQL cannot store a NUL.
    return read.decode(errors="replace").replace("\x00", "\ufffd")[:KEPT_CHARACTERS]


def _failed(began: float, error: str) -> Answer:
    return Answer(None, _since(began), "", error[:ERROR_CHARACTERS], silent=True)


def _since(began: float) -> float:
    return 1000 * (time.monotonic() - began)
