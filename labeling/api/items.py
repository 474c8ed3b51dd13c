"""Items and their imports over REST."""

import shutil
from collections.abc import Mapping, Sequence
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, ClassVar, cast

from django.conf import settings
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.parsers import BaseParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from labeling.api.base import ProjectAPIView
from labeling.api.serializers import (
    DecisionSerializer,
    ImportDetailSerializer,
    ImportSerializer,
    ItemSerializer,
    ResolutionSerializer,
    VoteSerializer,
)
from labeling.errors import Invalid
from labeling.intake import add_items, reject_oversized
from labeling.item_list import sheet_of
from labeling.models import ImportJob, Item, Role, Split, Task, TaskState
from labeling.readers import Problem, Row, read_csv

ROWS_AT_ONCE = 1000
IN_MEMORY = 2**20
TEXTS = ("external_id", "title", "body", "url", "label", "split")

LIVE_TASK = Task.objects.filter(item=OuterRef("pk")).exclude(state=TaskState.CLOSED)
ITEMS = Item.objects.select_related("resolution__label").annotate(
    task_state=Subquery(LIVE_TASK.values("state")[:1])
)
STATUS = {
    "labeled": Q(resolution__isnull=False),
    "unlabeled": Q(resolution__isnull=True),
    "open": Q(tasks__state=TaskState.OPEN),
    "review": Q(tasks__state=TaskState.REVIEW),
}


class ItemFilterSerializer(serializers.Serializer[Any]):
    """Which items to list; without any, all."""

    external_id = serializers.CharField(required=False, help_text="Exactly this id.")
    label = serializers.CharField(  # type: ignore[assignment]
        required=False, help_text="Resolved to the label of this name."
    )
    status = serializers.ChoiceField(
        choices=list(STATUS),
        required=False,
        help_text="With or without a label; or waiting for annotators, or for a reviewer.",
    )

    @property
    def condition(self) -> Q:
        """What the items that were asked for have in common."""
        asked = self.validated_data
        found = Q()
        if "external_id" in asked:
            found &= Q(external_id=asked["external_id"])
        if "label" in asked:
            found &= Q(resolution__label__name=asked["label"])
        if "status" in asked:
            found &= STATUS[asked["status"]]
        return found


class NewItemSerializer(serializers.Serializer[Any]):
    """An item to be added."""

    title = serializers.CharField(max_length=1000)
    body = serializers.CharField(required=False, max_length=100_000)
    external_id = serializers.CharField(
        required=False, max_length=200, help_text="The caller's own id; it comes in once."
    )
    url = serializers.URLField(required=False)
    label = serializers.CharField(  # type: ignore[assignment]
        required=False, help_text="Decided already: no task is opened for it."
    )
    split = serializers.ChoiceField(choices=Split.choices, required=False)
    metadata = serializers.DictField(child=serializers.JSONField(), required=False)


class NewItemsSerializer(serializers.Serializer[Any]):
    """Up to 1,000 items to be added."""

    items = NewItemSerializer(many=True)


class UploadSerializer(serializers.Serializer[Any]):
    """A CSV file to be imported."""

    file = serializers.FileField(help_text="CSV in UTF-8 with a header; one column is `title`.")


class ItemDetailSerializer(ItemSerializer):
    """An item with the evidence for its label."""

    resolution = ResolutionSerializer(allow_null=True, default=None)
    decisions = DecisionSerializer(many=True)
    votes = VoteSerializer(many=True, help_text="Without names while a reviewer has to decide.")
    hidden_votes = serializers.IntegerField(
        help_text="How many votes are kept from the caller, who may still be asked for one."
    )

    class Meta(ItemSerializer.Meta):
        fields: ClassVar[tuple[str, ...]] = (
            *ItemSerializer.Meta.fields,
            "resolution",
            "decisions",
            "votes",
            "hidden_votes",
        )


class CsvParser(BaseParser):
    """Hands a body of text/csv on as a file."""

    media_type = "text/csv"

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the body as a file, which lies on disk where it is large."""
        file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115
        shutil.copyfileobj(stream, file)
        file.seek(0)
        return file


class ItemListView(ProjectAPIView, ListAPIView[Item]):
    """The items of a project."""

    roles: ClassVar = {"GET": Role.REVIEWER}
    serializer_class = ItemSerializer
    parser_classes = (JSONParser,)
    queryset = ITEMS

    def get_queryset(self) -> QuerySet[Item]:
        """Return the project's items that were asked for."""
        asked = ItemFilterSerializer(data=self.request.query_params)
        asked.is_valid(raise_exception=True)
        return ITEMS.filter(asked.condition, project=self.access.project)

    @extend_schema(operation_id="items_list", parameters=[ItemFilterSerializer])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List items, the newest first."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="items_create",
        request=NewItemsSerializer,
        responses={201: ImportDetailSerializer},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Add items; each bad one is told by its position, from 1, and does not stop the rest."""
        _refuse_oversized(request)
        job = add_items(
            project=self.access.project,
            user=self.access.user,
            rows=[_row(number, raw) for number, raw in enumerate(_rows(request.data), start=1)],
            source="REST",
        )
        return Response(ImportDetailSerializer(job).data, status=201)


class ItemView(ProjectAPIView):
    """One item."""

    roles: ClassVar = {"GET": Role.REVIEWER}

    @extend_schema(operation_id="items_retrieve", responses=ItemDetailSerializer)
    def get(self, request: Request, slug: str, item_id: int) -> Response:
        """Return an item with its label, decisions and votes."""
        item = get_object_or_404(ITEMS, project=self.access.project, pk=item_id)
        sheet = sheet_of(item, self.access.user)
        evidence = {
            "decisions": DecisionSerializer(sheet.decisions, many=True).data,
            "votes": VoteSerializer(sheet.answers, many=True).data,
            "hidden_votes": sheet.hidden,
        }
        resolution = getattr(item, "resolution", None)
        label = None if resolution is None else ResolutionSerializer(resolution).data
        return Response({**ItemSerializer(item).data, "resolution": label, **evidence})


class ItemImportView(ProjectAPIView):
    """Items from a file."""

    parser_classes = (MultiPartParser, CsvParser)

    @extend_schema(
        operation_id="items_import",
        request={"multipart/form-data": UploadSerializer, "text/csv": OpenApiTypes.BINARY},
        responses={201: ImportDetailSerializer},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Import a CSV file, sent as form field `file` or as the body itself."""
        _refuse_oversized(request)
        file, name = _file(request)
        job = add_items(
            project=self.access.project, user=self.access.user, rows=read_csv(file), source=name
        )
        return Response(ImportDetailSerializer(job).data, status=201)


class ImportListView(ProjectAPIView, ListAPIView[ImportJob]):
    """The imports of a project."""

    roles: ClassVar = {"GET": Role.MANAGER}
    serializer_class = ImportSerializer
    queryset = ImportJob.objects.select_related("created_by")

    def get_queryset(self) -> QuerySet[ImportJob]:
        """Return the imports of the caller's project."""
        return super().get_queryset().filter(project=self.access.project)


class ImportView(ProjectAPIView):
    """One import."""

    roles: ClassVar = {"GET": Role.MANAGER}

    @extend_schema(operation_id="imports_retrieve", responses=ImportDetailSerializer)
    def get(self, request: Request, slug: str, job_id: int) -> Response:
        """Return an import with its refused rows."""
        jobs = ImportJob.objects.select_related("created_by")
        job = get_object_or_404(jobs, project=self.access.project, pk=job_id)
        return Response(ImportDetailSerializer(job).data)


def _refuse_oversized(request: Request) -> None:
    """Look at the length that the caller announces: what is beyond it is never read."""
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    reject_oversized(length, settings.IMPORT_MAX_BYTES)


def _file(request: Request) -> tuple[BinaryIO, str]:
    if not isinstance(request.data, Mapping):
        return cast("BinaryIO", request.data), "REST"
    sent = UploadSerializer(data=request.data)
    sent.is_valid(raise_exception=True)
    upload = sent.validated_data["file"]
    return upload.file, upload.name


def _rows(data: Any) -> Sequence[Any]:
    rows = data.get("items") if isinstance(data, Mapping) else None
    if not isinstance(rows, list) or not rows:
        raise serializers.ValidationError({"items": "Send a list of one item or more."})
    if len(rows) > ROWS_AT_ONCE:
        raise Invalid(
            f"items: these are {len(rows):,}; the limit is {ROWS_AT_ONCE:,} a call. "
            "Send them in several calls, or import a file."
        )
    return rows


def _row(number: int, raw: Any) -> Row | Problem:
    if not isinstance(raw, dict):
        return Problem(number, "row", "it is not an object.")
    for name, value in raw.items():
        if name not in {*TEXTS, "metadata"}:
            return Problem(number, "row", f"it has the unknown field {name[:80]!r}.")
        if not isinstance(value, dict if name == "metadata" else str | None):
            kind = "an object" if name == "metadata" else "text"
            return Problem(number, name, f"it is not {kind}.")
    texts = {name: (raw.get(name) or "").strip() for name in TEXTS}
    return Row(number=number, metadata=raw.get("metadata", {}), **texts)


urlpatterns = [
    path("projects/<slug:slug>/items/", ItemListView.as_view(), name="api-items"),
    path("projects/<slug:slug>/items/import/", ItemImportView.as_view(), name="api-items-import"),
    path("projects/<slug:slug>/items/<int:item_id>/", ItemView.as_view(), name="api-item"),
    path("projects/<slug:slug>/imports/", ImportListView.as_view(), name="api-imports"),
    path("projects/<slug:slug>/imports/<int:job_id>/", ImportView.as_view(), name="api-import"),
]
