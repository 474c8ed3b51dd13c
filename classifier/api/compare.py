"""Two models side by side, over REST."""

from dataclasses import asdict
from typing import Any, ClassVar

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from classifier.api.serializers import EstimateSerializer
from classifier.compare import Duel, compare_models, headline
from labeling.api.base import ProjectAPIView
from labeling.models import Role


class DifferenceSerializer(serializers.Serializer[Any]):
    """An item on which two models differ."""

    external_id = serializers.CharField()
    item = serializers.IntegerField(source="item_id", allow_null=True)
    truth = serializers.CharField()
    first = serializers.CharField(source="first.label")
    second = serializers.CharField(source="second.label")
    first_confidence = serializers.FloatField(source="first.confidence")
    second_confidence = serializers.FloatField(source="second.confidence")
    outcome = serializers.CharField()


class FiguresSerializer(serializers.Serializer[Any]):
    """A model's main figures on the shared items."""

    weighted_f1 = EstimateSerializer()
    macro_f1 = EstimateSerializer()
    accuracy = EstimateSerializer()


class DuelSerializer(serializers.Serializer[Any]):
    """Two models on the same items."""

    headline = serializers.CharField()
    rows = serializers.IntegerField()
    difference = EstimateSerializer(
        allow_null=True, help_text="Weighted F1 of the first minus that of the second."
    )
    first = FiguresSerializer(allow_null=True)
    second = FiguresSerializer(allow_null=True)
    outcomes = serializers.DictField(child=serializers.IntegerField())
    differing = DifferenceSerializer(many=True)


class CompareView(ProjectAPIView):
    """Any two models of a project."""

    roles: ClassVar = {"GET": Role.REVIEWER}

    @extend_schema(operation_id="models_compare", responses=DuelSerializer)
    def get(self, request: Request, slug: str, number: int, other: int) -> Response:
        """Return the figures of the first and the second model on the items of both."""
        duel = compare_models(self.access.project, number, other)
        return Response(DuelSerializer(_content(duel)).data)


def _content(duel: Duel) -> dict[str, Any]:
    first, second = duel.scores or (None, None)
    return {
        "headline": headline(duel),
        "rows": len(duel.rows),
        "difference": asdict(duel.versus.difference) if duel.versus else None,
        "first": first,
        "second": second,
        "outcomes": duel.outcomes,
        "differing": duel.differing,
    }


urlpatterns = [
    path(
        "models/<int:number>/compare/<int:other>/",
        CompareView.as_view(),
        name="api-model-compare",
    )
]
