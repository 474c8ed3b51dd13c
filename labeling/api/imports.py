"""Imports over REST."""

import json
import shutil
import time
from collections.abc import Mapping
from tempfile import SpooledTemporaryFile
from typing import Any, ClassVar

from django.conf import settings
from django.core.files.base import File
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
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
from labeling.intake import (
    Follower,
    cancel_import,
    fingerprint_of,
    upload_once,
)
from labeling.intake_check import reject_oversized
from labeling.intake_run import UPLOADING
from labeling.models import ImportJob, Role
from labeling.readers import Format, How
from labeling.refused_rows import problems_csv

IN_MEMORY = 2**20
MOST_WAIT, LOOK_AGAIN = 30, 0.2


class OptionsSerializer(serializers.Serializer[Any]):
    """How a file is read; what is left out is found out."""

    format = serializers.ChoiceField(choices=[str(name) for name in Format], required=False)
    encoding = serializers.CharField(required=False)
    annotator = serializers.CharField(
        required=False, max_length=150, help_text="Whose the labels of a doccano export are."
    )
    mapping = serializers.CharField(
        required=False, help_text='JSON: what columns become, as {"Betreff": "title"}.'
    )
    add_labels = serializers.BooleanField(default=False, help_text="Make missing labels.")
    name = serializers.CharField(
        required=False, max_length=200, help_text="The name of a file that is the body itself."
    )
    wait = serializers.FloatField(
        default=0, min_value=0, max_value=MOST_WAIT, help_text="Seconds to wait for the end."
    )

    def validate_mapping(self, value: str) -> dict[str, str]:
        """Return the mapping that the text is."""
        try:
            found = json.loads(value)
        except ValueError:
            found = None
        if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
            raise serializers.ValidationError("Send a JSON object of column and field.")
        return found


class UploadSerializer(OptionsSerializer):
    """A file to be imported, and how to read it."""

    file = serializers.FileField(help_text="CSV, TSV, JSON lines, JSON, xlsx, Parquet, …")


class AnyParser(BaseParser):
    """Hands a body of any type on as a file."""

    media_type = "*/*"

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

    parser_classes = (MultiPartParser, AnyParser)
    form: ClassVar[type[OptionsSerializer]] = UploadSerializer
    query: ClassVar[type[OptionsSerializer]] = OptionsSerializer

    @extend_schema(
        operation_id="items_import",
        parameters=[OptionsSerializer],
        request={
            "multipart/form-data": UploadSerializer,
            "text/csv": OpenApiTypes.BINARY,
            "application/octet-stream": OpenApiTypes.BINARY,
        },
        responses={201: ImportDetailSerializer, 202: ImportDetailSerializer},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Import a file, sent as form field `file` or as the body itself.

        202 with the import, whose state tells how far it is; 201 where it came to its end within
        `wait` seconds.
        """
        job, options = self.take(request)
        _await_end(job, options["wait"])
        return Response(ImportDetailSerializer(job).data, status=202 if job.active else 201)

    def take(self, request: Request) -> tuple[ImportJob, dict[str, Any]]:
        """Store the file of a call and queue its import; return that and what else was said."""
        refuse_oversized(request)
        file, options = _file(request, self.form, self.query)
        return self._start(file, options, idempotency_key(request)), options

    def follower(self, options: Mapping[str, Any]) -> Follower | None:
        """Return what is noted together with the import; here nothing."""
        return None

    def _start(self, file: "File[Any]", options: dict[str, Any], key: str) -> ImportJob:
        how = How(
            options.get("format", ""), options.get("encoding", ""), "", options.get("annotator", "")
        )
        return upload_once(
            access=self.access,
            file=file,
            name=options.get("name") or file.name or "REST",
            how=how,
            add_labels=options["add_labels"],
            mapping=options.get("mapping", {}),
            key=key,
            fingerprint=_fingerprint(file, options) if key else "",
            then=self.follower(options),
        )


class ImportListView(ProjectAPIView, ListAPIView[ImportJob]):
    """The imports of a project."""

    roles: ClassVar = {"GET": Role.MANAGER}
    serializer_class = ImportSerializer
    queryset = ImportJob.objects.select_related("created_by")

    def get_queryset(self) -> QuerySet[ImportJob]:
        """Return the imports of the caller's project."""
        return super().get_queryset().filter(project=self.access.project).exclude(stage=UPLOADING)


class ImportView(ProjectAPIView):
    """One import."""

    roles: ClassVar = {"GET": Role.MANAGER}

    @extend_schema(operation_id="imports_retrieve", responses=ImportDetailSerializer)
    def get(self, request: Request, slug: str, job_id: int) -> Response:
        """Return an import with its refused rows."""
        jobs = ImportJob.objects.select_related("created_by")
        job = get_object_or_404(jobs, project=self.access.project, pk=job_id)
        return Response(ImportDetailSerializer(job).data)


class ImportProblemsView(ProjectAPIView):
    """The refused rows of one import."""

    roles: ClassVar = {"GET": Role.MANAGER}

    @extend_schema(
        operation_id="imports_problems", responses={(200, "text/csv"): OpenApiTypes.BINARY}
    )
    def get(self, request: Request, slug: str, job_id: int) -> StreamingHttpResponse:
        """Return the refused rows as CSV: row, field, reason, fix."""
        return problems_csv(get_object_or_404(self.access.project.imports, pk=job_id))


class ImportCancelView(ProjectAPIView):
    """The end of an import before its time."""

    @extend_schema(operation_id="imports_cancel", request=None, responses=ImportDetailSerializer)
    def post(self, request: Request, slug: str, job_id: int) -> Response:
        """Stop an import; what came in stays."""
        job = cancel_import(access=self.access, job_id=job_id)
        return Response(ImportDetailSerializer(job).data)


def refuse_oversized(request: Request) -> None:
    """Look at the length that the caller announces: what is beyond it is never read."""
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    reject_oversized(length, settings.IMPORT_MAX_BYTES)


def idempotency_key(request: Request) -> str:
    """Return the key of a call that may be repeated, or ""."""
    return str(request.headers.get("Idempotency-Key", ""))


def _file(
    request: Request, form: type[OptionsSerializer], query: type[OptionsSerializer]
) -> tuple["File[Any]", dict[str, Any]]:
    data: Any = request.data
    if isinstance(data, Mapping):
        sent = form(data={**request.query_params.dict(), **{k: data[k] for k in data}})
        sent.is_valid(raise_exception=True)
        options = dict(sent.validated_data)
        return options.pop("file"), options
    asked = query(data=request.query_params)
    asked.is_valid(raise_exception=True)
    return File(data, name="REST"), dict(asked.validated_data)


def _fingerprint(file: "File[Any]", options: Mapping[str, Any]) -> str:
    """Return what tells this upload from others; how long the caller waits is no part of it."""
    parts = [fingerprint_of(part).encode() for part in file.chunks()]
    file.seek(0)
    read = {name: value for name, value in options.items() if name != "wait"}
    return fingerprint_of(b"".join(parts), json.dumps(read, sort_keys=True).encode())


def _await_end(job: ImportJob, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while job.active and time.monotonic() < deadline:
        time.sleep(LOOK_AGAIN)
        job.refresh_from_db()


urlpatterns = [
    path("projects/<slug:slug>/items/import/", ItemImportView.as_view(), name="api-items-import"),
    path("projects/<slug:slug>/imports/", ImportListView.as_view(), name="api-imports"),
    path("projects/<slug:slug>/imports/<int:job_id>/", ImportView.as_view(), name="api-import"),
    path(
        "projects/<slug:slug>/imports/<int:job_id>/problems.csv",
        ImportProblemsView.as_view(),
        name="api-import-problems",
    ),
    path(
        "projects/<slug:slug>/imports/<int:job_id>/cancel/",
        ImportCancelView.as_view(),
        name="api-import-cancel",
    ),
]
