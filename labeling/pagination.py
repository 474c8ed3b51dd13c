"""Pages of a list that grows while it is read, without counting or skipping rows."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import QueryDict

M = TypeVar("M", bound=Model)
PAGE = 50
KEY_DIGITS = 18


@dataclass(frozen=True)
class KeysetPage(Generic[M]):
    """Rows, the newest first, and the addresses of their neighbours; '' where there is none."""

    rows: list[M]
    next_url: str
    previous_url: str


def keyset(query: QueryDict, rows: QuerySet[M], *, size: int = PAGE) -> KeysetPage[M]:
    """Cut one page out of `rows` by primary key, as `before` or `after` in the query says.

    Each page costs the same however deep it lies, and a new row moves no other to another page.
    """
    before, after = _number(query.get("before")), _number(query.get("after"))
    if after is not None:
        found = list(rows.filter(pk__gt=after).order_by("pk")[: size + 1])
        return _page(query, found[:size][::-1], older=True, newer=len(found) > size)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: size + 1])
    return _page(query, found[:size], older=len(found) > size, newer=before is not None)


def _page(query: QueryDict, rows: list[M], *, older: bool, newer: bool) -> KeysetPage[M]:
    return KeysetPage(
        rows=rows,
        next_url=_url(query, "before", rows[-1].pk) if rows and older else "",
        previous_url=_url(query, "after", rows[0].pk) if rows and newer else "",
    )


def _url(query: QueryDict, name: str, pk: int) -> str:
    kept = query.copy()
    for cursor in ("before", "after"):
        kept.pop(cursor, None)
    kept[name] = str(pk)
    return f"?{kept.urlencode()}"


def _number(value: str | None) -> int | None:
    """Return a key; none for what is no key, or has more digits than the database's integer."""
    if value and value.isascii() and value.isdigit() and len(value) <= KEY_DIGITS:
        return int(value)
    return None
