"""Several counts in one query: each is a query of its own, counted inside the database."""

from typing import Any

from django.db.models import IntegerField, Subquery


class CountOf(Subquery):
    """How many rows a query has; a slice bounds how far it counts."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field: Any = IntegerField()


class CountDifferent(CountOf):
    """How many different rows a query has; a slice bounds how many of its rows are read."""

    template = "(SELECT COUNT(*) FROM (SELECT DISTINCT * FROM (%(subquery)s) read) counted)"
