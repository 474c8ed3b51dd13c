"""Every route as everybody: anonymous, each role, and the manager of another project."""

from itertools import product
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from labeling.models import Project, Role
from tests.conftest import join
from tests.contracts.routes import (
    OPEN_ROUTES,
    PROJECT_ROUTES,
    SIGNED_IN_ROUTES,
    all_routes,
)
from tests.contracts.world import build_world

# Enough for the calls that ask why, how much or how many before they look anything up.
BODY = b'{"reason": "because", "share": 0.5, "count": 1}'
METHODS = ("GET", "POST", "DELETE", "PUT", "PATCH")
ARGUMENTS = dict(all_routes())


@pytest.fixture
def world(project: Project, annotator: User) -> dict[str, Any]:
    """One of everything in `project`."""
    return build_world(project)


def test_every_route_has_its_row() -> None:
    """A new route fails here until somebody has said who may call it."""
    assert ARGUMENTS.keys() == PROJECT_ROUTES.keys() | OPEN_ROUTES | SIGNED_IN_ROUTES


@pytest.mark.parametrize("name", PROJECT_ROUTES)
def test_a_route_answers_everybody_as_the_table_says(
    name: str, project: Project, world: dict[str, Any], outsider: User
) -> None:
    callers: dict[str, User | None] = {"anonymous": None, "outsider": outsider}
    callers |= {role: join(project, f"the-{role}", role) for role in Role}
    wrong = {}
    for method, caller in product(METHODS, callers):
        status = call(callers[caller], name, method, world)
        if not is_right(status, name, method, caller):
            wrong[method, caller] = status
    assert wrong == {}


def is_right(status: int, name: str, method: str, caller: str) -> bool:
    """Tell whether a status is what the table of routes says of this call."""
    needed = PROJECT_ROUTES[name].get(method)
    if caller == "anonymous":
        return status in {401 if name.startswith("api-") else 302, 405}
    if caller == "outsider":
        return status in {404, 405}
    if needed is None:
        return status in {403, 405}
    if Role(caller).rank < needed.rank:
        return status == 403
    return status not in {401, 403, 404, 405} and (status < 500 or status == 503)


@pytest.mark.parametrize(
    "name", [name for name in PROJECT_ROUTES if set(ARGUMENTS[name]) - {"slug"}]
)
def test_objects_of_this_project_are_not_found_in_another(
    name: str, world: dict[str, Any], outsider: User
) -> None:
    """The other manager names the own project, but an object of this one."""
    methods = PROJECT_ROUTES[name]
    statuses = {m: call(outsider, name, m, world | {"slug": "other"}) for m in methods}
    assert set(statuses.values()) <= {302, 404, 409}, statuses


@pytest.mark.parametrize("name", sorted(SIGNED_IN_ROUTES))
def test_the_rest_needs_a_sign_in(name: str, db: None) -> None:
    status = call(None, name, "GET", {"key_id": 1})
    assert status in ({401, 302} if name.startswith(("api", "schema")) else {302})


def call(user: User | None, name: str, method: str, values: dict[str, Any]) -> int:
    """Call a route as a user, undo what it did, and return the status."""
    cache.clear()
    client = Client(raise_request_exception=True)
    url = reverse(name, kwargs={argument: values[argument] for argument in ARGUMENTS[name]})
    before = transaction.savepoint()
    try:
        if user is not None:
            client.force_login(user)
        response = client.generic(method, url, BODY, content_type="application/json")
        return response.status_code
    finally:
        transaction.set_rollback(False)
        transaction.savepoint_rollback(before)
