"""Keyset pages: the last page costs what the first does, and nothing is counted."""

from typing import Any

from django.core.exceptions import ValidationError
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request


class Newest(CursorPagination):
    """The newest first, 100 to a page, up to 1,000 with `page_size`."""

    ordering: str | tuple[str, ...] = "-id"
    page_size = 100
    page_size_query_param = "page_size"
    max_page_size = 1000

    def paginate_queryset(
        self, queryset: Any, request: Request, view: Any = None
    ) -> list[Any] | None:
        """Return one page.

        Raises:
            NotFound: the cursor is none that a page gave out.
        """
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValueError, ValidationError) as error:
            raise NotFound(self.invalid_cursor_message) from error


class NewestByTime(Newest):
    """The newest first, for rows whose id tells no time."""

    ordering = ("-created_at", "-id")


class ByFoundKey(Newest):
    """The newest first, by the key that the view's search has found its rows by."""

    def get_ordering(self, request: Request, queryset: Any, view: Any) -> tuple[str]:
        """Return the view's key, the highest first."""
        return (f"-{view.key}",)

    def _get_position_from_instance(self, instance: Any, ordering: Any) -> str:
        return str(instance.pk)
