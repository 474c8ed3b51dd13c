"""A database of its own for the races of an engine, and the processes that race on it."""

import multiprocessing
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
import pytest

ROOT = Path(__file__).resolve().parents[3]
ENGINES = ("sqlite", "postgresql")
PATIENCE = 240
HEAD_START = 0.1

Job = Callable[..., Any]


@dataclass(frozen=True)
class Crew:
    """Processes that are connected to one database and wait for something to do."""

    pool: ProcessPoolExecutor

    @classmethod
    @contextmanager
    def on(cls, engine: str, size: int, folder: Path) -> Iterator["Crew"]:
        """Start a crew on a fresh database of this engine; drop both in the end."""
        context = multiprocessing.get_context("spawn")
        with (
            database(engine, folder) as url,
            ProcessPoolExecutor(
                size, mp_context=context, initializer=connect, initargs=(url,)
            ) as pool,
        ):
            yield cls(pool)

    def race(self, job: Job, runs: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Call `job` with each of `runs` at the same moment, each in a process of its own.

        Returns what the calls return, in the order of `runs`; an exception in one is raised here.
        """
        start = time.time() + HEAD_START
        futures = [self.pool.submit(_at, start, job, dict(run)) for run in runs]
        return [future.result(PATIENCE) for future in futures]

    def call(self, job: Job, **arguments: Any) -> Any:
        """Call `job` in one process."""
        return self.race(job, [arguments])[0]


def _at(start: float, job: Job, arguments: dict[str, Any]) -> Any:
    # Whoever waits keeps its process busy, so that the next run goes to another process.
    time.sleep(max(start - time.time(), 0))
    return job(**arguments)


def connect(url: str) -> None:
    """Set Django up in this process, on the database of this URL."""
    os.environ |= {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    import django
    from django.db import connection

    django.setup()
    connection.ensure_connection()


@contextmanager
def database(engine: str, folder: Path) -> Iterator[str]:
    """Yield the URL of a migrated database; PostgreSQL's server is named by TEST_POSTGRES_URL."""
    if engine == "sqlite":
        url = f"sqlite:///{folder / 'race.sqlite3'}"
        _migrate(url)
        yield url
        return
    server = os.environ.get("TEST_POSTGRES_URL")
    if not server:
        pytest.skip("TEST_POSTGRES_URL names no server to race on")
    name = f"tagloop_race_{uuid.uuid4().hex[:12]}"
    _execute(server, f"CREATE DATABASE {name}")
    try:
        url = f"{server.rpartition('/')[0]}/{name}"
        _migrate(url)
        yield url
    finally:
        _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


def _migrate(url: str) -> None:
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0", "--skip-checks"],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        check=True,
        timeout=PATIENCE,
    )


def _execute(server: str, statement: str) -> None:
    connection = psycopg2.connect(server)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()
