"""Answering a browser that asked for a part of a page, and one that asked for the whole."""

from django.http import HttpRequest


def wants_part(request: HttpRequest) -> bool:
    """Tell whether the answer replaces a part of the page that sent the request."""
    return request.headers.get("HX-Request") == "true"
