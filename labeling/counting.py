"""Several figures in one query: each is a subquery of its own."""

from typing import Any

from django.db.models import IntegerField, Subquery

from labeling.models import Project


class CountOf(Subquery):
    """How many rows a query has; a slice bounds how far it counts."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field: Any = IntegerField()


class CountDifferent(CountOf):
    """How many different rows a query has; a slice bounds how many of its rows are read."""

    template = "(SELECT COUNT(*) FROM (SELECT DISTINCT * FROM (%(subquery)s) read) counted)"


def read_together(project: Project, **figures: Any) -> dict[str, Any]:
    """Return figures of a project by name, each a subquery of its own, in one query."""
    found: dict[str, Any] = dict(Project.objects.filter(pk=project.pk).values(**figures).get())
    return found
