"""Snapshots over REST: which there are, their rows, what changed between two, and their files."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from classifier.api.serializers import SnapshotSerializer
from classifier.forms.snapshot import RowFilter
from classifier.models import DatasetSnapshot, RowUse, SnapshotRow
from classifier.snapshot_diff import Change, changed_rows, compare
from classifier.snapshot_export import KINDS, file_of, kind_named
from classifier.snapshot_rows import mix_of, pair_of, rows_of, snapshot_of, snapshots_of
from labeling.api.base import ProjectAPIView
from labeling.errors import Invalid
from labeling.models import Role

FILTERS = [
    OpenApiParameter("label", str),
    OpenApiParameter("split", str, enum=RowUse.values),
    OpenApiParameter("method", str, description="How the label was reached."),
]
OTHER = OpenApiParameter("with", int, description="The older one; by default the one before.")
DIGITS = 9


class ShareSerializer(serializers.Serializer[Any]):
    """How many rows have a label, by what they are for."""

    label = serializers.CharField()  # type: ignore[assignment]
    training = serializers.IntegerField()
    holdout = serializers.IntegerField()
    left_out = serializers.IntegerField()


class SnapshotDetailSerializer(SnapshotSerializer):
    """A snapshot and what it is made of."""

    mix = serializers.SerializerMethodField()

    class Meta(SnapshotSerializer.Meta):
        fields: ClassVar[tuple[str, ...]] = (*SnapshotSerializer.Meta.fields, "mix")

    def get_mix(self, snapshot: DatasetSnapshot) -> list[dict[str, Any]]:
        """Return its rows by label and use."""
        return [dict(ShareSerializer(share).data) for share in mix_of(snapshot).labels]


class RowSerializer(serializers.ModelSerializer[SnapshotRow]):
    """One item as it stood; `weight` is how much it counts in training."""

    class Meta:
        model = SnapshotRow
        fields: ClassVar[tuple[str, ...]] = (
            "external_id",
            "title",
            "body",
            "label",
            "split",
            "method",
            "votes",
            "agreeing",
            "weight",
        )


class ChangedRowSerializer(RowSerializer):
    """An item that changed, with what it was before."""

    was_label = serializers.CharField(allow_null=True)
    was_split = serializers.CharField(allow_null=True)

    class Meta(RowSerializer.Meta):
        fields: ClassVar[tuple[str, ...]] = (*RowSerializer.Meta.fields, "was_label", "was_split")


class DiffSerializer(serializers.Serializer[Any]):
    """How many items changed, by what changed."""

    before = serializers.IntegerField(source="before.number")
    after = serializers.IntegerField(source="after.number")
    counts = serializers.DictField(child=serializers.IntegerField())


@extend_schema_view(get=extend_schema(operation_id="snapshots_list"))
class SnapshotListView(ProjectAPIView, ListAPIView[DatasetSnapshot]):
    """The snapshots of a project."""

    roles: ClassVar = {"GET": Role.REVIEWER}
    serializer_class = SnapshotSerializer
    queryset = DatasetSnapshot.objects.all()

    def get_queryset(self) -> QuerySet[DatasetSnapshot]:
        """Return the snapshots of the caller's project."""
        return snapshots_of(self.access.project)


class SnapshotView(ProjectAPIView):
    """One snapshot."""

    roles: ClassVar = {"GET": Role.REVIEWER}

    @extend_schema(operation_id="snapshots_retrieve", responses=SnapshotDetailSerializer)
    def get(self, request: Request, slug: str, number: int) -> Response:
        """Return a snapshot with what it is made of."""
        snapshot = snapshot_of(self.access.project, number)
        return Response(SnapshotDetailSerializer(snapshot).data)


@extend_schema_view(get=extend_schema(operation_id="snapshots_rows", parameters=FILTERS))
class SnapshotRowsView(ProjectAPIView, ListAPIView[SnapshotRow]):
    """The rows of a snapshot, narrowed by `label`, `split` and `method`."""

    roles: ClassVar = {"GET": Role.REVIEWER}
    serializer_class = RowSerializer
    queryset = SnapshotRow.objects.all()

    def get_queryset(self) -> QuerySet[SnapshotRow]:
        """Return the rows that were asked for."""
        snapshot = snapshot_of(self.access.project, self.kwargs["number"])
        return rows_of(snapshot, RowFilter(self.request.query_params, snapshot).require())


class SnapshotDiffView(ProjectAPIView):
    """What changed between two snapshots."""

    roles: ClassVar = {"GET": Role.REVIEWER}

    @extend_schema(operation_id="snapshots_compare", parameters=[OTHER], responses=DiffSerializer)
    def get(self, request: Request, slug: str, number: int) -> Response:
        """Return how many items changed, by what changed."""
        return Response(DiffSerializer(compare(*_pair(self, request))).data)


@extend_schema_view(
    get=extend_schema(
        operation_id="snapshots_changes",
        parameters=[
            OTHER,
            OpenApiParameter("change", str, required=True, enum=Change.values),
        ],
    )
)
class SnapshotChangesView(ProjectAPIView, ListAPIView[SnapshotRow]):
    """The items that changed in one way between two snapshots."""

    roles: ClassVar = {"GET": Role.REVIEWER}
    serializer_class = ChangedRowSerializer
    queryset = SnapshotRow.objects.all()

    def get_queryset(self) -> QuerySet[SnapshotRow]:
        """Return the rows that changed as asked for."""
        change = self.request.query_params.get("change", Change.ADDED)
        return changed_rows(*_pair(self, self.request), change)


class SnapshotExportView(ProjectAPIView):
    """A snapshot as a file."""

    roles: ClassVar = {"GET": Role.REVIEWER}

    @extend_schema(
        operation_id="snapshots_export",
        parameters=[OpenApiParameter("as", str, enum=list(KINDS), default="jsonl"), *FILTERS],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, slug: str, number: int) -> StreamingHttpResponse:
        """Send the rows that the filters leave while they are read."""
        snapshot = snapshot_of(self.access.project, number)
        chosen = RowFilter(request.query_params, snapshot).require()
        kind = request.query_params.get("as", "jsonl")
        kind_named(kind)
        return file_of(access=self.access, snapshot=snapshot, kind=kind, chosen=chosen)


def _pair(view: ProjectAPIView, request: Request) -> tuple[DatasetSnapshot, DatasetSnapshot]:
    """Return the older and the newer snapshot of a comparison."""
    number = request.query_params.get("with")
    if number is not None and not (number.isdecimal() and len(number) <= DIGITS):
        raise Invalid("with: give the number of a snapshot.")
    other = None if number is None else int(number)
    after, older = pair_of(view.access.project, view.kwargs["number"], other)
    if older is None:
        raise Invalid(f"with: no snapshot was taken before snapshot {after.number}; name another.")
    return older, after


ONE = "snapshots/<int:number>"

urlpatterns = [
    path("snapshots/", SnapshotListView.as_view(), name="api-snapshots"),
    path(f"{ONE}/", SnapshotView.as_view(), name="api-snapshot"),
    path(f"{ONE}/rows/", SnapshotRowsView.as_view(), name="api-snapshot-rows"),
    path(f"{ONE}/compare/", SnapshotDiffView.as_view(), name="api-snapshot-compare"),
    path(f"{ONE}/changes/", SnapshotChangesView.as_view(), name="api-snapshot-changes"),
    path(f"{ONE}/export/", SnapshotExportView.as_view(), name="api-snapshot-export"),
]
