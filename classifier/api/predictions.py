"""Stored predictions over REST."""

from typing import ClassVar

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request

from classifier.models import Prediction, Route, Source
from classifier.predictions import FILTERS, filtered, of_project
from classifier.predictions_file import FORMATS, send
from labeling.api.base import ProjectAPIView
from labeling.api.pagination import NewestByTime
from labeling.models import Role

CHOICES = {"route": Route.values, "source": Source.values}


class PredictionSerializer(serializers.ModelSerializer[Prediction]):
    """What a model said of one text."""

    prediction_id = serializers.UUIDField(source="id", read_only=True)
    label = serializers.CharField(  # type: ignore[assignment]
        source="label.name", read_only=True
    )
    model_version = serializers.IntegerField(source="model_version.number", read_only=True)
    item = serializers.IntegerField(source="item_id", read_only=True, allow_null=True)

    class Meta:
        model = Prediction
        fields: ClassVar[tuple[str, ...]] = (
            "prediction_id",
            "external_id",
            "title",
            "body",
            "label",
            "confidence",
            "probabilities",
            "model_version",
            "route",
            "threshold",
            "source",
            "item",
            "latency_ms",
            "request_id",
            "created_at",
        )


@extend_schema_view(
    get=extend_schema(
        operation_id="predictions_list",
        parameters=[OpenApiParameter(name, enum=CHOICES.get(name)) for name in FILTERS],
    )
)
class PredictionListView(ProjectAPIView, ListAPIView[Prediction]):
    """The predictions of a project, the newest first."""

    roles: ClassVar = {"GET": Role.REVIEWER}
    serializer_class = PredictionSerializer
    pagination_class = NewestByTime
    queryset = Prediction.objects.all()

    def get_queryset(self) -> QuerySet[Prediction]:
        """Return the predictions of the caller's project that match the filters."""
        wanted = {name: self.request.query_params.get(name, "") for name in FILTERS}
        return filtered(of_project(self.access.project), wanted)


class PredictionFileView(ProjectAPIView):
    """The predictions of a project as a file."""

    roles: ClassVar = {"GET": Role.REVIEWER}

    @extend_schema(
        operation_id="predictions_file",
        parameters=[
            # DRF takes `format` in a query for its own content negotiation.
            OpenApiParameter("as", str, required=True, enum=list(FORMATS)),
            *(OpenApiParameter(name, enum=CHOICES.get(name)) for name in FILTERS),
        ],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, slug: str) -> StreamingHttpResponse:
        """Send the predictions that the filters leave, whatever their number, as they are read."""
        query = request.query_params
        wanted = {name: query.get(name, "") for name in FILTERS}
        return send(self.access, query.get("as", ""), wanted)


urlpatterns = [
    path("predictions/", PredictionListView.as_view(), name="api-predictions"),
    path("predictions/file/", PredictionFileView.as_view(), name="api-predictions-file"),
]
