"""Exports over REST: streamed, or written by a worker and fetched later."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import FileResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from labeling.api.base import ProjectAPIView
from labeling.export.answers import file_of, stream, visible_exports
from labeling.export.formats import FORMATS
from labeling.export.job import cancel_export, start_export
from labeling.export.rows import Options
from labeling.forms.items import ItemFilter
from labeling.models import ExportJob, Role


class ChoiceSerializer(serializers.Serializer[Any]):
    """What an export holds."""

    format = serializers.ChoiceField(choices=[(name, f.title) for name, f in FORMATS.items()])
    evidence = serializers.BooleanField(
        default=False, help_text="With votes, decisions and provenance; for managers."
    )
    pseudonyms = serializers.BooleanField(
        default=False, help_text="Numbers in place of people's names."
    )

    @property
    def options(self) -> Options:
        """Return what was chosen beside the format."""
        return Options(self.validated_data["evidence"], self.validated_data["pseudonyms"])


class NewExportSerializer(ChoiceSerializer):
    """An export to be written by a worker."""

    filters = serializers.DictField(
        child=serializers.CharField(), default=dict, help_text="As the list of items takes them."
    )


class ExportSerializer(serializers.ModelSerializer[ExportJob]):
    """An export and how far it has come."""

    created_by = serializers.CharField(source="created_by.username", allow_null=True, default=None)
    ready = serializers.SerializerMethodField(help_text="Whether its file can be fetched.")

    class Meta:
        model = ExportJob
        fields: ClassVar[tuple[str, ...]] = (
            "id",
            "format",
            "evidence",
            "pseudonyms",
            "filters",
            "state",
            "done",
            "total",
            "failure",
            "ready",
            "size",
            "sha256",
            "created_by",
            "created_at",
            "finished_at",
        )

    def get_ready(self, job: ExportJob) -> bool:
        """Tell whether there is a file."""
        return bool(job.file)


class ExportView(ProjectAPIView):
    """An export at once."""

    roles: ClassVar = {"GET": Role.REVIEWER}

    @extend_schema(
        operation_id="export_stream",
        parameters=[
            # DRF takes `format` in a query for its own content negotiation.
            OpenApiParameter("as", str, required=True, enum=list(FORMATS)),
            OpenApiParameter("evidence", bool, default=False),
            OpenApiParameter("pseudonyms", bool, default=False),
        ],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, slug: str) -> StreamingHttpResponse:
        """Send the items that the filters leave, whatever their number, while they are read."""
        query = request.query_params
        asked = ChoiceSerializer(data={**query.dict(), "format": query.get("as")})
        asked.is_valid(raise_exception=True)
        filters = ItemFilter(query, self.access.project).chosen
        return stream(
            access=self.access,
            name=asked.validated_data["format"],
            options=asked.options,
            filters=filters,
        )


class ExportListView(ProjectAPIView, ListAPIView[ExportJob]):
    """The exports of a project that a worker writes."""

    roles: ClassVar = {"GET": Role.REVIEWER, "POST": Role.REVIEWER}
    serializer_class = ExportSerializer
    queryset = ExportJob.objects.all()

    def get_queryset(self) -> QuerySet[ExportJob]:
        """Return the exports that the caller may see."""
        return visible_exports(self.access)

    @extend_schema(
        operation_id="exports_create",
        request=NewExportSerializer,
        responses={201: ExportSerializer},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Queue an export; 409 while another one of the project has not ended."""
        asked = NewExportSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        sent = asked.validated_data["filters"]
        filters = ItemFilter(sent, self.access.project).chosen
        job = start_export(
            access=self.access,
            name=asked.validated_data["format"],
            options=asked.options,
            filters=filters,
        )
        return Response(ExportSerializer(job).data, status=201)


class ExportJobView(ProjectAPIView):
    """One export."""

    roles: ClassVar = {"GET": Role.REVIEWER}

    @extend_schema(operation_id="exports_retrieve", responses=ExportSerializer)
    def get(self, request: Request, slug: str, export_id: int) -> Response:
        """Return an export with its progress."""
        job = get_object_or_404(visible_exports(self.access), pk=export_id)
        return Response(ExportSerializer(job).data)


class ExportFileView(ProjectAPIView):
    """The file of an export."""

    roles: ClassVar = {"GET": Role.REVIEWER}

    @extend_schema(
        operation_id="exports_file",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, slug: str, export_id: int) -> FileResponse:
        """Send the file; 404 before it is written and after it was removed."""
        return file_of(get_object_or_404(visible_exports(self.access), pk=export_id))


class CancelExportView(ProjectAPIView):
    """Ending an export."""

    roles: ClassVar = {"POST": Role.REVIEWER}

    @extend_schema(operation_id="exports_cancel", request=None, responses=ExportSerializer)
    def post(self, request: Request, slug: str, export_id: int) -> Response:
        """Cancel an export that has not ended."""
        get_object_or_404(visible_exports(self.access), pk=export_id)
        return Response(ExportSerializer(cancel_export(access=self.access, job_id=export_id)).data)


ONE = "projects/<slug:slug>/exports/<int:export_id>"

urlpatterns = [
    path("projects/<slug:slug>/export/", ExportView.as_view(), name="api-export-stream"),
    path("projects/<slug:slug>/exports/", ExportListView.as_view(), name="api-exports"),
    path(f"{ONE}/", ExportJobView.as_view(), name="api-export"),
    path(f"{ONE}/file/", ExportFileView.as_view(), name="api-export-file"),
    path(f"{ONE}/cancel/", CancelExportView.as_view(), name="api-export-cancel"),
]
