"""Several figures in one query: each is a subquery of its own."""

from typing import Any

from django.db.models import IntegerField, QuerySet, Subquery

from labeling.models import Project


class CountOf(Subquery):
    """How many rows a query of models has; a slice bounds how far it counts."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field: Any = IntegerField()

    def __init__(self, rows: "QuerySet[Any, Any]") -> None:
        # Whole rows would have to be read, and in their order, where a key is in some index.
        rows = rows if rows.query.is_sliced else rows.order_by()
        super().__init__(rows.values("pk") if rows.query.default_cols else rows)


class CountDifferent(CountOf):
    """How many different values a query has; a slice bounds how many of its rows are read."""

    template = "(SELECT COUNT(*) FROM (SELECT DISTINCT * FROM (%(subquery)s) read) counted)"


def read_together(project: Project, **figures: Any) -> dict[str, Any]:
    """Return figures of a project by name, each a subquery of its own, in one query."""
    found: dict[str, Any] = dict(Project.objects.filter(pk=project.pk).values(**figures).get())
    return found
