"""Calling the API as somebody."""

from collections.abc import Callable
from typing import Any

from rest_framework.test import APIClient

from accounts.models import User

ApiFor = Callable[[User], APIClient]


def path(rest: str, slug: str = "test") -> str:
    """Return the address of something below a project."""
    return f"/api/projects/{slug}/{rest}"


def ok(response: Any, status: int = 200) -> Any:
    """Return the JSON of an answer with this status."""
    assert response.status_code == status, response.content
    return response.json()


def refused(response: Any, status: int) -> str:
    """Return what a problem response says, with the names of the fields at fault."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status
    return " ".join([problem["detail"], *problem.get("errors", {})])
