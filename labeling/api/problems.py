"""Errors of the REST API as RFC 9457 problem details."""

from http import HTTPStatus

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from labeling.errors import DomainError

CONTENT_TYPE = "application/problem+json"


def problem(status: int, detail: str, **extra: object) -> Response:
    """Return a problem response: type, title, status, detail and what else is known."""
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    return Response(body | {"detail": detail} | extra, status=status, content_type=CONTENT_TYPE)


@csrf_exempt
def unknown(request: HttpRequest, rest: str) -> JsonResponse:
    """Answer an address that is no call of the API."""
    detail = "There is no such call; /api/docs/ lists all."
    body = {"type": "about:blank", "title": "Not Found", "status": 404, "detail": detail}
    return JsonResponse(body, status=404, content_type=CONTENT_TYPE)


def handle(error: Exception, context: dict[str, object]) -> Response | None:
    """Turn what a view raised into a problem; None lets a bug be a plain 500."""
    if isinstance(error, DomainError):
        return problem(error.status, error.message, code=error.code)
    if isinstance(error, exceptions.ValidationError):
        return problem(400, "Some fields cannot be taken.", errors=error.detail)
    response = exception_handler(error, context)
    if response is None:
        return None
    return _as_problem(error, response)


def _as_problem(error: Exception, response: Response) -> Response:
    detail = str(getattr(error, "detail", "") or error) or "The request was refused."
    if isinstance(error, Http404):
        detail = "There is no such thing among what you may see."
    if isinstance(error, PermissionDenied) and not str(error):
        detail = "Your role does not allow this."
    made = problem(response.status_code, detail)
    for header in ("WWW-Authenticate", "Retry-After", "Allow"):
        if header in response.headers:
            made.headers[header] = response.headers[header]
    return made
