"""A database that lives as long as a benchmark: SQLite in a temporary folder, or PostgreSQL."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

POSTGRES = "postgres://postgres@127.0.0.1:5432/postgres"
ENGINES = ("sqlite", "postgresql")


@contextmanager
def throwaway_database(engine: str) -> Iterator[None]:
    """Set Django up on an empty database of this engine, with all tables; remove it afterwards.

    PostgreSQL is the server that TEST_POSTGRES_URL names, by default one on this computer.
    """
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"TAGLOOP_MODE": "local", "TAGLOOP_DATA_DIR": folder, "LOG_LEVEL": "ERROR"}
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        if engine == "sqlite":
            os.environ.pop("DATABASE_URL", None)
            _set_up()
            yield
            return
        with _postgres() as url:
            os.environ["DATABASE_URL"] = url
            _set_up()
            try:
                yield
            finally:
                from django.db import connections

                connections.close_all()


@contextmanager
def _postgres() -> Iterator[str]:
    import psycopg2

    server = os.environ.get("TEST_POSTGRES_URL", POSTGRES)
    name = f"benchmark_{uuid4().hex[:12]}"
    connection = psycopg2.connect(server)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
        try:
            yield f"{server.rpartition('/')[0]}/{name}"
        finally:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
            connection.close()


def _set_up() -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
