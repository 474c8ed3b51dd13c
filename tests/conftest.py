"""A project with one person in each role, and ways to call it as any of them."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from hypothesis import settings as examples
from rest_framework.test import APIClient

from accounts.models import User
from labeling.access import Access
from labeling.models import Item, Membership, Project, Role
from labeling.opening import open_tasks
from labeling.projects import NewLabel, create_project
from labeling.search import index_items
from labeling.statistics.text import text_hash, uniform_draw

PASSWORD = "a long enough pass phrase"

# How long an example takes depends on what else the machine does.
examples.register_profile("patient", deadline=None)
examples.load_profile("patient")


def make_user(username: str) -> User:
    """Make a person who signs in with PASSWORD."""
    return User.objects.create_user(username, password=PASSWORD)


def join(project: Project, username: str, role: Role) -> User:
    """Make a person who has a role in the project."""
    user = make_user(username)
    Membership.objects.create(project=project, user=user, role=role)
    return user


@pytest.fixture(autouse=True)
def _clean_cache() -> None:
    cache.clear()


@pytest.fixture
def manager(db: None) -> User:
    """The manager of `project`."""
    return make_user("manager")


@pytest.fixture
def project(manager: User) -> Project:
    """A project with the labels alpha (1), beta (2) and gamma (3), overlap 2, no items.

    Nobody gets an item of theirs again: whether a claim draws one is left to chance.
    """
    made = create_project(
        user=manager,
        name="Test project",
        slug="test",
        labels=[NewLabel("alpha"), NewLabel("beta"), NewLabel("gamma")],
        guideline="Alpha comes **first**.",
    )
    made.repeat_rate = 0.0
    made.save(update_fields=["repeat_rate"])
    return made


@pytest.fixture
def manager_access(project: Project, manager: User) -> Access:
    """What verbs that need a manager take."""
    return Access(project, manager, Role.MANAGER)


@pytest.fixture
def annotator(project: Project) -> User:
    """An annotator of `project`."""
    return join(project, "annotator", Role.ANNOTATOR)


@pytest.fixture
def second_annotator(project: Project) -> User:
    """Another annotator of `project`."""
    return join(project, "second", Role.ANNOTATOR)


@pytest.fixture
def reviewer(project: Project) -> User:
    """A reviewer of `project`."""
    return join(project, "reviewer", Role.REVIEWER)


@pytest.fixture
def other_project(db: None) -> Project:
    """A project of other people, with labels of its own."""
    owner = make_user("other-manager")
    return create_project(
        user=owner, name="Other", slug="other", labels=[NewLabel("one"), NewLabel("two")]
    )


@pytest.fixture
def outsider(other_project: Project) -> User:
    """The manager of another project, and no member of `project`."""
    return User.objects.get(username="other-manager")


@pytest.fixture
def client_for() -> Callable[[User], Client]:
    """A browser that a person has signed in to."""

    def make(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return make


@pytest.fixture
def api_for() -> Callable[[User], APIClient]:
    """A REST client that acts as a person."""

    def make(user: User) -> APIClient:
        client = APIClient()
        client.force_authenticate(user)
        return client

    return make


@pytest.fixture
def make_item(project: Project) -> Callable[..., Item]:
    """Items of `project`, each with its task unless `task=False`."""
    numbers = count(1)

    def make(title: str = "", body: str = "", *, task: bool = True, **fields: Any) -> Item:
        number = next(numbers)
        title = title or f"Item {number}"
        item = Item.objects.create(
            **{"project": project, "external_id": f"item-{number}"}
            | {"title": title, "body": body, "text_hash": text_hash(title, body)}
            | {"draw": uniform_draw(text_hash(title, body))}
            | fields
        )
        index_items([item.pk])
        if task:
            open_tasks(project=item.project, items=[item])
        return item

    return make
