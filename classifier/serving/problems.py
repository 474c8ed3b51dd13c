"""Errors of the serving process as RFC 9457 problem details."""

from http import HTTPStatus

import orjson
from starlette.responses import Response

CONTENT_TYPE = "application/problem+json"


class Problem(Exception):
    """A refusal with its reason: raised anywhere below an endpoint, it becomes the answer."""

    def __init__(
        self, status: int, code: str, detail: str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers or {}


def unavailable(code: str, detail: str, *, retry_after: int = 1) -> Problem:
    """Return a 503 that says after how many seconds trying again may help."""
    return Problem(503, code, detail, {"Retry-After": str(retry_after)})


def respond(problem: Problem) -> Response:
    """Return the response that tells a problem."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
    }
    return Response(
        orjson.dumps(body),
        status_code=problem.status,
        headers=problem.headers,
        media_type=CONTENT_TYPE,
    )
