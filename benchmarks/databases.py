"""A database for one measurement, dropped afterwards."""

import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
import psycopg2

ROOT = Path(__file__).resolve().parent.parent
ENGINES = ("sqlite", "postgresql")
SERVER = "postgres://postgres@127.0.0.1:5432/postgres"


@contextmanager
def fresh_database(engine: str) -> Iterator[str]:
    """Make an empty database with all tables, set Django up on it, and drop it in the end.

    Children of this process find it too. PostgreSQL's server is the one that TEST_POSTGRES_URL
    names, else the local one. Django is not to be set up before.
    """
    with (
        tempfile.TemporaryDirectory(prefix="tagloop-benchmark-") as folder,
        _made(engine, Path(folder)) as url,
    ):
        os.environ |= {
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "LOG_LEVEL": "ERROR",
            "TAGLOOP_DATA_DIR": folder,
            "TAGLOOP_MODE": "local",
        }
        command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(command, cwd=ROOT, check=True)
        django.setup()
        yield url


@contextmanager
def _made(engine: str, folder: Path) -> Iterator[str]:
    if engine == "sqlite":
        yield f"sqlite:///{folder / 'benchmark.sqlite3'}"
        return
    server = os.environ.get("TEST_POSTGRES_URL") or SERVER
    name = f"tagloop_benchmark_{uuid.uuid4().hex[:12]}"
    _execute(server, f"CREATE DATABASE {name}")
    try:
        yield f"{server.rpartition('/')[0]}/{name}"
    finally:
        _execute(server, f"DROP DATABASE {name} WITH (FORCE)")


def _execute(server: str, statement: str) -> None:
    connection = psycopg2.connect(server)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()
