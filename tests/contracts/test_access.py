"""Every route as everybody: anonymous, each role, and the manager of another project."""

from typing import Any

import pytest
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
CALLS = [(name, method) for name in PROJECT_ROUTES for method in METHODS]


def calls_that_name_an_object() -> list[tuple[str, str]]:
    """Return the allowed calls of the routes that name an object below the project."""
    naming = {name for name, arguments in all_routes() if set(arguments) - {"slug"}}
    return [
        (name, m) for name, methods in PROJECT_ROUTES.items() if name in naming for m in methods
    ]


@pytest.fixture
def world(project: Project, annotator: User) -> dict[str, Any]:
    """One of everything in `project`."""
    return build_world(project)


def call(user: User | None, name: str, method: str, values: dict[str, Any]) -> int:
    """Call a route as a user and return the status."""
    client = Client(raise_request_exception=True)
    if user is not None:
        client.force_login(user)
    wanted = dict(all_routes())[name]
    url = reverse(name, kwargs={argument: values[argument] for argument in wanted})
    return client.generic(method, url, BODY, content_type="application/json").status_code


def test_every_route_has_its_row() -> None:
    """A new route fails here until somebody has said who may call it."""
    assert {name for name, _ in all_routes()} == (
        PROJECT_ROUTES.keys() | OPEN_ROUTES | SIGNED_IN_ROUTES
    )


@pytest.mark.parametrize(("name", "method"), CALLS)
def test_anonymous_is_sent_to_sign_in(name: str, method: str, world: dict[str, Any]) -> None:
    expected = {401} if name.startswith("api-") else {302}
    assert call(None, name, method, world) in expected | {405}


@pytest.mark.parametrize(("name", "method"), CALLS)
def test_members_of_other_projects_find_nothing(
    name: str, method: str, world: dict[str, Any], outsider: User
) -> None:
    assert call(outsider, name, method, world) in {404, 405}


@pytest.mark.parametrize(("name", "method"), calls_that_name_an_object())
def test_objects_of_this_project_are_not_found_in_another(
    name: str, method: str, world: dict[str, Any], outsider: User
) -> None:
    """The other manager names the own project, but an object of this one."""
    assert call(outsider, name, method, world | {"slug": "other"}) in {302, 404, 409}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(("name", "method"), CALLS)
def test_each_role_may_do_what_the_table_says(
    name: str, method: str, role: Role, project: Project, world: dict[str, Any]
) -> None:
    user = join(project, "the-caller", role)
    needed = PROJECT_ROUTES[name].get(method)
    status = call(user, name, method, world)
    if needed is None:
        assert status in {403, 405}
    elif role.rank < needed.rank:
        assert status == 403
    else:
        assert status not in {401, 403, 404, 405}
        assert status < 500 or status == 503


@pytest.mark.parametrize("name", sorted(SIGNED_IN_ROUTES))
def test_the_rest_needs_a_sign_in(name: str, db: None) -> None:
    values = {"key_id": 1}
    status = call(None, name, "GET", values)
    assert status in ({401, 302} if name.startswith(("api", "schema")) else {302})
