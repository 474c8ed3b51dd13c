"""Every page of a project says in the rail where it stands."""

import re

from django.test import Client
from django.urls import reverse

from accounts.models import User
from labeling.models import Project
from tests.contracts.routes import PROJECT_ROUTES, all_routes
from tests.contracts.world import build_world

ENTRY = re.compile(r'class="rail-link"[^>]*>')


def test_one_entry_of_the_rail_is_current(project: Project, manager: User) -> None:
    values, arguments = build_world(project), dict(all_routes())
    client = Client()
    client.force_login(manager)
    entries: dict[str, list[str]] = {}
    for name, methods in PROJECT_ROUTES.items():
        if "GET" in methods and not name.startswith("api-"):
            told = client.get(reverse(name, kwargs={key: values[key] for key in arguments[name]}))
            entries[name] = [] if told.streaming else ENTRY.findall(told.content.decode())
    pages = {name: found for name, found in entries.items() if found}
    assert len(pages) > 40
    current = {name: sum("aria-current" in one for one in found) for name, found in pages.items()}
    assert {name: count for name, count in current.items() if count != 1} == {}
