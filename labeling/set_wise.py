"""Writing many rows in one statement, and asking for many at once, on either engine."""

import json
import re
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Lookup
from django.db.models.sql.compiler import SQLCompiler
from psycopg2.extras import execute_values

PAGE = 1000
ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
SPECIAL = re.compile(r"[\\\t\n\r]")


class Among(Lookup[bool]):
    """The condition that a number of a row is among many: one parameter, however many they are.

    An `in` of thousands of values takes longer to write and to read than to answer.
    """

    lookup_name = "among"
    prepare_rhs = False

    def __init__(self, field: str, values: Iterable[int]) -> None:
        """Ask for the rows whose `field` is one of `values`."""
        super().__init__(F(field), ",".join(map(str, values)))

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[str | int, ...]]:
        """Return the condition as PostgreSQL reads it."""
        place, parameters = self.process_lhs(compiler, connection)
        return f"{place} = ANY(%s::bigint[])", (*parameters, f"{{{self.rhs}}}")

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[str | int, ...]]:
        """Return the condition as SQLite reads it."""
        place, parameters = self.process_lhs(compiler, connection)
        among = f"{place} IN (SELECT value FROM json_each(%s))"  # noqa: S608
        return among, (*parameters, f"[{self.rhs}]")


def insert(
    table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], *, once: str = ""
) -> None:
    """Insert rows of plain values (text, numbers, None, and times as `moment` writes them).

    With `once`, a column of which each value is there once, a row takes the place of another.
    """
    if not rows:
        return
    anew = ", ".join(f"{name} = excluded.{name}" for name in columns if name != once)
    then = f" ON CONFLICT ({once}) DO UPDATE SET {anew}" if once else ""
    names = ", ".join(columns)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            marks = ", ".join(["%s"] * len(columns))
            statement = f"INSERT INTO {table} ({names}) VALUES ({marks}){then}"  # noqa: S608
            cursor.executemany(statement, rows)
        elif not once:
            lines = "".join(map(_line, rows))
            cursor.cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN", StringIO(lines))
        else:
            statement = f"INSERT INTO {table} ({names}) VALUES %s{then}"  # noqa: S608
            execute_values(cursor.cursor, statement, rows, page_size=PAGE)


def update_text(table: str, column: str, values: Sequence[tuple[int, str]]) -> None:
    """Write a text into a column of each of these rows: the id, and the text."""
    if not values:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            statement = f"UPDATE {table} SET {column} = %s WHERE id = %s"  # noqa: S608
            cursor.executemany(statement, [(text, pk) for pk, text in values])
        else:
            statement = (
                f"UPDATE {table} t SET {column} = v.text "  # noqa: S608
                "FROM (VALUES %s) v (id, text) WHERE t.id = v.id"
            )
            execute_values(cursor.cursor, statement, values, page_size=PAGE)


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


def _line(row: Sequence[Any]) -> str:
    """Return a row as PostgreSQL's COPY reads it."""
    # Few rows need escapes, and looking for them cell by cell would take twice as long.
    if SPECIAL.search("".join([value for value in row if isinstance(value, str)])):
        row = [value.translate(ESCAPED) if isinstance(value, str) else value for value in row]
    return "\t".join(["\\N" if value is None else str(value) for value in row]) + "\n"


def moment(value: Any) -> Any:
    """Return a time as the engine's driver takes it."""
    return None if value is None else connection.ops.adapt_datetimefield_value(value)
