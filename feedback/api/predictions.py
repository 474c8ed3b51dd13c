"""One prediction with its lineage over REST."""

from typing import Any, ClassVar
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from classifier.api.predictions import PredictionSerializer
from classifier.api.serializers import SnapshotSerializer
from classifier.models import ModelVersion, Prediction
from feedback.api.reports import ReportSerializer, ReportTaskSerializer
from feedback.lineage import Lineage, lineage_of
from labeling.api.base import ProjectAPIView
from labeling.models import ResolutionMethod, Role


class SourceModelSerializer(serializers.ModelSerializer[ModelVersion]):
    """The model that said it."""

    run = serializers.IntegerField(source="run.number", read_only=True)
    weighted_f1 = serializers.FloatField(source="evaluation.weighted_f1", read_only=True)
    approved_by = serializers.SlugRelatedField[Any](
        slug_field="username", read_only=True, allow_null=True
    )

    class Meta:
        model = ModelVersion
        fields: ClassVar[tuple[str, ...]] = (
            "number",
            "recipe",
            "stage",
            "run",
            "weighted_f1",
            "artifact_hash",
            "approved_by",
            "approved_at",
        )


class TeacherSerializer(serializers.Serializer[Any]):
    """Whose votes the model learned from, and the guideline that they read."""

    annotator = serializers.CharField()
    guideline = serializers.IntegerField(allow_null=True)
    answers = serializers.IntegerField()


class FinalSerializer(serializers.Serializer[Any]):
    """The item's label, once people have settled it."""

    label = serializers.CharField(source="label.name")  # type: ignore[assignment]
    method = serializers.ChoiceField(choices=ResolutionMethod.choices)
    resolved_at = serializers.DateTimeField()


class RoutingSerializer(serializers.Serializer[Any]):
    """What was done about a prediction that went to review."""

    outcome = serializers.CharField()
    task = ReportTaskSerializer(allow_null=True)
    created_at = serializers.DateTimeField()


class LineageSerializer(PredictionSerializer):
    """A prediction, what it rests on, and what people made of it."""

    model = SourceModelSerializer(source="model_version", read_only=True)
    snapshot = SnapshotSerializer(source="model_version.snapshot", read_only=True)
    teachers = serializers.SerializerMethodField()
    routing = serializers.SerializerMethodField()
    reports = serializers.SerializerMethodField()
    task = serializers.SerializerMethodField()
    item = serializers.SerializerMethodField()  # type: ignore[assignment]
    final = serializers.SerializerMethodField()

    class Meta(PredictionSerializer.Meta):
        fields: ClassVar[tuple[str, ...]] = (
            *PredictionSerializer.Meta.fields,
            "model",
            "snapshot",
            "teachers",
            "routing",
            "reports",
            "task",
            "final",
        )

    @property
    def lineage(self) -> Lineage:
        """What was found about the prediction."""
        found: Lineage = self.context["lineage"]
        return found

    @extend_schema_field(TeacherSerializer(many=True))
    def get_teachers(self, prediction: Prediction) -> Any:
        """Return whose answers the model learned from."""
        return TeacherSerializer(self.lineage.teachers, many=True).data

    @extend_schema_field(RoutingSerializer(allow_null=True))
    def get_routing(self, prediction: Prediction) -> Any:
        """Return what was done, None where nothing was or had to be."""
        return _or_none(RoutingSerializer, self.lineage.routing)

    @extend_schema_field(ReportSerializer(many=True))
    def get_reports(self, prediction: Prediction) -> Any:
        """Return the reports, the newest first."""
        return ReportSerializer(self.lineage.reports, many=True).data

    @extend_schema_field(ReportTaskSerializer(allow_null=True))
    def get_task(self, prediction: Prediction) -> Any:
        """Return the task that people were given because of it."""
        return _or_none(ReportTaskSerializer, self.lineage.task)

    def get_item(self, prediction: Prediction) -> int | None:
        """Return the item that it is about, once there is one."""
        return self.lineage.item.pk if self.lineage.item else None

    @extend_schema_field(FinalSerializer(allow_null=True))
    def get_final(self, prediction: Prediction) -> Any:
        """Return the item's label by people."""
        return _or_none(FinalSerializer, self.lineage.resolution)


def _or_none(kind: type[serializers.BaseSerializer[Any]], value: object) -> Any:
    return None if value is None else kind(value).data


class PredictionView(ProjectAPIView):
    """One prediction."""

    roles: ClassVar = {"GET": Role.REVIEWER}

    @extend_schema(operation_id="predictions_retrieve", responses=LineageSerializer)
    def get(self, request: Request, slug: str, prediction_id: UUID) -> Response:
        """Return a prediction with its lineage, and the final label of its item if there is one."""
        lineage = lineage_of(self.access.project, prediction_id)
        serializer = LineageSerializer(lineage.prediction, context={"lineage": lineage})
        return Response(serializer.data)


urlpatterns = [
    path("predictions/<uuid:prediction_id>/", PredictionView.as_view(), name="api-prediction")
]
