"""Learning curves over REST."""

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from classifier.api.serializers import EstimateSerializer
from classifier.learning_curve import ask_learning_curve
from classifier.models import LearningCurve
from labeling.api.base import ProjectAPIView
from labeling.models import Role


class CurvePointSerializer(serializers.Serializer[Any]):
    """What models reach that learned from a share of the rows."""

    share = serializers.FloatField()
    rows = serializers.IntegerField()
    weighted_f1 = EstimateSerializer()


class OutlookSerializer(serializers.Serializer[Any]):
    """What twice the rows would bring."""

    rows = serializers.IntegerField()
    weighted_f1 = serializers.FloatField()
    gain = serializers.FloatField()
    worthwhile = serializers.BooleanField()


class LearningCurveSerializer(serializers.ModelSerializer[LearningCurve]):
    """A learning curve and how far it has come."""

    points = CurvePointSerializer(many=True)
    outlook = OutlookSerializer(allow_null=True)

    class Meta:
        model = LearningCurve
        fields: ClassVar[tuple[str, ...]] = (
            "state",
            "stage",
            "done",
            "total",
            "failure",
            "points",
            "outlook",
            "created_at",
            "finished_at",
        )


class LearningCurveView(ProjectAPIView):
    """The learning curve of a model."""

    roles: ClassVar = {"GET": Role.REVIEWER}

    @extend_schema(operation_id="learning_curves_retrieve", responses=LearningCurveSerializer)
    def get(self, request: Request, slug: str, number: int) -> Response:
        """Return the curve; 404 where nobody has asked for it."""
        mine = LearningCurve.objects.filter(model_version__project=self.access.project)
        curve = get_object_or_404(mine, model_version__number=number)
        return Response(LearningCurveSerializer(curve).data)

    @extend_schema(
        operation_id="learning_curves_create",
        request=None,
        responses={202: LearningCurveSerializer},
    )
    def post(self, request: Request, slug: str, number: int) -> Response:
        """Have the curve measured, anew where it was before; 409 while it is being measured."""
        curve = ask_learning_curve(access=self.access, number=number)
        return Response(LearningCurveSerializer(curve).data, status=202)


urlpatterns = [
    path(
        "models/<int:number>/learning-curve/",
        LearningCurveView.as_view(),
        name="api-learning-curve",
    )
]
