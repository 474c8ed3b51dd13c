"""Reporting a wrong tag over REST."""

from typing import Any, ClassVar
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from feedback.models import Report
from feedback.reports import COMMENT_LIMIT, report
from labeling.api.base import ProjectAPIView
from labeling.models import ASKED, Role, TaskState


class ReportingSerializer(serializers.Serializer[Any]):
    """What a reporter says."""

    label = serializers.CharField(  # type: ignore[assignment]
        required=False,
        allow_null=True,
        default=None,
        max_length=80,
        trim_whitespace=False,
        help_text="What it should be, if that is known.",
    )
    comment = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=COMMENT_LIMIT
    )
    agrees = serializers.BooleanField(
        required=False, default=False, help_text="The tag is right: noted, and no more."
    )


class ReportTaskSerializer(serializers.Serializer[Any]):
    """The review task that a report has asked for."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=TaskState.choices)
    reason = serializers.ChoiceField(choices=ASKED)


class ReportSerializer(serializers.ModelSerializer[Report]):
    """A report and where its case stands."""

    prediction_id = serializers.UUIDField(read_only=True)
    claimed_label = serializers.SlugRelatedField[Any](
        slug_field="name", read_only=True, allow_null=True
    )
    reported_by = serializers.SlugRelatedField[Any](
        slug_field="username", read_only=True, allow_null=True
    )
    task = ReportTaskSerializer(read_only=True, allow_null=True)

    class Meta:
        model = Report
        fields: ClassVar = (
            "id",
            "prediction_id",
            "claimed_label",
            "comment",
            "reported_by",
            "agrees",
            "waiting",
            "task",
            "created_at",
        )


class ReportView(ProjectAPIView):
    """Reports on one prediction."""

    roles: ClassVar = {"POST": Role.ANNOTATOR}

    @extend_schema(
        operation_id="predictions_report",
        request=ReportingSerializer,
        responses={200: ReportSerializer, 201: ReportSerializer},
    )
    def post(self, request: Request, slug: str, prediction_id: UUID) -> Response:
        """Report a prediction as wrong; a reviewer decides.

        The same reporter reporting the same prediction again gets the first report back, with 200.
        """
        said = ReportingSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        made, created = report(
            access=self.access,
            prediction_id=prediction_id,
            label_name=said.validated_data["label"],
            comment=said.validated_data["comment"],
            agrees=said.validated_data["agrees"],
        )
        return Response(ReportSerializer(made).data, status=201 if created else 200)


urlpatterns = [
    path(
        "predictions/<uuid:prediction_id>/report/",
        ReportView.as_view(),
        name="api-prediction-report",
    )
]
