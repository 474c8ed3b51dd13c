"""Tables over REST: lists that are files, too."""

import csv
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from labeling.api.base import ProjectAPIView
from labeling.models import Role
from labeling.spreadsheet_text import neutralise

Row = type[serializers.Serializer[Any]]
View = TypeVar("View", bound=type[ProjectAPIView])
FORMS = ("json", "csv")
MAIN = "value"


class TableView(ProjectAPIView):
    """All rows of a table, as JSON or with `?as=csv` as a file."""

    roles: ClassVar = {"GET": Role.REVIEWER}
    name: ClassVar[str]
    row: ClassVar[Row]

    def rows(self) -> Sequence[Any]:
        """Return the rows as `row` takes them."""
        raise NotImplementedError

    def get(self, request: Request, slug: str) -> Response | HttpResponse:
        """Return all rows."""
        form = request.query_params.get("as", FORMS[0])
        if form not in FORMS:
            raise ValidationError({"as": f"It is one of {', '.join(FORMS)}."})
        rows = list(self.row(self.rows(), many=True).data)
        if form == FORMS[0]:
            return Response(rows)
        return _file(f"{self.access.project.slug}-{self.name}.csv", self.row(), rows)


def described(operation_id: str, row: Row) -> Callable[[View], View]:
    """Describe a TableView's two forms in the schema, in the words of its docstring."""

    def describe(view: View) -> View:
        get = extend_schema(
            operation_id=operation_id,
            description=inspect.getdoc(view),
            parameters=[OpenApiParameter("as", str, enum=FORMS, default=FORMS[0])],
            responses={
                (200, "application/json"): row(many=True),
                (200, "text/csv"): OpenApiTypes.STR,
            },
        )
        described_view: View = extend_schema_view(get=get)(view)
        return described_view

    return describe


def _file(name: str, row: serializers.Serializer[Any], rows: Sequence[Any]) -> HttpResponse:
    response = HttpResponse(
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
    paths = list(_columns(row))
    lines = csv.writer(response)
    lines.writerow([_title(path) for path in paths])
    lines.writerows([_cell(_at(one, path)) for path in paths] for one in rows)
    return response


def _columns(row: serializers.Serializer[Any]) -> Iterator[tuple[str, ...]]:
    """Yield where each value stands; what is nested has a column for each of its values."""
    for name, field in row.fields.items():
        if isinstance(field, serializers.Serializer):
            yield from ((name, *path) for path in _columns(field))
        else:
            yield (name,)


def _title(path: tuple[str, ...]) -> str:
    """Return `alpha` for the value of alpha, and `alpha_low` for its bound."""
    return "_".join(path[:-1] if len(path) > 1 and path[-1] == MAIN else path)


def _at(row: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    found: Any = row
    for name in path:
        found = found[name]
    return found


def _cell(value: Any) -> Any:
    if isinstance(value, Mapping):
        value = ", ".join(f"{name}: {count}" for name, count in value.items())
    if value is None:
        return ""
    return neutralise(value) if isinstance(value, str) else value
