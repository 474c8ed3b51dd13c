"""Batch inference over REST."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from classifier.batch import Choice, cancel_batch, start_batch
from classifier.models import BatchJob
from labeling.api.base import ProjectAPIView
from labeling.models import Role

BATCHES = BatchJob.objects.select_related("model_version", "created_by")


class BatchSerializer(serializers.ModelSerializer[BatchJob]):
    """A batch and how far it has come."""

    model_version = serializers.IntegerField(source="model_version.number", read_only=True)
    created_by = serializers.SlugRelatedField[Any](
        slug_field="username", read_only=True, allow_null=True
    )
    rate = serializers.FloatField(read_only=True, allow_null=True, help_text="Items a second.")
    seconds_left = serializers.FloatField(read_only=True, allow_null=True)

    class Meta:
        model = BatchJob
        fields: ClassVar = (
            "id",
            "state",
            "stage",
            "done",
            "total",
            "attempt",
            "failure",
            "rate",
            "seconds_left",
            "import_job",
            "filters",
            "labeled",
            "only_new",
            "model_version",
            "created_by",
            "created_at",
            "started_at",
            "finished_at",
        )


class NewBatchSerializer(serializers.Serializer[Any]):
    """Which items to tag; without anything: all that have no label."""

    filters = serializers.DictField(
        child=serializers.CharField(max_length=200),
        default=dict,
        help_text="As the list of items takes them; `source` is the id of an import.",
    )
    labeled = serializers.BooleanField(
        default=False, help_text="Also those that people have decided on."
    )
    only_new = serializers.BooleanField(
        default=False,
        help_text="Only those that no model has tagged in a batch with their present text.",
    )


class BatchListView(ProjectAPIView, ListAPIView[BatchJob]):
    """The batches of a project."""

    roles: ClassVar = {"GET": Role.REVIEWER}
    serializer_class = BatchSerializer
    queryset = BATCHES

    def get_queryset(self) -> QuerySet[BatchJob]:
        """Return the batches of the caller's project."""
        return BATCHES.filter(project=self.access.project)

    @extend_schema(
        operation_id="batches_create", request=NewBatchSerializer, responses={201: BatchSerializer}
    )
    def post(self, request: Request, slug: str) -> Response:
        """Tag items by the champion: every unlabeled one, or those that are chosen.

        Answers 409 without a champion, with nothing to tag, or while a batch is queued or running.
        """
        said = NewBatchSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        job = start_batch(access=self.access, choice=Choice(**said.validated_data))
        return Response(BatchSerializer(job).data, status=201)


class BatchView(ProjectAPIView):
    """One batch."""

    roles: ClassVar = {"GET": Role.REVIEWER}

    @extend_schema(operation_id="batches_retrieve", responses=BatchSerializer)
    def get(self, request: Request, slug: str, batch_id: int) -> Response:
        """Return a batch with its progress."""
        batch = get_object_or_404(BATCHES, project=self.access.project, pk=batch_id)
        return Response(BatchSerializer(batch).data)


class CancelBatchView(ProjectAPIView):
    """Ending a batch."""

    @extend_schema(operation_id="batches_cancel", request=None, responses=BatchSerializer)
    def post(self, request: Request, slug: str, batch_id: int) -> Response:
        """Cancel a batch that has not ended; what it tagged so far stays."""
        batch = cancel_batch(access=self.access, batch_id=batch_id)
        return Response(BatchSerializer(batch).data)


urlpatterns = [
    path("batches/", BatchListView.as_view(), name="api-batches"),
    path("batches/<int:batch_id>/", BatchView.as_view(), name="api-batch"),
    path("batches/<int:batch_id>/cancel/", CancelBatchView.as_view(), name="api-batch-cancel"),
]
