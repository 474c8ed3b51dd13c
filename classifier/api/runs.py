"""Training runs over REST."""

from typing import ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from classifier.api.serializers import (
    MetricsSerializer,
    RetrainSerializer,
    RunDetailSerializer,
    RunSerializer,
)
from classifier.models import TrainingRun
from classifier.retrain import cancel_run, retrain
from classifier.run_figures import run_curves
from labeling.api.base import ProjectAPIView
from labeling.models import Role

RUNS = TrainingRun.objects.select_related("snapshot", "created_by").prefetch_related(
    "model_versions"
)


@extend_schema_view(get=extend_schema(operation_id="runs_list"))
class RunListView(ProjectAPIView, ListAPIView[TrainingRun]):
    """The training runs of a project."""

    roles: ClassVar = {"GET": Role.REVIEWER}
    serializer_class = RunSerializer
    queryset = RUNS

    def get_queryset(self) -> QuerySet[TrainingRun]:
        """Return the runs of the caller's project."""
        return RUNS.filter(project=self.access.project)

    @extend_schema(
        operation_id="runs_create", request=RetrainSerializer, responses={201: RunSerializer}
    )
    def post(self, request: Request, slug: str) -> Response:
        """Retrain: queue a run that trains one candidate for each recipe.

        Answers 409, naming the active run, while one is queued or running.
        """
        asked = RetrainSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        run = retrain(
            project=self.access.project,
            user=self.access.user,
            recipes=asked.validated_data.get("recipes"),
            seed=asked.validated_data["seed"],
            search_seconds=asked.validated_data["search_seconds"],
        )
        return Response(RunSerializer(run).data, status=201)


class RunView(ProjectAPIView):
    """One training run."""

    roles: ClassVar = {"GET": Role.REVIEWER}

    @extend_schema(operation_id="runs_retrieve", responses=RunDetailSerializer)
    def get(self, request: Request, slug: str, number: int) -> Response:
        """Return a run with its log."""
        run = get_object_or_404(RUNS, project=self.access.project, number=number)
        return Response(RunDetailSerializer(run).data)


class RunMetricsView(ProjectAPIView):
    """The curves of a run."""

    roles: ClassVar = {"GET": Role.REVIEWER}

    @extend_schema(operation_id="runs_metrics", responses=MetricsSerializer)
    def get(self, request: Request, slug: str, number: int) -> Response:
        """Return loss and F1 as far as they have come, by recipe."""
        run = get_object_or_404(self.access.project.runs.defer("log"), number=number)
        answer = {"status": run.status, "curves": run_curves(run)}
        return Response(MetricsSerializer(answer).data)


class CancelRunView(ProjectAPIView):
    """Ending a run."""

    @extend_schema(operation_id="runs_cancel", request=None, responses=RunSerializer)
    def post(self, request: Request, slug: str, number: int) -> Response:
        """Cancel a run that has not ended; models that it finished are kept."""
        run = cancel_run(access=self.access, number=number)
        return Response(RunSerializer(run).data)


urlpatterns = [
    path("runs/", RunListView.as_view(), name="api-runs"),
    path("runs/<int:number>/", RunView.as_view(), name="api-run"),
    path("runs/<int:number>/metrics/", RunMetricsView.as_view(), name="api-run-metrics"),
    path("runs/<int:number>/cancel/", CancelRunView.as_view(), name="api-run-cancel"),
]
