"""Models and decisions on them over REST."""

from typing import ClassVar

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from classifier.answers import answers_file
from classifier.api.serializers import (
    CommentSerializer,
    ModelDetailSerializer,
    ModelSerializer,
    ReasonSerializer,
)
from classifier.approve import approve, reject, rollback
from classifier.models import ModelVersion
from labeling.api.base import ProjectAPIView
from labeling.models import Role

MODELS = ModelVersion.objects.select_related(
    "run", "snapshot", "approved_by", "evaluation__champion"
)


@extend_schema_view(get=extend_schema(operation_id="models_list"))
class ModelListView(ProjectAPIView, ListAPIView[ModelVersion]):
    """The models of a project."""

    roles: ClassVar = {"GET": Role.REVIEWER}
    serializer_class = ModelSerializer
    queryset = MODELS

    def get_queryset(self) -> QuerySet[ModelVersion]:
        """Return the models of the caller's project."""
        return MODELS.filter(project=self.access.project)


class ModelView(ProjectAPIView):
    """One model."""

    roles: ClassVar = {"GET": Role.REVIEWER}

    @extend_schema(operation_id="models_retrieve", responses=ModelDetailSerializer)
    def get(self, request: Request, slug: str, number: int) -> Response:
        """Return a model with its evaluation and manifest."""
        model = get_object_or_404(MODELS, project=self.access.project, number=number)
        return Response(ModelDetailSerializer(model).data)


class AnswersView(ProjectAPIView):
    """A model's answers to the holdout."""

    roles: ClassVar = {"GET": Role.REVIEWER}

    @extend_schema(
        operation_id="models_answers",
        parameters=[OpenApiParameter("as", enum=["csv", "jsonl"])],
        responses={(200, "text/csv"): str, (200, "application/x-ndjson"): str},
    )
    def get(self, request: Request, slug: str, number: int) -> StreamingHttpResponse:
        """Stream the answers, by which every figure of the evaluation can be computed again."""
        return answers_file(self.access.project, number, request.query_params.get("as", "csv"))


class ApproveModelView(ProjectAPIView):
    """Approval by a manager."""

    @extend_schema(
        operation_id="models_approve", request=CommentSerializer, responses=ModelSerializer
    )
    def post(self, request: Request, slug: str, number: int) -> Response:
        """Make a candidate the champion; where the gate did not pass, `comment` must say why."""
        said = CommentSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        model = approve(access=self.access, number=number, **said.validated_data)
        return Response(ModelSerializer(model).data)


class RejectModelView(ProjectAPIView):
    """Rejection by a manager."""

    @extend_schema(
        operation_id="models_reject", request=CommentSerializer, responses=ModelSerializer
    )
    def post(self, request: Request, slug: str, number: int) -> Response:
        """Put a candidate aside for good."""
        said = CommentSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        model = reject(access=self.access, number=number, **said.validated_data)
        return Response(ModelSerializer(model).data)


class RollbackModelView(ProjectAPIView):
    """The way back."""

    @extend_schema(
        operation_id="models_rollback", request=ReasonSerializer, responses=ModelSerializer
    )
    def post(self, request: Request, slug: str, number: int) -> Response:
        """Make a retired model the champion again."""
        said = ReasonSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        model = rollback(access=self.access, number=number, **said.validated_data)
        return Response(ModelSerializer(model).data)


urlpatterns = [
    path("models/", ModelListView.as_view(), name="api-models"),
    path("models/<int:number>/", ModelView.as_view(), name="api-model"),
    path("models/<int:number>/answers/", AnswersView.as_view(), name="api-model-answers"),
    path("models/<int:number>/approve/", ApproveModelView.as_view(), name="api-model-approve"),
    path("models/<int:number>/reject/", RejectModelView.as_view(), name="api-model-reject"),
    path("models/<int:number>/rollback/", RollbackModelView.as_view(), name="api-model-rollback"),
]
