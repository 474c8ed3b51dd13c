"""Suspected labels over REST."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from classifier.models import OutOfFoldAnswer
from classifier.suspects import AT_ONCE, RUN_CAP, review_row, review_suspects, suspects_of
from labeling.api.base import ProjectAPIView
from labeling.api.pagination import Newest
from labeling.models import Role, TaskState


class LeastCredible(Newest):
    """The least credible first."""

    ordering = ("credibility", "id")


class SuspectSerializer(serializers.ModelSerializer[OutOfFoldAnswer]):
    """A label that models which had not seen it find hard to believe."""

    row = serializers.IntegerField(source="row_id")
    item = serializers.IntegerField(source="row.item_id", allow_null=True)
    external_id = serializers.CharField(source="row.external_id")
    title = serializers.CharField(source="row.title")
    label = serializers.CharField(  # type: ignore[assignment]
        source="row.label", help_text="The label that it was trained with."
    )
    label_now = serializers.CharField(allow_null=True, help_text="The item's label today.")
    review = serializers.ChoiceField(
        source="asked",
        choices=TaskState.choices,
        allow_null=True,
        help_text="Where the look stands that a suspicion was given.",
    )

    class Meta:
        model = OutOfFoldAnswer
        fields: ClassVar[tuple[str, ...]] = (
            "row",
            "item",
            "external_id",
            "title",
            "label",
            "predicted",
            "confidence",
            "credibility",
            "label_now",
            "review",
        )


class LimitSerializer(serializers.Serializer[Any]):
    """How many labels to ask about."""

    limit = serializers.IntegerField(min_value=1, max_value=RUN_CAP, default=AT_ONCE)


class SentSerializer(serializers.Serializer[Any]):
    """How many items now wait for a reviewer."""

    sent = serializers.IntegerField()


class RowSentSerializer(serializers.Serializer[Any]):
    """The look that was asked for."""

    task = serializers.IntegerField()


@extend_schema_view(get=extend_schema(operation_id="suspects_list"))
class SuspectListView(ProjectAPIView, ListAPIView[OutOfFoldAnswer]):
    """The suspected labels of a model's training set, the least credible first."""

    roles: ClassVar = {"GET": Role.REVIEWER}
    serializer_class = SuspectSerializer
    pagination_class = LeastCredible
    queryset = OutOfFoldAnswer.objects.all()

    def get_queryset(self) -> QuerySet[OutOfFoldAnswer]:
        """Return the suspects of a model of the caller's project."""
        models = self.access.project.model_versions.defer("manifest")
        return suspects_of(get_object_or_404(models, number=self.kwargs["number"]))


class ReviewSuspectsView(ProjectAPIView):
    """Asking reviewers about suspected labels."""

    @extend_schema(
        operation_id="suspects_review", request=LimitSerializer, responses=SentSerializer
    )
    def post(self, request: Request, slug: str, number: int) -> Response:
        """Send the least credible labels to review; 409 where the run's cap is reached."""
        asked = LimitSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        sent = review_suspects(
            project=self.access.project,
            user=self.access.user,
            number=number,
            **asked.validated_data,
        )
        return Response({"sent": sent})


class ReviewRowView(ProjectAPIView):
    """Asking a reviewer about one item of an evaluation."""

    roles: ClassVar = {"POST": Role.REVIEWER}

    @extend_schema(
        operation_id="model_rows_review", request=None, responses={201: RowSentSerializer}
    )
    def post(self, request: Request, slug: str, number: int, row_id: int) -> Response:
        """Send the item of a row that the model was trained or measured on to review."""
        task = review_row(access=self.access, number=number, row_id=row_id)
        return Response({"task": task.pk}, status=201)


urlpatterns = [
    path("models/<int:number>/suspects/", SuspectListView.as_view(), name="api-suspects"),
    path(
        "models/<int:number>/suspects/review/",
        ReviewSuspectsView.as_view(),
        name="api-suspects-review",
    ),
    path(
        "models/<int:number>/rows/<int:row_id>/review/",
        ReviewRowView.as_view(),
        name="api-row-review",
    ),
]
