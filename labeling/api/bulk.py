"""Acting on many items, and deletions, over REST."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from labeling.api.base import ProjectAPIView
from labeling.api.items import ItemFilterSerializer
from labeling.bulk.act import ACTIONS, act
from labeling.bulk.assign import members_named
from labeling.bulk.restore import restore
from labeling.bulk.selection import LARGEST_KEY, Selection
from labeling.errors import Invalid
from labeling.models import Deletion, Role

IDS_AT_ONCE = 10_000
MEMBERS_AT_ONCE = 500


class BulkSerializer(serializers.Serializer[Any]):
    """An action, and either the ids of items or the filters that they match."""

    action = serializers.ChoiceField(choices=ACTIONS)
    priority = serializers.IntegerField(
        required=False, min_value=-1000, max_value=1000, help_text="With `priority`: which."
    )
    members = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        max_length=MEMBERS_AT_ONCE,
        help_text="With `assign`: the user names of those who alone get them; `[]` is everybody.",
    )
    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST_KEY),
        required=False,
        allow_empty=False,
        max_length=IDS_AT_ONCE,
    )
    filter = ItemFilterSerializer(required=False, help_text="All that match; `{}` is all items.")

    def selection(self) -> Selection:
        """Return what is selected.

        Raises:
            Invalid: neither ids nor filters, or both.
        """
        values = self.validated_data
        if ("ids" in values) == ("filter" in values):
            raise Invalid("ids: send either ids or filter.")
        if "ids" in values:
            return Selection(ids=values["ids"])
        asked = ItemFilterSerializer(data=self.initial_data["filter"])
        asked.is_valid(raise_exception=True)
        return Selection(chosen=asked.chosen)


class DoneSerializer(serializers.Serializer[Any]):
    """What a bulk action did."""

    items = serializers.IntegerField(help_text="How many were selected.")
    text = serializers.CharField(help_text="What became of them, in words.")
    deletion = serializers.IntegerField(
        allow_null=True, source="deletion.pk", default=None, help_text="What restores them."
    )


class DeletionSerializer(serializers.ModelSerializer[Deletion]):
    """Items that were deleted together."""

    items = serializers.IntegerField(source="size")
    created_by = serializers.CharField(source="created_by.username", allow_null=True, default=None)

    class Meta:
        model = Deletion
        fields: ClassVar[tuple[str, ...]] = (
            "id",
            "items",
            "created_by",
            "created_at",
            "restored_at",
        )


class BulkView(ProjectAPIView):
    """Many items at once."""

    @extend_schema(operation_id="items_bulk", request=BulkSerializer, responses=DoneSerializer)
    def post(self, request: Request, slug: str) -> Response:
        """Set the priority of items, assign, send to review, mark gold or delete them."""
        asked = BulkSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        members = asked.validated_data.get("members")
        project = self.access.project
        done = act(
            project=project,
            actor=self.access.user,
            action=asked.validated_data["action"],
            selection=asked.selection(),
            priority=asked.validated_data.get("priority"),
            members=None if members is None else members_named(project, members),
        )
        return Response(DoneSerializer(done).data)


class DeletionListView(ProjectAPIView, ListAPIView[Deletion]):
    """The deletions of a project."""

    serializer_class = DeletionSerializer
    queryset = Deletion.objects.select_related("created_by")

    def get_queryset(self) -> QuerySet[Deletion]:
        """Return the project's deletions."""
        return super().get_queryset().filter(project=self.access.project)

    @extend_schema(operation_id="deletions_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List deletions, the newest first."""
        return super().get(request, *args, **kwargs)


class RestoreView(ProjectAPIView):
    """Bringing deleted items back."""

    roles: ClassVar = {"POST": Role.MANAGER}

    @extend_schema(operation_id="deletions_restore", request=None, responses=DeletionSerializer)
    def post(self, request: Request, slug: str, deletion_id: int) -> Response:
        """Bring the items of a deletion back, with what they waited for."""
        found = get_object_or_404(Deletion, project=self.access.project, pk=deletion_id)
        restored = restore(
            project=self.access.project, actor=self.access.user, deletion_id=found.pk
        )
        return Response(DeletionSerializer(restored).data)


urlpatterns = [
    path("projects/<slug:slug>/items/bulk/", BulkView.as_view(), name="api-items-bulk"),
    path("projects/<slug:slug>/deletions/", DeletionListView.as_view(), name="api-deletions"),
    path(
        "projects/<slug:slug>/deletions/<int:deletion_id>/restore/",
        RestoreView.as_view(),
        name="api-deletion-restore",
    ),
]
