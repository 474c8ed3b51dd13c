"""One answer of an annotator with the models that learned from it, over REST."""

from typing import Any, ClassVar

from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from classifier.models import RowUse, Stage
from feedback.learned import AnswerLineage, lineage_of_answer
from labeling.api.base import ProjectAPIView
from labeling.models import Role


class LearnedSerializer(serializers.Serializer[Any]):
    """A model, and the row of its snapshot that the answer is behind."""

    model = serializers.IntegerField(source="model.number")
    recipe = serializers.CharField(source="model.recipe")
    stage = serializers.ChoiceField(source="model.stage", choices=Stage.choices)
    run = serializers.IntegerField(source="model.run.number")
    snapshot = serializers.IntegerField(source="model.snapshot.number")
    use = serializers.ChoiceField(source="row.split", choices=RowUse.choices)
    label = serializers.CharField(source="row.label")  # type: ignore[assignment]
    weight = serializers.FloatField(source="row.weight")
    counted = serializers.BooleanField(help_text="Whether the row has the label of the answer.")


class AnswerLineageSerializer(serializers.Serializer[Any]):
    """An answer, and what learned from it.

    While its item waits for people `hidden` is true and nothing is told of it.
    """

    id = serializers.IntegerField(source="annotation.pk")
    item = serializers.IntegerField(source="annotation.item_id")
    hidden = serializers.BooleanField()
    annotator = serializers.SerializerMethodField()
    label = serializers.SerializerMethodField()  # type: ignore[assignment]
    guideline = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField(source="annotation.created_at")
    superseded_by = serializers.SerializerMethodField()
    models = LearnedSerializer(source="learned", many=True)
    cut = serializers.BooleanField(help_text="Whether there are more models than these.")

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_annotator(self, lineage: AnswerLineage) -> str | None:
        """Return who gave it."""
        return None if lineage.hidden else lineage.annotation.annotator.username

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_label(self, lineage: AnswerLineage) -> str | None:
        """Return what was said; None also for one that took an answer back."""
        label = lineage.annotation.label
        return None if lineage.hidden or label is None else label.name

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_guideline(self, lineage: AnswerLineage) -> int | None:
        """Return the version of the guideline that its giver had."""
        guideline = lineage.annotation.guideline
        return guideline.version if guideline else None

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_superseded_by(self, lineage: AnswerLineage) -> int | None:
        """Return the answer that took its place."""
        return lineage.superseded_by.pk if lineage.superseded_by else None


class AnnotationView(ProjectAPIView):
    """One answer."""

    roles: ClassVar = {"GET": Role.REVIEWER}

    @extend_schema(operation_id="annotations_retrieve", responses=AnswerLineageSerializer)
    def get(self, request: Request, slug: str, annotation_id: int) -> Response:
        """Return an answer with every model that learned from it or was measured by it."""
        lineage = lineage_of_answer(self.access.project, annotation_id)
        return Response(AnswerLineageSerializer(lineage).data)


urlpatterns = [
    path("annotations/<int:annotation_id>/", AnnotationView.as_view(), name="api-annotation")
]
