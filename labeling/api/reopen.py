"""Decisions that are to stand no longer, over REST."""

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from labeling.api.base import ProjectAPIView
from labeling.api.review import CASE, CaseAPIView, SentBackSerializer
from labeling.api.serializers.items import DecisionSerializer
from labeling.models import Item, Role
from labeling.reopen import REASON_LIMIT, reopen, undo_decision


class ReopenSerializer(serializers.Serializer[Any]):
    """Which decision is to stand no longer, and why."""

    decision = serializers.IntegerField(
        source="decision_id",
        help_text="The id of the one that stands, as the item lists it: so that nobody reopens "
        "what they have not seen.",
    )
    reason = serializers.CharField(max_length=REASON_LIMIT)


class ReopenView(ProjectAPIView):
    """The decision on an item."""

    roles: ClassVar = {"POST": Role.REVIEWER}

    @extend_schema(
        operation_id="items_reopen", request=ReopenSerializer, responses=SentBackSerializer
    )
    def post(self, request: Request, slug: str, item_id: int) -> Response:
        """Reopen the decision on an item: it goes back to review, with the reason."""
        item = get_object_or_404(Item, project=self.access.project, pk=item_id)
        asked = ReopenSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        case = reopen(
            project=self.access.project,
            user=self.access.user,
            item_id=item.pk,
            **asked.validated_data,
        )
        return Response(SentBackSerializer(case).data)


class UndoView(CaseAPIView):
    """The caller's own decision."""

    @extend_schema(operation_id="review_undo", request=None, responses=DecisionSerializer)
    def post(self, request: Request, slug: str, task_id: int) -> Response:
        """Take the caller's own decision on a case back, within a day."""
        decision = undo_decision(**self.case_in_project(task_id))
        return Response(DecisionSerializer(decision).data)


urlpatterns = [
    path(
        "projects/<slug:slug>/items/<int:item_id>/reopen/",
        ReopenView.as_view(),
        name="api-item-reopen",
    ),
    path(f"{CASE}/undo/", UndoView.as_view(), name="api-review-undo"),
]
