"""What one call asks for, and what it is answered."""

import asyncio
from collections.abc import Sequence
from typing import Any

from django.conf import settings

from classifier.serving.asks import (
    BODY_LIMIT,
    Ask,
    Wording,
    read_deadline,
    read_key,
    read_object,
    read_project,
    read_wording,
)
from classifier.serving.auth import Caller
from classifier.serving.batching import Full
from classifier.serving.http import Request
from classifier.serving.many import BODY_LIMIT as MANY_LIMIT
from classifier.serving.many import read_many
from classifier.serving.problems import Problem, told, unavailable
from classifier.serving.server import Server
from classifier.serving.tagging import Answer

LATE = (
    "There was no answer in time. What had begun is stored all the same: "
    "asking again with the same Idempotency-Key gives its answer and stores nothing twice."
)
OVERLOADED = "Too many texts wait; try again soon."
SERVER_ERROR = 500


async def tag(server: Server, request: Request) -> Answer:
    """Return the stored answer to a call for one tag.

    Raises:
        Problem: the call cannot be taken, or cannot be answered now.
    """
    caller = await server.gate.caller(request.headers)
    seconds = read_deadline(request.headers, settings.SERVING_DEADLINE_SECONDS)
    try:
        async with asyncio.timeout(seconds):
            outcome = await _one(server, caller, request)
    except TimeoutError as error:
        raise _late() from error
    if isinstance(outcome, Problem):
        raise outcome
    return outcome


async def tag_many(server: Server, request: Request) -> list[Answer | Problem]:
    """Return the stored answer to each text of a call, or its refusal, in its place.

    Raises:
        Problem: the call cannot be taken, or none of its texts can be answered now.
    """
    caller = await server.gate.caller(request.headers)
    seconds = read_deadline(request.headers, settings.SERVING_BATCH_DEADLINE_SECONDS)
    ends = asyncio.get_running_loop().time() + seconds
    try:
        async with asyncio.timeout_at(ends):
            texts = await _begin(server, caller, request)
    except TimeoutError as error:
        raise _late() from error
    waiting = [text for text in texts if not isinstance(text, Problem)]
    if waiting:
        await asyncio.wait(waiting, timeout=ends - asyncio.get_running_loop().time())
    outcomes = [text if isinstance(text, Problem) else _outcome(text) for text in texts]
    if not any(isinstance(outcome, Answer) for outcome in outcomes):
        _raise_ours(outcomes)
    return outcomes


def content_of(outcome: Answer | Problem) -> dict[str, Any]:
    """Return what a call for many is told of one of its texts."""
    if isinstance(outcome, Problem):
        return told(outcome)
    return {"status": 200, "repeated": outcome.repeated, **outcome.content}


async def _one(server: Server, caller: Caller, request: Request) -> Answer | Problem:
    values = read_object(await request.body(BODY_LIMIT))
    wording, key = read_wording(values, "project"), read_key(request.headers.get("idempotency-key"))
    project = read_project(values)
    ask = _ask(caller, await server.gate.project(caller, project), project, wording, key)
    server.gate.count(caller, 1)
    try:
        return await server.batcher.submit(ask)
    except Full as error:
        raise unavailable("overloaded", OVERLOADED) from error


async def _begin(
    server: Server, caller: Caller, request: Request
) -> Sequence["asyncio.Future[Answer | Problem] | Problem"]:
    """Return, for each text of a call for many, its answer to come or why there will be none."""
    call_key = read_key(request.headers.get("idempotency-key"))
    many = read_many(await request.body(MANY_LIMIT), call_key)
    project_id = await server.gate.project(caller, many.project)
    asks = [_ask(caller, project_id, many.project, *text) for text in many.taken]
    server.gate.count(caller, len(asks))
    try:
        answers = iter(server.batcher.submit_many(asks))
    except Full as error:
        raise unavailable("overloaded", OVERLOADED) from error
    return [text if isinstance(text, Problem) else next(answers) for text in many.texts]


def _ask(caller: Caller, project_id: int, project: str, wording: Wording, key: str | None) -> Ask:
    return Ask(project_id, project, caller.user_id, wording, caller.request_id, key)


def _outcome(answer: "asyncio.Future[Answer | Problem]") -> Answer | Problem:
    """Return an answer that came in time; one that did not is taken back."""
    if answer.done():
        return answer.result()
    answer.cancel()
    return _late()


def _raise_ours(outcomes: Sequence[Answer | Problem]) -> None:
    """Refuse the whole call for what the process could not do, if it could do nothing of it."""
    for outcome in outcomes:
        if isinstance(outcome, Problem) and outcome.status >= SERVER_ERROR:
            raise outcome


def _late() -> Problem:
    return Problem(504, "too_late", LATE)
