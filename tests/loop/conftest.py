"""All processes on each engine, without the demo, for the tests that share them."""

from collections.abc import Iterator

import pytest

from tests.loop.people import Person
from tests.loop.stack import ENGINES, Stack


@pytest.fixture(scope="session", params=ENGINES)
def stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    """All processes of Tagloop on one engine."""
    with Stack.start(request.param, "--no-demo") as running:
        yield running


@pytest.fixture(scope="session")
def manager(stack: Stack) -> Person:
    """Somebody who may make projects."""
    return Person.new(stack, "manager", "read", "write", "tag")
