"""A serving process on the test's database, and ways to ask it."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from pytest_django import Settings

from accounts.keys import create_key
from accounts.models import User
from classifier.models import ModelVersion
from labeling.models import Project
from tests.classifier.champions import make_model
from tests.classifier.serving.process import Process, client_of

Ask = Callable[..., httpx.Response]


@pytest.fixture
def champion(transactional_db: None, project: Project) -> ModelVersion:
    """The model in service."""
    return make_model(project)


@pytest.fixture
def secret(transactional_db: None, manager: User) -> str:
    """An API key of the manager that may tag."""
    return create_key(user=manager, name="tags", scopes=["tag"])[1]


@pytest.fixture
def process(champion: ModelVersion, settings: Settings) -> Iterator[Process]:
    """A running process; it polls only when a test says so."""
    settings.SERVING_POLL_SECONDS = 3600
    with Process.start() as process:
        yield process


@pytest.fixture
def http(process: Process) -> Iterator[httpx.Client]:
    """A client of the process."""
    with client_of(process) as client:
        yield client


@pytest.fixture
def ask(http: httpx.Client, secret: str) -> Ask:
    """Ask for a tag with a good key; fields and headers may be changed."""

    def post(headers: dict[str, str] | None = None, **fields: Any) -> httpx.Response:
        body = {"project": "test", "title": "apple apricot"} | fields
        given = {"Authorization": f"Bearer {secret}"} | (headers or {})
        return http.post("/v1/tag", json=body, headers=given)

    return post
