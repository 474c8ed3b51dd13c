"""The limits of the gate over REST."""

from typing import Any, ClassVar

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from classifier.gate import gate_of, set_gate
from classifier.metrics.gate_policy import LIMITS, Kind, Rule
from labeling.api.base import ProjectAPIView
from labeling.api.serializers.exact import Exact
from labeling.models import Role


class RulesSerializer(serializers.Serializer[Any]):
    """How much each check counts."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return a choice for each kind of check."""
        choices = [rule.value for rule in Rule]
        return {
            kind.value: serializers.ChoiceField(choices=choices, required=False) for kind in Kind
        }


class GateSerializer(Exact):
    """The limits of a project. What is left out of a change stays."""

    rules = RulesSerializer(required=False)
    reason = serializers.CharField(
        required=False, write_only=True, max_length=2000, help_text="Why; it stays in the record."
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return a number for each limit, then the rules and the reason."""
        return {each.name: _number(each) for each in LIMITS} | super().get_fields()


class GateView(ProjectAPIView):
    """The gate of a project."""

    roles: ClassVar = {"GET": Role.REVIEWER}

    @extend_schema(operation_id="gate_retrieve", responses=GateSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """Return the limits that the next evaluation is held against."""
        return Response(GateSerializer(gate_of(self.access.project).to_dict()).data)

    @extend_schema(operation_id="gate_change", request=GateSerializer, responses=GateSerializer)
    def patch(self, request: Request, slug: str) -> Response:
        """Change limits for the models that are evaluated from now on."""
        sent = GateSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        changes = dict(sent.validated_data)
        reason = changes.pop("reason", "")
        policy = set_gate(access=self.access, changes=changes, reason=reason)
        return Response(GateSerializer(policy.to_dict()).data)


def _number(limit: Any) -> serializers.Field[Any, Any, Any, Any]:
    whole = isinstance(limit.default, int)
    kind = serializers.IntegerField if whole else serializers.FloatField
    return kind(
        min_value=limit.metadata["low"],
        max_value=limit.metadata["high"],
        required=False,
        help_text=limit.metadata["label"],
    )


urlpatterns = [path("gate/", GateView.as_view(), name="api-gate")]
