"""Keyset pages: the last page costs what the first does, and nothing is counted."""

from rest_framework.pagination import CursorPagination


class Newest(CursorPagination):
    """The newest first, 100 to a page, up to 1,000 with `page_size`."""

    ordering: str | tuple[str, ...] = "-id"
    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = 1000


class NewestByTime(Newest):
    """The newest first, for rows whose id tells no time."""

    ordering = ("-created_at", "-id")
