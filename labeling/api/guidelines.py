"""Versions of the guideline and proposals to change it, over REST."""

from dataclasses import asdict
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from labeling.api.base import ProjectAPIView
from labeling.api.pagination import Newest
from labeling.api.quality import AgreementSerializer
from labeling.guidelines import (
    NOTE_LIMIT,
    change_between,
    find_version,
    publish_guideline,
    put_away,
    versions,
)
from labeling.models import Guideline, GuidelineProposal, Role, Task
from labeling.proposals import TEXT_LIMIT, decide_proposal, propose_change

VERSION_LIMIT = 100_000
LARGEST = 2**31 - 1


class VersionSerializer(serializers.ModelSerializer[Guideline]):
    """A version of the guideline."""

    created_by = serializers.CharField(source="created_by.username", default=None, allow_null=True)

    class Meta:
        model = Guideline
        fields: ClassVar[tuple[str, ...]] = ("version", "note", "created_by", "created_at")


class VersionRowSerializer(serializers.Serializer[Any]):
    """A version with the agreement among the answers under it."""

    version = serializers.IntegerField(source="guideline.version")
    note = serializers.CharField(source="guideline.note")
    created_by = serializers.CharField(
        source="guideline.created_by.username", default=None, allow_null=True
    )
    created_at = serializers.DateTimeField(source="guideline.created_at")
    votes = serializers.IntegerField()
    alpha = AgreementSerializer()


class LineSerializer(serializers.Serializer[Any]):
    """A line of a comparison."""

    kind = serializers.ChoiceField(choices=["same", "added", "removed", "gap"])
    text = serializers.CharField(allow_blank=True)


class VersionTextSerializer(VersionSerializer):
    """A version with its text, and what differs from another where that was asked for."""

    changes = LineSerializer(many=True, required=False, help_text="Only with `against`.")

    class Meta(VersionSerializer.Meta):
        fields: ClassVar[tuple[str, ...]] = (*VersionSerializer.Meta.fields, "text", "changes")


class NewVersionSerializer(serializers.Serializer[Any]):
    """A version to be put in force."""

    text = serializers.CharField(max_length=VERSION_LIMIT, help_text="Markdown, all of it.")
    note = serializers.CharField(max_length=NOTE_LIMIT, help_text="What changed, and why.")
    based_on = serializers.IntegerField(
        min_value=0,
        max_value=LARGEST,
        required=False,
        help_text="The version that the text was made from: another since then is a conflict.",
    )


class ProposalSerializer(serializers.ModelSerializer[GuidelineProposal]):
    """A change of the guideline that somebody proposes."""

    proposed_by = serializers.CharField(
        source="proposed_by.username", default=None, allow_null=True
    )
    decided_by = serializers.CharField(source="decided_by.username", default=None, allow_null=True)

    class Meta:
        model = GuidelineProposal
        fields: ClassVar[tuple[str, ...]] = (
            *("id", "item", "text", "state", "proposed_by", "created_at"),
            *("decided_by", "decided_at"),
        )


class NewProposalSerializer(serializers.Serializer[Any]):
    """A change to propose, and the case that shows its need."""

    task = serializers.IntegerField(min_value=1, max_value=2**63 - 1, help_text="Id of the case.")
    text = serializers.CharField(max_length=TEXT_LIMIT)


class DecisionOnProposalSerializer(serializers.Serializer[Any]):
    """What a manager makes of a proposal."""

    taken = serializers.BooleanField(help_text="Write it into the guideline, or decline it.")


class GuidelinesView(ProjectAPIView):
    """The versions of the guideline."""

    roles: ClassVar = {"GET": Role.ANNOTATOR}

    @extend_schema(operation_id="guidelines_list", responses=VersionRowSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """List the newest 100 versions, the newest first, with the agreement under each."""
        return Response(VersionRowSerializer(versions(self.access.project), many=True).data)

    @extend_schema(
        operation_id="guidelines_publish",
        request=NewVersionSerializer,
        responses={201: VersionTextSerializer},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Put a new version in force; the same text again answers with the present one."""
        sent = NewVersionSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        made = publish_guideline(access=self.access, **sent.validated_data)
        return Response(VersionTextSerializer(made).data, status=201)


class GuidelineView(ProjectAPIView):
    """One version."""

    roles: ClassVar = {"GET": Role.ANNOTATOR}

    @extend_schema(
        operation_id="guidelines_retrieve",
        parameters=[OpenApiParameter("against", int, description="A version to compare with.")],
        responses=VersionTextSerializer,
    )
    def get(self, request: Request, slug: str, version: int) -> Response:
        """Return a version, with `against` also what turns that version into this one."""
        found = find_version(self.access.project, version)
        known = dict(VersionTextSerializer(found).data)
        against = request.query_params.get("against")
        if against is not None:
            number = serializers.IntegerField(min_value=1, max_value=LARGEST)
            try:
                before = find_version(self.access.project, number.run_validation(against))
            except ValidationError as error:
                raise ValidationError({"against": error.detail}) from error
            known["changes"] = [asdict(line) for line in change_between(before, found).lines]
        return Response(known)


class GuidelineSeenView(ProjectAPIView):
    """Having read a change."""

    roles: ClassVar = {"POST": Role.ANNOTATOR}

    @extend_schema(operation_id="guidelines_seen", request=None, responses={204: None})
    def post(self, request: Request, slug: str, version: int) -> Response:
        """Note that the caller has seen the change to a version; it is not shown again."""
        put_away(access=self.access, version=version)
        return Response(status=204)


class ProposalsView(ProjectAPIView, ListAPIView[GuidelineProposal]):
    """Proposed changes."""

    roles: ClassVar = {"GET": Role.REVIEWER, "POST": Role.REVIEWER}
    serializer_class = ProposalSerializer
    pagination_class = Newest
    queryset = GuidelineProposal.objects.select_related("proposed_by", "decided_by")

    def get_queryset(self) -> QuerySet[GuidelineProposal]:
        """Return the project's proposals."""
        return super().get_queryset().filter(project=self.access.project)

    @extend_schema(operation_id="proposals_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the proposals, the newest first."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="proposals_create",
        request=NewProposalSerializer,
        responses={201: ProposalSerializer},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Propose a change of the guideline because of a case."""
        sent = NewProposalSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        task = get_object_or_404(Task, project=self.access.project, pk=sent.validated_data["task"])
        text = sent.validated_data["text"]
        made = propose_change(access=self.access, task_id=task.pk, text=text)
        return Response(ProposalSerializer(made).data, status=201)


class ProposalView(ProjectAPIView):
    """One proposed change."""

    @extend_schema(
        operation_id="proposals_decide",
        request=DecisionOnProposalSerializer,
        responses=ProposalSerializer,
    )
    def patch(self, request: Request, slug: str, proposal_id: int) -> Response:
        """Take a proposal, or decline it; each is decided once."""
        get_object_or_404(GuidelineProposal, project=self.access.project, pk=proposal_id)
        sent = DecisionOnProposalSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        decided = decide_proposal(
            access=self.access, proposal_id=proposal_id, taken=sent.validated_data["taken"]
        )
        return Response(ProposalSerializer(decided).data)


HERE = "projects/<slug:slug>/guidelines"

urlpatterns = [
    path(f"{HERE}/", GuidelinesView.as_view(), name="api-guidelines"),
    path(f"{HERE}/<int:version>/", GuidelineView.as_view(), name="api-guideline"),
    path(f"{HERE}/<int:version>/seen/", GuidelineSeenView.as_view(), name="api-guideline-seen"),
    path(f"{HERE}/proposals/", ProposalsView.as_view(), name="api-proposals"),
    path(f"{HERE}/proposals/<int:proposal_id>/", ProposalView.as_view(), name="api-proposal"),
]
