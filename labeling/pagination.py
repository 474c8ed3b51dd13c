"""Pages of a list that grows while it is read, without counting or skipping rows."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import QueryDict

M = TypeVar("M", bound=Model)
PAGE = 50
KEY_DIGITS = 18
COUNTED = 10_000
PLACES = ("before", "after", "last")


@dataclass(frozen=True)
class KeysetPage(Generic[M]):
    """Rows, the newest first, and the addresses of other pages; '' where there is none."""

    rows: list[M]
    next_url: str
    previous_url: str
    first_url: str = ""
    last_url: str = ""


def keyset(
    query: QueryDict, rows: QuerySet[M], *, size: int = PAGE, key: str = "pk"
) -> KeysetPage[M]:
    """Cut one page out of `rows`, as `before`, `after` or `last` in the query says.

    Each page costs the same however deep it lies, and a new row moves no other to another page.

    Args:
        query: the query of the request; the addresses keep the rest of it.
        rows: what the pages are of.
        size: how many rows a page has.
        key: the field with the primary key that the database finds `rows` by.
    """
    before, after = _number(query.get("before")), _number(query.get("after"))
    if after is None and "last" in query:
        after = 0
    if after is not None:
        found = list(rows.filter(**{f"{key}__gt": after}).order_by(key)[: size + 1])
        older = bool(after)
        return _page(query, found[:size][::-1], older=older, newer=len(found) > size)
    if before is not None:
        rows = rows.filter(**{f"{key}__lt": before})
    found = list(rows.order_by(f"-{key}")[: size + 1])
    return _page(query, found[:size], older=len(found) > size, newer=before is not None)


def count_up_to(rows: QuerySet[M], *, key: str = "pk", limit: int = COUNTED) -> tuple[int, bool]:
    """Return how many rows there are, and whether there are more than `limit`."""
    found = rows.order_by(f"-{key}").values("pk")[: limit + 1].count()
    return min(found, limit), found > limit


def _page(query: QueryDict, rows: list[M], *, older: bool, newer: bool) -> KeysetPage[M]:
    return KeysetPage(
        rows=rows,
        next_url=_url(query, "before", rows[-1].pk) if rows and older else "",
        previous_url=_url(query, "after", rows[0].pk) if rows and newer else "",
        first_url=_url(query) if newer else "",
        last_url=_url(query, "last", 1) if rows and older else "",
    )


def _url(query: QueryDict, name: str = "", value: int = 0) -> str:
    kept = query.copy()
    for place in PLACES:
        kept.pop(place, None)
    if name:
        kept[name] = str(value)
    return f"?{kept.urlencode()}"


def _number(value: str | None) -> int | None:
    """Return a key; none for what is no key, or has more digits than the database's integer."""
    if value and value.isascii() and value.isdigit() and len(value) <= KEY_DIGITS:
        return int(value)
    return None
