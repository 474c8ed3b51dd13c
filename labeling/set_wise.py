"""Writing many rows in one statement, and asking for many at once, on either engine."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from psycopg2.extras import execute_values

PAGE = 1000


def insert(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows of plain values (text, numbers, None, and times as `moment` writes them)."""
    if not rows:
        return
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            marks = ", ".join(["%s"] * len(columns))
            statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608
            cursor.executemany(statement, rows)
        else:
            statement = f"INSERT INTO {table} ({names}) VALUES %s"  # noqa: S608
            execute_values(cursor.cursor, statement, rows, page_size=PAGE)


def select(statement: str, values: Iterable[str | int], *arguments: Any) -> list[Any]:
    """Return the rows of a statement whose {among} is a set of values, all texts or all numbers.

    The other arguments fill its `%s`, which stand before {among}.
    """
    found = list(values)
    number = bool(found) and isinstance(found[0], int)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            statement = statement.format(among="IN (SELECT value FROM json_each(%s))")
            cursor.execute(statement, [*arguments, json.dumps(found)])
        else:
            kind = "bigint" if number else "text"
            statement = statement.format(among=f"= ANY(%s::{kind}[])")
            cursor.execute(statement, [*arguments, found])
        return list(cursor.fetchall())


def moment(value: Any) -> Any:
    """Return a time as the engine's driver takes it."""
    return None if value is None else connection.ops.adapt_datetimefield_value(value)
