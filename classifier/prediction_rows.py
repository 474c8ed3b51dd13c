"""Writing many predictions by one statement, without the ORM.

Making and binding a model object for each would cost more than predicting does.
"""

import os
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction

from classifier.models import Prediction

Columns = tuple[str, ...]
# No SQLite takes fewer in a statement.
VARIABLES = 999


def new_ids(count: int) -> list[UUID]:
    """Return random ids, asking the system once for all of them.

    `uuid4` asks it for each, and each time lets another thread go first.
    """
    drawn = os.urandom(16 * count)
    return [UUID(bytes=drawn[16 * n : 16 * n + 16], version=4) for n in range(count)]


def insert_predictions(columns: Columns, rows: Sequence[tuple[Any, ...]]) -> int:
    """Write rows and return how many; those that are there already stay as they are.

    Args:
        columns: the database's names of what each row holds.
        rows: plain values, UUIDs, times, and dictionaries where a column is JSON.

    Raises:
        django.db.Error: the database does not answer; nothing is written, or all of it is.
    """
    insert = _insert_sqlite if connection.vendor == "sqlite" else _insert_postgresql
    return insert(columns, rows)


def _insert_postgresql(columns: Columns, rows: Sequence[tuple[Any, ...]]) -> int:
    content = [dict(zip(columns, row, strict=True)) for row in rows]
    with connection.cursor() as cursor:
        # A statement by itself is a transaction, and saves two round trips.
        cursor.execute(_statement(columns), [orjson.dumps(content).decode()])
        return int(cursor.rowcount)


def _insert_sqlite(columns: Columns, rows: Sequence[tuple[Any, ...]]) -> int:
    # Many rows a statement: after each, another thread that computes goes first.
    at_once, written = VARIABLES // len(columns), 0
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        for start in range(0, len(rows), at_once):
            part = rows[start : start + at_once]
            plain = [_plain(each) for row in part for each in row]
            cursor.execute(_statement(columns, len(part)), plain)
            written += int(cursor.rowcount)
    return written


def _plain(value: Any) -> Any:
    """Return a value as SQLite keeps it: ids in hexadecimal, JSON as text."""
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, dict):
        return orjson.dumps(value).decode()
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value


@cache
def _statement(columns: Columns, rows: int = 1) -> str:
    """Return the statement that inserts rows: from one JSON text on PostgreSQL, else so many."""
    table, names = Prediction._meta.db_table, ", ".join(columns)
    if connection.vendor == "sqlite":
        row = f"({', '.join(['%s'] * len(columns))})"
        source = f"VALUES {', '.join([row] * rows)}"
    else:
        fields = {field.column: field for field in Prediction._meta.concrete_fields}
        typed = ", ".join(f"{name} {fields[name].db_type(connection)}" for name in columns)
        source = f"SELECT {names} FROM json_to_recordset(%s) AS row({typed})"  # noqa: S608
    # Nothing in it comes from outside: table, columns and their types are the model's.
    return f"INSERT INTO {table} ({names}) {source} ON CONFLICT DO NOTHING"
