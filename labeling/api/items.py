"""Items over REST."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import OuterRef, QuerySet, Subquery
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response

from labeling.api.base import ProjectAPIView
from labeling.api.imports import idempotency_key, refuse_oversized
from labeling.api.pagination import ByFoundKey
from labeling.api.serializers.imports import ImportDetailSerializer
from labeling.api.serializers.items import (
    DecisionSerializer,
    ItemSerializer,
    ResolutionSerializer,
    VoteSerializer,
)
from labeling.bulk.selection import LARGEST_KEY
from labeling.errors import Invalid
from labeling.forms.items import DAYS, VERSIONS
from labeling.forms.items import STATUSES as FORM_STATUSES
from labeling.intake import add_items_once, fingerprint_of
from labeling.item_list import find
from labeling.item_sheet import sheet_of
from labeling.models import ASKED, Item, ItemStatus, Role, Split, Task, TaskState
from labeling.readers import Problem, Row

ROWS_AT_ONCE = 1000
IN_MEMORY = 2**20
TEXTS = ("external_id", "title", "body", "url", "label", "split")

LIVE_TASK = Task.objects.filter(item=OuterRef("pk")).exclude(state=TaskState.CLOSED)
ITEMS = Item.objects.select_related("resolution__label", "resolution__weighing").annotate(
    task_state=Subquery(LIVE_TASK.values("state")[:1])
)
# `open` is what the status `waiting` was called at first.
STATUSES = [*(value for value, _ in FORM_STATUSES), "open"]


class ItemFilterSerializer(serializers.Serializer[Any]):
    """Which items to list; without any, all."""

    external_id = serializers.CharField(required=False, help_text="Exactly this id.")
    q = serializers.CharField(
        required=False,
        max_length=200,
        help_text='Words that all have to be there; `"a phrase"`, `-without`; or an external id.',
    )
    label = serializers.CharField(  # type: ignore[assignment]
        required=False, help_text="Resolved to the label of this name."
    )
    status = serializers.ChoiceField(
        choices=STATUSES,
        required=False,
        help_text="With or without a label, or what the item waits for.",
    )
    annotator = serializers.CharField(required=False, help_text="Answered by this member.")
    gave = serializers.CharField(
        required=False,
        help_text="Somebody, or the one of `annotator`, gave this label; but for items that wait.",
    )
    also = serializers.CharField(required=False, help_text="Answered by this member too.")
    agreement = serializers.ChoiceField(
        choices=["compared", "agree", "disagree"],
        required=False,
        help_text="With two answers or more; all of them the same; not all the same.",
    )
    below = serializers.FloatField(
        min_value=0, max_value=1, required=False, help_text="Confidence of the suggestion below."
    )
    above = serializers.FloatField(
        min_value=0, max_value=1, required=False, help_text="Confidence at least."
    )
    source = serializers.IntegerField(  # type: ignore[assignment]
        min_value=0,
        max_value=LARGEST_KEY,
        required=False,
        help_text="Id of the import; 0 where it is not recorded.",
    )
    origin = serializers.CharField(
        required=False, max_length=200, help_text="Name of the file, or REST."
    )
    date_from = serializers.DateField(required=False, validators=DAYS)
    date_to = serializers.DateField(required=False, validators=DAYS)
    week = serializers.DateField(
        required=False,
        validators=DAYS,
        help_text="The newest answer was given in the week of this day, from Monday.",
    )
    reason = serializers.ChoiceField(
        choices=ASKED, required=False, help_text="A look was asked for because."
    )
    flagged = serializers.ChoiceField(choices=["yes"], required=False)
    suggestion = serializers.ChoiceField(
        choices=["shown", "hidden"],
        required=False,
        help_text="With answers where chance decided whether the suggestion was shown.",
    )
    guideline = serializers.IntegerField(
        min_value=1,
        max_value=VERSIONS,
        required=False,
        help_text="With answers under this version.",
    )
    split = serializers.ChoiceField(choices=Split.choices, required=False)

    @property
    def chosen(self) -> dict[str, str]:
        """What was asked for, as `find` takes it."""
        chosen = {name: str(value) for name, value in self.validated_data.items()}
        if chosen.get("status") == "open":
            chosen["status"] = ItemStatus.WAITING
        return chosen


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
    idempotency_key = serializers.CharField(
        required=False,
        max_length=64,
        help_text="The same key again, here or as header Idempotency-Key, answers the same.",
    )


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


class ItemListView(ProjectAPIView, ListAPIView[Item]):
    """The items of a project."""

    roles: ClassVar = {"GET": Role.REVIEWER}
    key = "pk"
    serializer_class = ItemSerializer
    parser_classes = (JSONParser,)
    pagination_class = ByFoundKey
    queryset = ITEMS

    def get_queryset(self) -> QuerySet[Item]:
        """Return the project's items that were asked for; the key to cut pages by is `self.key`."""
        asked = ItemFilterSerializer(data=self.request.query_params)
        asked.is_valid(raise_exception=True)
        found = find(self.access.project, asked.chosen)
        self.key = found.key
        return found.items.annotate(task_state=Subquery(LIVE_TASK.values("state")[:1]))

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
        refuse_oversized(request)
        rows = [_row(number, raw) for number, raw in enumerate(_rows(request.data), start=1)]
        sent = json.dumps(request.data, sort_keys=True).encode()
        job = add_items_once(
            access=self.access,
            rows=rows,
            key=idempotency_key(request) or _key(request.data),
            fingerprint=fingerprint_of(sent),
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


def _key(data: Any) -> str:
    return str(data.get("idempotency_key") or "")


def _row(number: int, raw: Any) -> Row | Problem:
    if not isinstance(raw, dict):
        return Problem(number, "row", "it is not an object.")
    for name, value in raw.items():
        if name not in {*TEXTS, "metadata"}:
            return Problem(number, "row", f"it has the unknown field {name[:80]!r}.")
        if not isinstance(value, dict if name == "metadata" else str | None):
            kind = "an object" if name == "metadata" else "text"
            return Problem(number, name, f"it is not {kind}.")
    texts: dict[str, Any] = {name: (raw.get(name) or "").strip() for name in TEXTS}
    return Row(number=number, metadata=raw.get("metadata", {}), **texts)


urlpatterns = [
    path("projects/<slug:slug>/items/", ItemListView.as_view(), name="api-items"),
    path("projects/<slug:slug>/items/<int:item_id>/", ItemView.as_view(), name="api-item"),
]
