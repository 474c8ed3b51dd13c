"""How far suggestions draw annotators, over REST."""

from dataclasses import asdict
from typing import Any, ClassVar

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from labeling.anchoring import (
    MOST_HIDDEN,
    REASON_LIMIT,
    anchoring_of,
    set_anchoring,
    switch_suggestions,
    why_off,
)
from labeling.api.base import ProjectAPIView
from labeling.api.serializers.exact import Exact
from labeling.models import Project, Role


class ShareSerializer(serializers.Serializer[Any]):
    """Answers that equal the suggestion, with the 95 % interval of their share."""

    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    hits = serializers.IntegerField()
    total = serializers.IntegerField()


class DifferenceSerializer(serializers.Serializer[Any]):
    """The share where it was shown minus the share where it was hidden."""

    value = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()


class AnchoringSerializer(serializers.Serializer[Any]):
    """What was measured, and what follows from it."""

    suggestions_on = serializers.BooleanField()
    why_off = serializers.CharField(allow_blank=True, help_text="Empty while they are on.")
    hidden_share = serializers.FloatField()
    anchoring_limit = serializers.FloatField()
    shown = ShareSerializer()
    hidden = ShareSerializer()
    difference = DifferenceSerializer(allow_null=True)
    reason = serializers.CharField(allow_blank=True, help_text="Why there is no difference.")


class AnchoringChangeSerializer(Exact):
    """What is to change; what is left out stays."""

    hidden_share = serializers.FloatField(min_value=0, max_value=MOST_HIDDEN, required=False)
    anchoring_limit = serializers.FloatField(min_value=0, max_value=1, required=False)
    suggestions_on = serializers.BooleanField(required=False)
    reason = serializers.CharField(
        max_length=REASON_LIMIT, required=False, help_text="Needed with `suggestions_on`."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask why suggestions are turned on or off."""
        if "suggestions_on" in attrs and "reason" not in attrs:
            raise serializers.ValidationError({"reason": "Say why; it stays in the record."})
        return attrs


class AnchoringView(ProjectAPIView):
    """The pull of suggestions."""

    roles: ClassVar = {"GET": Role.REVIEWER}

    @extend_schema(operation_id="anchoring_retrieve", responses=AnchoringSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """Return agreement with the model where its label was shown and where it was hidden."""
        return Response(_measured(self.access.project))

    @extend_schema(
        operation_id="anchoring_change",
        request=AnchoringChangeSerializer,
        responses=AnchoringSerializer,
    )
    def patch(self, request: Request, slug: str) -> Response:
        """Change the share and the limit, or turn suggestions on or off with a reason."""
        sent = AnchoringChangeSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        wish, project = sent.validated_data, self.access.project
        if "suggestions_on" in wish:
            switch_suggestions(access=self.access, on=wish["suggestions_on"], reason=wish["reason"])
        set_anchoring(
            access=self.access,
            hidden_share=wish.get("hidden_share", project.hidden_share),
            limit=wish.get("anchoring_limit", project.anchoring_limit),
        )
        return Response(_measured(project))


def _measured(project: Project) -> Any:
    meter, why = anchoring_of(project), why_off(project)
    known = {
        "suggestions_on": project.suggestions_on,
        "why_off": why.reason if why else "",
        "hidden_share": project.hidden_share,
        "anchoring_limit": project.anchoring_limit,
        "shown": asdict(meter.shown),
        "hidden": asdict(meter.hidden),
        "difference": meter.found.difference,
        "reason": meter.found.reason,
    }
    return AnchoringSerializer(known).data


urlpatterns = [
    path("projects/<slug:slug>/quality/anchoring/", AnchoringView.as_view(), name="api-anchoring"),
]
