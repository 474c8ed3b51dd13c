"""How far labels can be trusted, over REST."""

from dataclasses import asdict
from typing import Any, ClassVar

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from labeling.api.base import ProjectAPIView
from labeling.api.quality_file import TableView, described
from labeling.models import Role
from labeling.quality import AnnotatorRow, alpha_of, annotators_of, newest_answers


class AgreementSerializer(serializers.Serializer[Any]):
    """Krippendorff's alpha with its 95 % interval, or the reason why there is none."""

    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    items = serializers.IntegerField(help_text="Items with two votes or more.")
    reason = serializers.CharField(help_text="Why a figure is missing.")


class AnnotatorSerializer(serializers.Serializer[Any]):
    """One annotator's figures."""

    username = serializers.CharField()
    votes = serializers.IntegerField()
    seconds = serializers.FloatField(allow_null=True, help_text="Mean time spent on a look.")
    settled = serializers.IntegerField(help_text="Votes on items that have a label by now.")
    agreed = serializers.IntegerField(help_text="Settled votes that equal the item's label.")
    agreement = serializers.FloatField(allow_null=True)
    agreement_low = serializers.FloatField(
        source="share.low", allow_null=True, help_text="Wilson's 95 % interval."
    )
    agreement_high = serializers.FloatField(source="share.high", allow_null=True)
    last_at = serializers.DateTimeField()


class AgreementView(ProjectAPIView):
    """Agreement among the annotators of a project."""

    roles: ClassVar = {"GET": Role.ANNOTATOR}

    @extend_schema(operation_id="agreement_retrieve", responses=AgreementSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """Return Krippendorff's alpha over the newest 10,000 answers, as far as they count."""
        project = self.access.project
        return Response(asdict(alpha_of(newest_answers(project), list(project.labels.all()))))


@described("annotators_list", AnnotatorSerializer)
class AnnotatorsView(TableView):
    """Everybody's figures, the busiest first; an annotator's own figures alone.

    They are those of the newest 10,000 answers.
    """

    roles: ClassVar = {"GET": Role.ANNOTATOR}
    name = "annotators"
    row = AnnotatorSerializer

    def rows(self) -> list[AnnotatorRow]:
        """Return the rows that the caller may see."""
        rows = annotators_of(newest_answers(self.access.project))
        if self.access.may(Role.REVIEWER):
            return rows
        return [row for row in rows if row.username == self.access.user.username]


urlpatterns = [
    path("projects/<slug:slug>/agreement/", AgreementView.as_view(), name="api-agreement"),
    path("projects/<slug:slug>/annotators/", AnnotatorsView.as_view(), name="api-annotators"),
]
