"""Threads that write to SQLite take turns, and nobody keeps a turn for ever."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from django.db import OperationalError, connections, transaction
from django.db.utils import ConnectionHandler
from pytest_django.plugin import DjangoDbBlocker

ALIAS = "turns"


@pytest.fixture(autouse=True)
def _database(tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Make a database file, whose writers wait for a second at most."""
    options = {"transaction_mode": "IMMEDIATE", "timeout": 1}
    told = {"ENGINE": "config.sqlite", "NAME": tmp_path / "turns.sqlite3", "OPTIONS": options}
    connections.databases[ALIAS] = ConnectionHandler({"default": told}).databases["default"]
    with django_db_blocker.unblock():
        write("CREATE TABLE line (word TEXT)")
        yield
        connections[ALIAS].close()
    del connections.databases[ALIAS], connections[ALIAS]


def write(statement: str, *, about_to: Event | None = None) -> None:
    """Run a statement in a transaction of this thread."""
    if about_to is not None:
        about_to.set()
    with transaction.atomic(ALIAS):
        connections[ALIAS].cursor().execute(statement)
    # A thread of a pool would leave it open.
    connections[ALIAS].close()


def lines() -> list[str]:
    """Return what was written, the first first."""
    found = connections[ALIAS].cursor().execute("SELECT word FROM line ORDER BY rowid").fetchall()
    return [word for (word,) in found]


def fail(*, closing: bool) -> None:
    """End a transaction by an error, with the connection closed or not."""
    with transaction.atomic(ALIAS):
        connections[ALIAS].cursor().execute("INSERT INTO line VALUES ('lost')")
        if closing:
            connections[ALIAS].close()
        raise ZeroDivisionError


def test_a_transaction_begins_once_that_of_another_thread_has_ended() -> None:
    about_to = Event()
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic(ALIAS):
            second = pool.submit(write, "INSERT INTO line VALUES ('second')", about_to=about_to)
            assert about_to.wait(10)
            connections[ALIAS].cursor().execute("INSERT INTO line VALUES ('first')")
        second.result(10)
    assert lines() == ["first", "second"]


def test_who_waits_in_vain_is_told_that_the_database_is_locked() -> None:
    with ThreadPoolExecutor(1) as pool, transaction.atomic(ALIAS):
        late = pool.submit(write, "INSERT INTO line VALUES ('late')")
        assert isinstance(late.exception(10), OperationalError)
    assert lines() == []


@pytest.mark.parametrize("closing", [False, True])
def test_a_transaction_that_fails_gives_its_turn_back(*, closing: bool) -> None:
    with pytest.raises(ZeroDivisionError):
        fail(closing=closing)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(write, "INSERT INTO line VALUES ('kept')").result(10)
    assert lines() == ["kept"]
