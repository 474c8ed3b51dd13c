"""Errors of the serving process as RFC 9457 problem details."""

from http import HTTPStatus


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


def database_away() -> Problem:
    """Return the refusal of what could not be stored, or whose caller could not be checked."""
    return unavailable("database_away", "The database does not answer; nothing was stored.")


def broken() -> Problem:
    """Return what is told of a bug."""
    return Problem(500, "bug", "Something broke that should not; the log has the details.")


def told(problem: Problem) -> dict[str, object]:
    """Return what a problem says, ready for JSON."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
    }
