"""Imports over REST."""

import shutil
from collections.abc import Mapping
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, ClassVar, cast

from django.conf import settings
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from labeling.api.base import ProjectAPIView
from labeling.api.serializers.imports import ImportDetailSerializer, ImportSerializer
from labeling.intake import add_items, reject_oversized
from labeling.models import ImportJob, Role
from labeling.readers import read_csv

IN_MEMORY = 2**20


class UploadSerializer(serializers.Serializer[Any]):
    """A CSV file to be imported."""

    file = serializers.FileField(help_text="CSV in UTF-8 with a header; one column is `title`.")


class CsvParser(BaseParser):
    """Hands a body of text/csv on as a file."""

    media_type = "text/csv"

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the body as a file, which lies on disk where it is large."""
        file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
        shutil.copyfileobj(stream, file)
        file.seek(0)
        return file


class ItemImportView(ProjectAPIView):
    """Items from a file."""

    parser_classes = (MultiPartParser, CsvParser)

    @extend_schema(
        operation_id="items_import",
        request={"multipart/form-data": UploadSerializer, "text/csv": OpenApiTypes.BINARY},
        responses={201: ImportDetailSerializer},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Import a CSV file, sent as form field `file` or as the body itself."""
        refuse_oversized(request)
        file, name = _file(request)
        job = add_items(
            project=self.access.project, user=self.access.user, rows=read_csv(file), source=name
        )
        return Response(ImportDetailSerializer(job).data, status=201)


class ImportListView(ProjectAPIView, ListAPIView[ImportJob]):
    """The imports of a project."""

    roles: ClassVar = {"GET": Role.MANAGER}
    serializer_class = ImportSerializer
    queryset = ImportJob.objects.select_related("created_by")

    def get_queryset(self) -> QuerySet[ImportJob]:
        """Return the imports of the caller's project."""
        return super().get_queryset().filter(project=self.access.project)


class ImportView(ProjectAPIView):
    """One import."""

    roles: ClassVar = {"GET": Role.MANAGER}

    @extend_schema(operation_id="imports_retrieve", responses=ImportDetailSerializer)
    def get(self, request: Request, slug: str, job_id: int) -> Response:
        """Return an import with its refused rows."""
        jobs = ImportJob.objects.select_related("created_by")
        job = get_object_or_404(jobs, project=self.access.project, pk=job_id)
        return Response(ImportDetailSerializer(job).data)


def refuse_oversized(request: Request) -> None:
    """Look at the length that the caller announces: what is beyond it is never read."""
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    reject_oversized(length, settings.IMPORT_MAX_BYTES)


def _file(request: Request) -> tuple[BinaryIO, str]:
    if not isinstance(request.data, Mapping):
        return cast("BinaryIO", request.data), "REST"
    sent = UploadSerializer(data=request.data)
    sent.is_valid(raise_exception=True)
    upload = sent.validated_data["file"]
    return upload.file, upload.name


urlpatterns = [
    path("projects/<slug:slug>/items/import/", ItemImportView.as_view(), name="api-items-import"),
    path("projects/<slug:slug>/imports/", ImportListView.as_view(), name="api-imports"),
    path("projects/<slug:slug>/imports/<int:job_id>/", ImportView.as_view(), name="api-import"),
]
