"""The routing of predictions over REST."""

from typing import Any, ClassVar

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from feedback.asking import backlog_of
from feedback.models import RoutingPolicy
from feedback.policy import FIELDS, policy_of, set_policy
from feedback.promise_watch import audited_of
from labeling.api.base import ProjectAPIView
from labeling.api.serializers.exact import Exact
from labeling.models import Role


class RoutingPolicySerializer(Exact, serializers.ModelSerializer[RoutingPolicy]):
    """The limits by which predictions reach people. What is left out of a change stays."""

    class Meta:
        model = RoutingPolicy
        fields: ClassVar = FIELDS


class BacklogSerializer(serializers.Serializer[Any]):
    """What waits because of the caps."""

    waiting = serializers.IntegerField(help_text="Predictions whose look is not opened yet.")
    asked_today = serializers.IntegerField()
    reports_waiting = serializers.IntegerField(help_text="Reports whose case is not opened yet.")
    looked_twice = serializers.IntegerField(help_text="Decisions that a second reviewer made, too.")
    agreed = serializers.IntegerField(help_text="On how many of those both say the same.")


class AuditedSerializer(serializers.Serializer[Any]):
    """What audits found of the live model under its promise."""

    looks = serializers.IntegerField()
    wrong = serializers.IntegerField()
    error = serializers.FloatField(help_text="The promised share.")
    risk = serializers.FloatField(help_text="A label's part of it where each has a promise.")
    label = serializers.CharField(  # type: ignore[assignment]
        help_text="With most evidence against it; empty where one promise holds for all labels."
    )
    evidence = serializers.FloatField(help_text="Against the promise.")
    bound = serializers.FloatField(help_text="The evidence that refutes it.")


class RoutingStateSerializer(serializers.Serializer[Any]):
    """How routing stands."""

    backlog = BacklogSerializer()
    audited = AuditedSerializer(allow_null=True)


class RoutingPolicyView(ProjectAPIView):
    """How a project's predictions reach people."""

    roles: ClassVar = {"GET": Role.REVIEWER}

    @extend_schema(operation_id="routing_policy_retrieve", responses=RoutingPolicySerializer)
    def get(self, request: Request, slug: str) -> Response:
        """Return the limits in force."""
        return Response(RoutingPolicySerializer(policy_of(self.access.project)).data)

    @extend_schema(
        operation_id="routing_policy_change",
        request=RoutingPolicySerializer(partial=True),
        responses=RoutingPolicySerializer,
    )
    def patch(self, request: Request, slug: str) -> Response:
        """Change limits for what comes in from now on."""
        sent = RoutingPolicySerializer(data=request.data, partial=True)
        sent.is_valid(raise_exception=True)
        policy = set_policy(access=self.access, **sent.validated_data)
        return Response(RoutingPolicySerializer(policy).data)


class RoutingStateView(ProjectAPIView):
    """How routing stands."""

    roles: ClassVar = {"GET": Role.REVIEWER}

    @extend_schema(operation_id="routing_retrieve", responses=RoutingStateSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """Return what waits because of the caps, and how the promise stands by its audits."""
        project = self.access.project
        found = {"backlog": backlog_of(project), "audited": audited_of(project)}
        return Response(RoutingStateSerializer(found).data)


urlpatterns = [
    path("routing/", RoutingStateView.as_view(), name="api-routing"),
    path("routing/policy/", RoutingPolicyView.as_view(), name="api-routing-policy"),
]
