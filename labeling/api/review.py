"""Cases that wait for a reviewer, over REST."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import (
    BigIntegerField,
    CharField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Cast
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from labeling.adjudicate import decide, send_back
from labeling.api.base import ProjectAPIView
from labeling.api.pagination import Newest
from labeling.api.serializers.items import DecisionSerializer, ItemTextSerializer, VoteSerializer
from labeling.api.serializers.looks import NOTE_LIMIT, OpinionSerializer
from labeling.cases import letters
from labeling.decided import told_of
from labeling.decided_before import decided_before
from labeling.facets import narrowed, with_facets
from labeling.item_sheet import Answer
from labeling.models import Adjudication, Annotation, Event, Role, Task, TaskState
from labeling.opinion import ASKED, ask_opinion, source_told

# One key that is unique and sorts as the queue does: the highest priority, then the oldest.
# It has to be wrapped: Django takes a sum of big integers for a small one.
BIG = BigIntegerField()
PLACE = ExpressionWrapper(F("id") - Cast("priority", BIG) * Value(2**44), output_field=BIG)
CASES = (
    Task.objects.filter(state=TaskState.REVIEW)
    .select_related("item__resolution__label")
    .annotate(place=PLACE)
)


class ByPriority(Newest):
    """The most urgent case first."""

    ordering = "place"


class CaseSerializer(serializers.ModelSerializer[Task]):
    """A case, with its evidence: votes without names, and what was said."""

    item = ItemTextSerializer()
    label = serializers.CharField(  # type: ignore[assignment]
        source="item.resolution.label.name",
        allow_null=True,
        default=None,
        help_text="The item's label so far.",
    )
    suggestion = serializers.SerializerMethodField(
        help_text="What a model thinks: null until the caller has asked for it."
    )
    votes = serializers.SerializerMethodField()

    class Meta:
        model = Task
        fields: ClassVar = (
            "id",
            "reason",
            "priority",
            "note",
            "item",
            "label",
            "suggestion",
            "votes",
            "created_at",
        )

    @extend_schema_field(OpinionSerializer(allow_null=True))
    def get_suggestion(self, case: Task) -> dict[str, Any] | None:
        """Return what the caller was told of a model."""
        asked: Any = case
        if asked.told_label is None:
            return None
        source, confidence = source_told(asked.told_words)
        return {"label": asked.told_label, "confidence": confidence, "source": source}

    def get_votes(self, case: Task) -> list[dict[str, Any]]:
        """Return the answers that count."""
        votes = self.context["votes"][case.item_id]
        rows = [Answer(*pair) for pair in zip(letters(votes), votes, strict=True)]
        return [dict(VoteSerializer(row).data) for row in rows]


class SaidSerializer(serializers.Serializer[Any]):
    """What one person had answered."""

    annotator = serializers.CharField()
    label = serializers.CharField(source="label.name")  # type: ignore[assignment]


class DecidedSerializer(DecisionSerializer):
    """A decision that was just made, and what it did."""

    votes = serializers.SerializerMethodField()
    effects = serializers.SerializerMethodField()

    class Meta(DecisionSerializer.Meta):
        fields: ClassVar[tuple[str, ...]] = (*DecisionSerializer.Meta.fields, "votes", "effects")

    @extend_schema_field(SaidSerializer(many=True))
    def get_votes(self, decision: Adjudication) -> list[Any]:
        """Return the answers to the item, by name now that it is decided."""
        return list(SaidSerializer(self.context["told"].said, many=True).data)

    def get_effects(self, decision: Adjudication) -> list[str]:
        """Return what else followed, in sentences."""
        effects: list[str] = self.context["told"].effects
        return effects


class VerdictSerializer(serializers.Serializer[Any]):
    """A decision: a label, or that the item is out of scope."""

    label = serializers.CharField(  # type: ignore[assignment]
        max_length=80, trim_whitespace=False, required=False, allow_null=True, default=None
    )
    out_of_scope = serializers.BooleanField(required=False, default=False)
    comment = serializers.CharField(
        max_length=NOTE_LIMIT, required=False, allow_blank=True, default=""
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Ask for exactly one of the two."""
        if (attrs["label"] is None) != attrs["out_of_scope"]:
            raise serializers.ValidationError(
                {"label": "Name a label, or say `out_of_scope`: one of the two."}
            )
        return attrs


class SendBackSerializer(serializers.Serializer[Any]):
    """What the next annotator should look at."""

    comment = serializers.CharField(max_length=NOTE_LIMIT)


class SentBackSerializer(serializers.ModelSerializer[Task]):
    """The task that waits for annotators again."""

    class Meta:
        model = Task
        fields: ClassVar = ("id", "state", "note")


class ReviewListView(ProjectAPIView, ListAPIView[Task]):
    """The cases that wait for the caller."""

    roles: ClassVar = {"GET": Role.REVIEWER}
    serializer_class = CaseSerializer
    pagination_class = ByPriority
    queryset = CASES

    def get_queryset(self) -> QuerySet[Task]:
        """Return the project's cases, without the items that the caller answered."""
        user = self.access.user
        own = Annotation.objects.filter(item=OuterRef("item"), annotator=user)
        asked = Event.objects.filter(
            subject_type="task",
            subject_id=Cast(OuterRef("pk"), CharField()),
            verb=ASKED,
            actor=user,
        ).order_by("id")
        cases = CASES.annotate(
            told_label=Subquery(asked.values("after")[:1]),
            told_words=Subquery(asked.values("reason")[:1]),
        )
        mine = with_facets(
            cases.filter(~Exists(own), ~decided_before(user), project=self.access.project)
        )
        return narrowed(mine, self.request.query_params.get("reason", ""))

    @extend_schema(
        operation_id="review_list",
        parameters=[
            OpenApiParameter("reason", description="As the page has it: `report`, `novel`, …")
        ],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the cases that wait, the most urgent first."""
        page = self.paginate_queryset(self.get_queryset()) or []
        rows = CaseSerializer(page, many=True, context={"votes": _votes(page)}).data
        return self.get_paginated_response(rows)


class CaseAPIView(ProjectAPIView):
    """A view of one case."""

    roles: ClassVar = {"POST": Role.REVIEWER}

    def case_in_project(self, task_id: int) -> dict[str, Any]:
        """Return what names a case to a verb.

        Raises:
            Http404: the task belongs to another project.
        """
        project = self.access.project
        task = get_object_or_404(Task, project=project, pk=task_id)
        return {"project": project, "user": self.access.user, "task_id": task.pk}


class DecideView(CaseAPIView):
    """A reviewer's decision."""

    @extend_schema(
        operation_id="review_decide", request=VerdictSerializer, responses=DecidedSerializer
    )
    def post(self, request: Request, slug: str, task_id: int) -> Response:
        """Decide a case: it becomes the item's label."""
        case = self.case_in_project(task_id)
        verdict = VerdictSerializer(data=request.data)
        verdict.is_valid(raise_exception=True)
        label, comment = (verdict.validated_data[name] for name in ("label", "comment"))
        decision = decide(**case, label_name=label, comment=comment)
        told = {"told": told_of(decision)}
        return Response(DecidedSerializer(decision, context=told).data)


class SendBackView(CaseAPIView):
    """One more look."""

    @extend_schema(
        operation_id="review_send_back", request=SendBackSerializer, responses=SentBackSerializer
    )
    def post(self, request: Request, slug: str, task_id: int) -> Response:
        """Ask the annotators for one more look, and say why."""
        case = self.case_in_project(task_id)
        said = SendBackSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        task = send_back(**case, **said.validated_data)
        return Response(SentBackSerializer(task).data)


class OpinionView(CaseAPIView):
    """What a model says of a case."""

    @extend_schema(operation_id="review_opinion", request=None, responses=OpinionSerializer)
    def post(self, request: Request, slug: str, task_id: int) -> Response:
        """Ask what a model says of a case; that the caller asked is recorded."""
        return Response(OpinionSerializer(ask_opinion(**self.case_in_project(task_id))).data)


def _votes(cases: Sequence[Task]) -> dict[int, list[Annotation]]:
    """Return the answers that count by item, the oldest first."""
    found: dict[int, list[Annotation]] = {case.item_id: [] for case in cases}
    votes = Annotation.objects.live().filter(item__in=found).order_by("id")
    for vote in votes.select_related("label", "guideline"):
        found[vote.item_id].append(vote)
    return found


CASE = "projects/<slug:slug>/review/<int:task_id>"

urlpatterns = [
    path("projects/<slug:slug>/review/", ReviewListView.as_view(), name="api-review"),
    path(f"{CASE}/decide/", DecideView.as_view(), name="api-review-decide"),
    path(f"{CASE}/send-back/", SendBackView.as_view(), name="api-review-send-back"),
    path(f"{CASE}/opinion/", OpinionView.as_view(), name="api-review-opinion"),
]
