"""Tagging a file over REST: its import, and the batch that follows it, by one call."""

from collections.abc import Mapping
from typing import Any

from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from classifier.api.batches import BATCHES, BatchSerializer
from classifier.file_batch import following
from labeling.api.imports import ItemImportView, OptionsSerializer
from labeling.intake import Follower


class TagOptionsSerializer(OptionsSerializer):
    """How a file is read, and what of it is tagged."""

    wait = None  # type: ignore[assignment]
    labeled = serializers.BooleanField(
        default=False, help_text="Also rows to which the file gives a label."
    )
    only_new = serializers.BooleanField(
        default=False,
        help_text="Only those that no model has tagged in a batch with their present text.",
    )


class TagUploadSerializer(TagOptionsSerializer):
    """A file to be tagged."""

    file = serializers.FileField(help_text="CSV, TSV, JSON lines, JSON, xlsx, Parquet, …")


class FileBatchView(ItemImportView):
    """Tags for the rows of a file."""

    form = TagUploadSerializer
    query = TagOptionsSerializer

    @extend_schema(
        operation_id="batches_file",
        parameters=[TagOptionsSerializer],
        request={
            "multipart/form-data": TagUploadSerializer,
            "text/csv": OpenApiTypes.BINARY,
            "application/octet-stream": OpenApiTypes.BINARY,
        },
        responses={202: BatchSerializer},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Import a file as `items/import/` does, and tag what it brought once it is in.

        The batch is `waiting` until the import `import_job` has ended. 409 without a champion.
        """
        job, _ = self.take(request)
        return Response(BatchSerializer(BATCHES.get(import_job=job)).data, status=202)

    def follower(self, options: Mapping[str, Any]) -> Follower:
        """Return what notes that a batch is owed."""
        return following(self.access, labeled=options["labeled"], only_new=options["only_new"])


urlpatterns = [path("batches/file/", FileBatchView.as_view(), name="api-batch-file")]
