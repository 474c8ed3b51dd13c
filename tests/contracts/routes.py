"""The lowest role that each method of each route needs; what is not listed answers 405."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from labeling.models import Role

A, R, M = Role.ANNOTATOR, Role.REVIEWER, Role.MANAGER

# Routes of a project, by name.
PROJECT_ROUTES: dict[str, dict[str, Role]] = {}

# Routes without a project: open to everybody, or to everybody who is signed in.
OPEN_ROUTES = {"health-live", "health-ready", "sign-in"}
SIGNED_IN_ROUTES: set[str] = set()


def all_routes() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the name and argument names of every route outside Django's admin."""
    yield from _walk(get_resolver().url_patterns)


def _walk(patterns: list[Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace != "admin":
                yield from _walk(pattern.url_patterns)
        elif isinstance(pattern, URLPattern):
            yield pattern.name or str(pattern.pattern), tuple(pattern.pattern.converters)
