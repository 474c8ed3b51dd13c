"""No page and no list asks the database more than eight times, however much there is to show."""

from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from classifier.models import ModelVersion, Stage
from labeling.anchoring import OFF
from labeling.models import ImportState, Project, Role
from tests.contracts.crowd import grow, join_projects
from tests.contracts.routes import OPEN_ROUTES, PROJECT_ROUTES, SIGNED_IN_ROUTES, all_routes
from tests.contracts.world import build_world

LIMIT = 8
LARGE = 4
# Statements that open and close a transaction read nothing.
BRACKETS = ("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")
# What these answer to a GET, where it is not 200.
REDIRECTS = {"home": 302, "sign-in": 302}
NOT_GET = {"sign-out": 405, "key-revoke": 405, "account-password": 405, "api-unknown": 404}
# What to ask of the routes that show something else for another query, or nothing without one.
QUERIES = {
    "items": (
        *("", "?label=alpha", "?status=unlabeled", "?annotator=crowd-0", "?q=World", "?last=1"),
        *("?gave=alpha", "?gave=alpha&annotator=crowd-0&also=crowd-0", "?week=2026-01-01"),
    ),
    "quality-confusion": ("", "?annotator=crowd-0"),
    "api-quality-worst": ("", "?as=csv"),
    "review": ("", "?reason=report"),
    "model-answers": ("", "?slice=slice-0"),
    "predictions": ("", "?route=review"),
    "model-compare": ("", "?first=1&second=1"),
    "api-predictions-file": ("?as=csv",),
    "api-export-stream": ("?as=csv",),
    "snapshot": ("", "?label=alpha&split=holdout"),
    "snapshot-compare": ("?with=100", "?with=100&change=added"),
    "api-snapshot-compare": ("?with=100",),
    "api-snapshot-changes": ("?with=100&change=removed",),
    "api-items": ("", "?label=alpha", "?q=World"),
}


@pytest.fixture
def world(project: Project, annotator: User) -> dict[str, Any]:
    """One of everything in `project`, with a champion and an import that has ended."""
    made = build_world(project)
    ModelVersion.objects.filter(project=project).update(stage=Stage.CHAMPION)
    project.imports.filter(pk=made["job_id"]).update(state=ImportState.SUCCEEDED)
    return made


@pytest.fixture
def people(manager: User, reviewer: User, annotator: User) -> dict[Role, User]:
    """One person of each role."""
    return {Role.MANAGER: manager, Role.REVIEWER: reviewer, Role.ANNOTATOR: annotator}


def pages_of(role: Role) -> list[str]:
    """Return the routes that answer a person of this role to a GET."""
    lowest = {name: methods["GET"] for name, methods in PROJECT_ROUTES.items() if "GET" in methods}
    own = [name for name, needed in lowest.items() if role.rank >= needed.rank]
    return sorted({*own, *OPEN_ROUTES, *SIGNED_IN_ROUTES})


def queries_of(client: Client, address: str, status: int) -> int:
    """Return how many statements a GET ran that ask for something."""
    with CaptureQueriesContext(connection) as ran:
        response = client.get(address)
        if response.streaming:
            b"".join(response)
    assert response.status_code == status, address
    return sum(not query["sql"].startswith(BRACKETS) for query in ran)


def count_all(user: User, role: Role, world: dict[str, Any]) -> dict[str, int]:
    """Return the number of queries of each page that a user may open."""
    # What the last count has left there must not spare this one a query.
    cache.clear()
    client, found, arguments = Client(), {}, dict(all_routes())
    client.force_login(user)
    for name in pages_of(role):
        values = {argument: world[argument] for argument in arguments[name]}
        address = reverse(name, kwargs=values)
        status = (REDIRECTS | NOT_GET).get(name, 200)
        for query in QUERIES.get(name, ("",)):
            found[name + query] = queries_of(client, address + query, status)
    return found


@pytest.mark.parametrize("role", list(Role))
def test_every_page_asks_at_most_eight_times_at_any_size(
    role: Role, project: Project, world: dict[str, Any], people: dict[Role, User]
) -> None:
    user, world = people[role], world | {"rest": "unknown"}
    grow(project, world, range(1))
    join_projects(user, range(1))
    small = count_all(user, role, world)
    grow(project, world, range(1, LARGE))
    join_projects(user, range(1, LARGE))
    large = count_all(user, role, world)
    assert {name: number for name, number in large.items() if number > LIMIT} == {}
    assert large == small


def test_a_project_without_anything_asks_no_more(project: Project, manager: User) -> None:
    client, found = Client(), {}
    client.force_login(manager)
    without_objects = {name for name, arguments in all_routes() if arguments == ("slug",)}
    for name in without_objects & set(pages_of(Role.MANAGER)):
        address = reverse(name, args=[project.slug]) + QUERIES.get(name, ("",))[0]
        found[name] = queries_of(client, address, 200)
    assert {name: number for name, number in found.items() if number > LIMIT} == {}


def test_the_quality_page_asks_no_more_where_suggestions_are_off(
    project: Project, manager: User
) -> None:
    project.suggestions_on = False
    project.save()
    project.events.create(actor=manager, verb=OFF, subject_type="project", subject_id=project.pk)
    client = Client()
    client.force_login(manager)
    assert queries_of(client, reverse("quality", args=[project.slug]), 200) <= LIMIT


def test_a_label_that_nothing_uses_asks_no_more(project: Project, manager: User) -> None:
    client = Client()
    client.force_login(manager)
    address = reverse("settings-label-edit", args=[project.slug, project.labels.all()[0].pk])
    assert queries_of(client, address, 200) <= LIMIT


@pytest.mark.parametrize("state", list(ImportState))
def test_an_import_asks_no_more_in_any_state(
    state: ImportState, project: Project, manager: User, world: dict[str, Any]
) -> None:
    project.imports.filter(pk=world["job_id"]).update(state=state)
    client = Client()
    client.force_login(manager)
    for name in ("import", "import-live"):
        address = reverse(name, args=[project.slug, world["job_id"]])
        assert queries_of(client, address, 200) <= LIMIT, (name, state)
