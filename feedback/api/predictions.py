"""One prediction with its lineage over REST."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from classifier.api.predictions import PredictionSerializer
from classifier.api.serializers import SnapshotSerializer
from classifier.models import ModelVersion, Prediction
from feedback.api.reports import ReportSerializer, ReportTaskSerializer
from feedback.lineage import Lineage, lineage_of
from feedback.links import url_for
from feedback.models import Destination, RouteReason, Routing
from feedback.outcomes import settled
from feedback.policy import policy_of
from labeling.api.base import ProjectAPIView
from labeling.api.pagination import Newest
from labeling.models import ItemStatus, Resolution, ResolutionMethod, Role

# As the status of the item that it is about says.
OUTCOMES = [
    (ItemStatus.LABELED.value, "labeled"),
    (ItemStatus.OUT_OF_SCOPE.value, "out of scope"),
]


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


class VoteSerializer(serializers.Serializer[Any]):
    """A vote that stood when the snapshot was taken."""

    annotation_id = serializers.IntegerField()
    annotator = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    guideline = serializers.IntegerField(allow_null=True)


class NeighbourSerializer(serializers.Serializer[Any]):
    """A training item that resembles the text."""

    item = serializers.IntegerField(source="item_id")
    title = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    method = serializers.CharField()
    resemblance = serializers.FloatField()
    waits = serializers.BooleanField(help_text="Votes are told once its item is settled.")
    votes = VoteSerializer(many=True)


class FinalSerializer(serializers.Serializer[Any]):
    """The item's label, once people have settled it."""

    label = serializers.CharField(source="label.name")  # type: ignore[assignment]
    method = serializers.ChoiceField(choices=ResolutionMethod.choices)
    resolved_at = serializers.DateTimeField()


class RoutingSerializer(serializers.Serializer[Any]):
    """Where a prediction went, all that this rests on, and what was done with people."""

    destination = serializers.ChoiceField(choices=Destination.choices)
    reason = serializers.ChoiceField(choices=RouteReason.choices)
    inclusion_probability = serializers.FloatField(source="chance")
    draw = serializers.FloatField(allow_null=True)
    audit_share = serializers.FloatField()
    near_tie = serializers.FloatField()
    novelty = serializers.FloatField(allow_null=True)
    novelty_limit = serializers.FloatField()
    broken_rule = serializers.CharField()
    outcome = serializers.CharField()
    task = ReportTaskSerializer(allow_null=True)
    created_at = serializers.DateTimeField()


class LineageSerializer(PredictionSerializer):
    """A prediction, what it rests on, and what people made of it."""

    model = SourceModelSerializer(source="model_version", read_only=True)
    snapshot = SnapshotSerializer(source="model_version.snapshot", read_only=True)
    teachers = serializers.SerializerMethodField()
    nearest = serializers.SerializerMethodField()
    routing = serializers.SerializerMethodField()
    reports = serializers.SerializerMethodField()
    task = serializers.SerializerMethodField()
    item = serializers.SerializerMethodField()  # type: ignore[assignment]
    final = serializers.SerializerMethodField()
    final_label = serializers.SerializerMethodField()
    final_method = serializers.SerializerMethodField()
    final_at = serializers.SerializerMethodField()
    report_url = serializers.SerializerMethodField()

    class Meta(PredictionSerializer.Meta):
        fields: ClassVar[tuple[str, ...]] = (
            *PredictionSerializer.Meta.fields,
            "model",
            "snapshot",
            "teachers",
            "nearest",
            "routing",
            "reports",
            "task",
            "final",
            "final_label",
            "final_method",
            "final_at",
            "report_url",
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

    @extend_schema_field(NeighbourSerializer(many=True))
    def get_nearest(self, prediction: Prediction) -> Any:
        """Return the training items that resemble the text most, the closest first."""
        return NeighbourSerializer(self.lineage.nearest, many=True).data

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

    def get_final_label(self, prediction: Prediction) -> str | None:
        """Return the name of that label."""
        found = self.lineage.resolution
        return found.label.name if found else None

    def get_final_method(self, prediction: Prediction) -> str | None:
        """Return how people came to it; `out_of_scope` where they say that it has none."""
        item, found = self.lineage.item, self.lineage.resolution
        if found is None and item is not None and item.status == ItemStatus.OUT_OF_SCOPE:
            return ItemStatus.OUT_OF_SCOPE.value
        return found.method if found else None

    def get_final_at(self, prediction: Prediction) -> datetime | None:
        """Return when they came to it."""
        return self.lineage.resolution.resolved_at if self.lineage.resolution else None

    def get_report_url(self, prediction: Prediction) -> str | None:
        """Return the signed link for reporting it without an account; None while links are off."""
        if not self.context["links_on"]:
            return None
        return url_for(self.context["request"], prediction.pk)


def _or_none(kind: type[serializers.BaseSerializer[Any]], value: object) -> Any:
    return None if value is None else kind(value).data


class PredictionView(ProjectAPIView):
    """One prediction."""

    roles: ClassVar = {"GET": Role.REVIEWER}

    @extend_schema(operation_id="predictions_retrieve", responses=LineageSerializer)
    def get(self, request: Request, slug: str, prediction_id: UUID) -> Response:
        """Return a prediction with its lineage, and the final label of its item if there is one."""
        lineage = lineage_of(self.access.project, prediction_id)
        links_on = policy_of(self.access.project).links_on
        context = {"lineage": lineage, "links_on": links_on, "request": request}
        return Response(LineageSerializer(lineage.prediction, context=context).data)


class OutcomeSerializer(serializers.ModelSerializer[Routing]):
    """What people made of one prediction."""

    prediction_id = serializers.UUIDField()
    external_id = serializers.CharField(source="prediction.external_id")
    label = serializers.CharField(  # type: ignore[assignment]
        source="prediction.label.name", help_text="What the model said."
    )
    outcome = serializers.SerializerMethodField()
    final_label = serializers.CharField(
        source="item.resolution.label.name", default=None, help_text="None out of scope."
    )
    final_method = serializers.SerializerMethodField()
    final_at = serializers.DateTimeField()

    class Meta:
        model = Routing
        fields: ClassVar = (
            *("prediction_id", "external_id", "item", "label", "destination"),
            *("outcome", "final_label", "final_method", "final_at"),
        )

    @extend_schema_field(serializers.ChoiceField(choices=OUTCOMES))
    def get_outcome(self, routing: Routing) -> str:
        """Return whether its item got a label or was put out of scope."""
        labeled = hasattr(routing.item, "resolution")
        return (ItemStatus.LABELED if labeled else ItemStatus.OUT_OF_SCOPE).value

    @extend_schema_field(
        serializers.ChoiceField(choices=[*ResolutionMethod.choices, *OUTCOMES[1:]])
    )
    def get_final_method(self, routing: Routing) -> str:
        """Return how people came to it."""
        found: Resolution | None = getattr(routing.item, "resolution", None)
        return found.method if found else ItemStatus.OUT_OF_SCOPE.value


class OldestOutcome(Newest):
    """What changed first comes first, so that a caller can go on where it stopped."""

    ordering = ("final_at", "id")


class AskedSerializer(serializers.Serializer[Any]):
    """Which outcomes, and from when on."""

    outcome = serializers.ChoiceField(
        choices=OUTCOMES, required=False, help_text="Only those; both without it."
    )
    changed_since = serializers.DateTimeField(
        required=False, default=None, help_text="Only what was settled after this time."
    )


@extend_schema_view(
    get=extend_schema(operation_id="predictions_outcomes", parameters=[AskedSerializer])
)
class OutcomeListView(ProjectAPIView, ListAPIView[Routing]):
    """The predictions that people have settled, with what they decided, by when that was."""

    roles: ClassVar = {"GET": Role.REVIEWER}
    serializer_class = OutcomeSerializer
    pagination_class = OldestOutcome
    queryset = Routing.objects.all()

    def get_queryset(self) -> QuerySet[Routing]:
        """Return those of the caller's project."""
        asked = AskedSerializer(data=self.request.query_params)
        asked.is_valid(raise_exception=True)
        chosen = asked.validated_data
        found = settled(
            self.access.project, outcome=chosen.get("outcome"), since=chosen["changed_since"]
        )
        return found.select_related("prediction__label", "item__resolution__label")


urlpatterns = [
    path("predictions/outcomes/", OutcomeListView.as_view(), name="api-prediction-outcomes"),
    path("predictions/<uuid:prediction_id>/", PredictionView.as_view(), name="api-prediction"),
]
