"""Drift over REST."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from feedback.drift import checking, groups, reading
from feedback.models import DriftCheck, DriftFigure, DriftGroup, DriftState
from labeling.api.base import ProjectAPIView
from labeling.api.quality_file import TableView, described
from labeling.models import JobState, Role

FIGURES_TOLD = 1_000


class DriftFigureSerializer(serializers.ModelSerializer[DriftFigure]):
    """One figure with its limit."""

    class Meta:
        model = DriftFigure
        fields: ClassVar = (
            *("name", "state", "value", "before", "limit", "p", "adjusted"),
            *("reference", "window", "needed"),
        )


class DriftGroupSerializer(serializers.ModelSerializer[DriftGroup]):
    """Texts that are unlike what the model learned from."""

    class Meta:
        model = DriftGroup
        fields: ClassVar = ("number", "size", "words", "predictions", "sent_at", "asked")


class DriftCheckSerializer(serializers.ModelSerializer[DriftCheck]):
    """One look, with its figures once it has ended."""

    model = serializers.IntegerField(source="model_version.number", read_only=True)
    outcome = serializers.ChoiceField(choices=DriftState.choices, allow_blank=True, read_only=True)
    figures = DriftFigureSerializer(many=True, read_only=True)
    created_by = serializers.SlugRelatedField[Any](
        slug_field="username", read_only=True, allow_null=True
    )

    class Meta:
        model = DriftCheck
        fields: ClassVar[tuple[str, ...]] = (
            *("id", "state", "outcome", "raised", "failure", "model", "created_by", "created_at"),
            *("finished_at", "window_from", "window_to", "figures"),
        )


class DriftCheckGroupsSerializer(DriftCheckSerializer):
    """One look with its groups."""

    groups = DriftGroupSerializer(many=True, read_only=True)

    class Meta(DriftCheckSerializer.Meta):
        fields: ClassVar[tuple[str, ...]] = (*DriftCheckSerializer.Meta.fields, "groups")


class DriftFigureRowSerializer(serializers.Serializer[Any]):
    """A figure of a look as a row of a table."""

    check_id = serializers.IntegerField(source="check_made_id")
    finished_at = serializers.DateTimeField(source="check_made.finished_at")
    model = serializers.IntegerField(source="check_made.model_version.number")
    name = serializers.CharField()
    state = serializers.CharField()
    value = serializers.FloatField(allow_null=True)
    before = serializers.FloatField(allow_null=True)
    limit = serializers.FloatField(allow_null=True)
    p = serializers.FloatField(allow_null=True)
    adjusted = serializers.FloatField(allow_null=True)
    reference = serializers.IntegerField()
    window = serializers.IntegerField()
    needed = serializers.IntegerField()


class SendGroupSerializer(serializers.Serializer[Any]):
    """How many of a group people are asked to look at."""

    count = serializers.IntegerField(min_value=1, max_value=groups.MOST)


class SentGroupSerializer(serializers.Serializer[Any]):
    """How many looks were asked for."""

    asked = serializers.IntegerField()


class DriftView(ProjectAPIView, ListAPIView[DriftCheck]):
    """Looks at drift."""

    roles: ClassVar = {"GET": Role.REVIEWER, "POST": Role.MANAGER}
    serializer_class = DriftCheckSerializer
    queryset = DriftCheck.objects.all()

    def get_queryset(self) -> QuerySet[DriftCheck]:
        """Return the project's looks."""
        return reading.checks_of(self.access.project)

    @extend_schema(operation_id="drift_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the looks, the newest first."""
        return super().get(request, *args, **kwargs)

    @extend_schema(operation_id="drift_check", request=None, responses={202: DriftCheckSerializer})
    def post(self, request: Request, slug: str) -> Response:
        """Queue a look; 409 without a champion, and while one is being made."""
        made = checking.ask_check(project=self.access.project, user=self.access.user)
        return Response(DriftCheckSerializer(made).data, status=202)


class DriftCheckView(ProjectAPIView):
    """One look."""

    roles: ClassVar = {"GET": Role.REVIEWER}

    @extend_schema(operation_id="drift_retrieve", responses=DriftCheckGroupsSerializer)
    def get(self, request: Request, slug: str, check_id: int) -> Response:
        """Return a look with its figures and groups."""
        found = get_object_or_404(reading.with_groups(self.access.project), pk=check_id)
        return Response(DriftCheckGroupsSerializer(found).data)


@described("drift_figures", DriftFigureRowSerializer)
class DriftFiguresView(TableView):
    """The newest 1,000 figures of the looks that succeeded, the newest first."""

    name = "drift"
    row = DriftFigureRowSerializer

    def rows(self) -> Sequence[DriftFigure]:
        """Return the figures."""
        rows = DriftFigure.objects.filter(
            check_made__project=self.access.project, check_made__state=JobState.SUCCEEDED
        ).select_related("check_made__model_version")
        return list(
            rows.defer("check_made__model_version__manifest").order_by("-id")[:FIGURES_TOLD]
        )


class SendGroupView(ProjectAPIView):
    """Sending a group to labeling."""

    @extend_schema(
        operation_id="drift_send", request=SendGroupSerializer, responses={201: SentGroupSerializer}
    )
    def post(self, request: Request, slug: str, check_id: int, group: int) -> Response:
        """Ask people to look at the most typical `count` of a group, once."""
        sent = SendGroupSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        asked = groups.send_group(
            access=self.access, check_id=check_id, number=group, **sent.validated_data
        )
        return Response({"asked": asked}, status=201)


urlpatterns = [
    path("drift/", DriftView.as_view(), name="api-drift"),
    path("drift/figures/", DriftFiguresView.as_view(), name="api-drift-figures"),
    path("drift/<int:check_id>/", DriftCheckView.as_view(), name="api-drift-check"),
    path(
        "drift/<int:check_id>/groups/<int:group>/send/",
        SendGroupView.as_view(),
        name="api-drift-send",
    ),
]
