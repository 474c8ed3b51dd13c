"""What people label next, over REST."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from classifier.models import Pick, PriorityJob, PriorityPolicy
from classifier.priorities import cancel, policy_of, prioritise, set_policy
from labeling.api.base import ProjectAPIView
from labeling.api.serializers.exact import Exact
from labeling.models import Role

JOBS = PriorityJob.objects.select_related("model_version", "created_by").defer("log")


class PriorityJobSerializer(serializers.ModelSerializer[PriorityJob]):
    """A choice of what people label next, and how far it has come."""

    model_version = serializers.IntegerField(source="model_version.number", read_only=True)
    created_by = serializers.SlugRelatedField[Any](
        slug_field="username", read_only=True, allow_null=True
    )

    class Meta:
        model = PriorityJob
        fields: ClassVar = (
            "id",
            "state",
            "stage",
            "done",
            "total",
            "attempt",
            "failure",
            "model_version",
            "strategy",
            "size",
            "random_share",
            "candidates",
            "picked",
            "drawn",
            "created_by",
            "created_at",
            "started_at",
            "finished_at",
        )


class PickSerializer(serializers.ModelSerializer[Pick]):
    """An item that was picked, and why."""

    choice = serializers.IntegerField(source="job_id", read_only=True)
    task = serializers.IntegerField(source="task_id", read_only=True)
    task_state = serializers.CharField(source="task.state", read_only=True)
    item = serializers.IntegerField(source="task.item_id", read_only=True)
    external_id = serializers.CharField(source="task.item.external_id", read_only=True)

    class Meta:
        model = Pick
        fields: ClassVar = (
            "choice",
            "place",
            "kind",
            "uncertainty",
            "inclusion_probability",
            "task",
            "task_state",
            "item",
            "external_id",
        )


class PriorityPolicySerializer(Exact, serializers.ModelSerializer[PriorityPolicy]):
    """How a project chooses what people label next."""

    class Meta:
        model = PriorityPolicy
        fields: ClassVar = ("automatic", "strategy", "size", "random_share")


@extend_schema_view(get=extend_schema(operation_id="priorities_list"))
class PriorityListView(ProjectAPIView, ListAPIView[PriorityJob]):
    """The choices of a project."""

    roles: ClassVar = {"GET": Role.REVIEWER}
    serializer_class = PriorityJobSerializer
    queryset = JOBS

    def get_queryset(self) -> QuerySet[PriorityJob]:
        """Return the choices of the caller's project."""
        return JOBS.filter(project=self.access.project)

    @extend_schema(
        operation_id="priorities_create", request=None, responses={201: PriorityJobSerializer}
    )
    def post(self, request: Request, slug: str) -> Response:
        """Choose anew, by the champion. Answers 409 without one, or while a choice is made."""
        job = prioritise(project=self.access.project, user=self.access.user)
        return Response(PriorityJobSerializer(job).data, status=201)


class PriorityView(ProjectAPIView):
    """One choice."""

    roles: ClassVar = {"GET": Role.REVIEWER}

    @extend_schema(operation_id="priorities_retrieve", responses=PriorityJobSerializer)
    def get(self, request: Request, slug: str, choice_id: int) -> Response:
        """Return a choice with its progress."""
        job = get_object_or_404(JOBS, project=self.access.project, pk=choice_id)
        return Response(PriorityJobSerializer(job).data)


class CancelPriorityView(ProjectAPIView):
    """Ending a choice."""

    @extend_schema(operation_id="priorities_cancel", request=None, responses=PriorityJobSerializer)
    def post(self, request: Request, slug: str, choice_id: int) -> Response:
        """Cancel a choice that has not ended; the queue stays as it is."""
        job = cancel(access=self.access, job_id=choice_id)
        return Response(PriorityJobSerializer(job).data)


@extend_schema_view(get=extend_schema(operation_id="picks_list"))
class PickListView(ProjectAPIView, ListAPIView[Pick]):
    """The standing picks of a project, with the probability of those drawn at random."""

    roles: ClassVar = {"GET": Role.REVIEWER}
    serializer_class = PickSerializer
    queryset = Pick.objects.all()

    def get_queryset(self) -> QuerySet[Pick]:
        """Return the picks of the caller's project."""
        picks = Pick.objects.filter(job__project=self.access.project)
        return picks.select_related("task__item")


class PriorityPolicyView(ProjectAPIView):
    """How a project chooses."""

    roles: ClassVar = {"GET": Role.REVIEWER}

    @extend_schema(operation_id="priority_policy_retrieve", responses=PriorityPolicySerializer)
    def get(self, request: Request, slug: str) -> Response:
        """Return the rules of the next choice."""
        return Response(PriorityPolicySerializer(policy_of(self.access.project)).data)

    @extend_schema(
        operation_id="priority_policy_change",
        request=PriorityPolicySerializer(partial=True),
        responses=PriorityPolicySerializer,
    )
    def patch(self, request: Request, slug: str) -> Response:
        """Change the rules; what is in the queue stays until the next choice."""
        sent = PriorityPolicySerializer(data=request.data, partial=True)
        sent.is_valid(raise_exception=True)
        policy = set_policy(access=self.access, **sent.validated_data)
        return Response(PriorityPolicySerializer(policy).data)


urlpatterns = [
    path("priorities/", PriorityListView.as_view(), name="api-priorities"),
    path("priorities/policy/", PriorityPolicyView.as_view(), name="api-priority-policy"),
    path("priorities/picks/", PickListView.as_view(), name="api-picks"),
    path("priorities/<int:choice_id>/", PriorityView.as_view(), name="api-priority"),
    path(
        "priorities/<int:choice_id>/cancel/",
        CancelPriorityView.as_view(),
        name="api-priority-cancel",
    ),
]
