"""When to retrain, over REST."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from feedback.drift.groups import MOST
from feedback.models import RetrainProposal, TriggerPolicy
from feedback.triggers import proposals
from feedback.triggers.reasons import policy_of
from feedback.triggers.slices import send_slice
from labeling.api.base import ProjectAPIView
from labeling.api.serializers.exact import Exact
from labeling.models import Role


class TriggerPolicySerializer(Exact, serializers.ModelSerializer[TriggerPolicy]):
    """A project's rules."""

    class Meta:
        model = TriggerPolicy
        fields: ClassVar = proposals.RULES


class RetrainProposalSerializer(serializers.ModelSerializer[RetrainProposal]):
    """That a new model might be worth it, and why."""

    run = serializers.IntegerField(source="run.number", allow_null=True, default=None)
    decided_by = serializers.SlugRelatedField[Any](
        slug_field="username", read_only=True, allow_null=True
    )

    class Meta:
        model = RetrainProposal
        fields: ClassVar = (
            *("id", "trigger", "reason", "slice_name", "state", "run"),
            *("decided_by", "created_at", "decided_at"),
        )


class LabelSliceSerializer(serializers.Serializer[Any]):
    """How many items of a slice people are asked to look at."""

    count = serializers.IntegerField(min_value=1, max_value=MOST)


class LabelingAskedSerializer(serializers.Serializer[Any]):
    """How many looks were asked for."""

    asked = serializers.IntegerField()


class TriggersView(ProjectAPIView):
    """The rules."""

    roles: ClassVar = {"GET": Role.REVIEWER, "PATCH": Role.MANAGER}

    @extend_schema(operation_id="triggers_retrieve", responses=TriggerPolicySerializer)
    def get(self, request: Request, slug: str) -> Response:
        """Return the rules."""
        return Response(TriggerPolicySerializer(policy_of(self.access.project)).data)

    @extend_schema(
        operation_id="triggers_change",
        request=TriggerPolicySerializer(partial=True),
        responses=TriggerPolicySerializer,
    )
    def patch(self, request: Request, slug: str) -> Response:
        """Change some of the rules."""
        sent = TriggerPolicySerializer(data=request.data, partial=True)
        sent.is_valid(raise_exception=True)
        policy = proposals.set_policy(access=self.access, changes=sent.validated_data)
        return Response(TriggerPolicySerializer(policy).data)


class RetrainProposalsView(ProjectAPIView, ListAPIView[RetrainProposal]):
    """What was proposed."""

    roles: ClassVar = {"GET": Role.REVIEWER}
    serializer_class = RetrainProposalSerializer
    queryset = RetrainProposal.objects.all()

    def get_queryset(self) -> QuerySet[RetrainProposal]:
        """Return the project's proposals."""
        return proposals.proposals_of(self.access.project)

    @extend_schema(operation_id="retrain_proposals_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the proposals, the newest first."""
        return super().get(request, *args, **kwargs)


class TakeView(ProjectAPIView):
    """Pressing."""

    @extend_schema(
        operation_id="retrain_proposals_take", request=None, responses=RetrainProposalSerializer
    )
    def post(self, request: Request, slug: str, retrain_id: int) -> Response:
        """Start the run; other proposals that wait are taken with it."""
        taken = proposals.take(access=self.access, proposal_id=retrain_id)
        return Response(RetrainProposalSerializer(taken).data)


class DismissView(ProjectAPIView):
    """Putting aside."""

    @extend_schema(
        operation_id="retrain_proposals_dismiss", request=None, responses=RetrainProposalSerializer
    )
    def post(self, request: Request, slug: str, retrain_id: int) -> Response:
        """Put a proposal aside for a week."""
        put = proposals.dismiss(access=self.access, proposal_id=retrain_id)
        return Response(RetrainProposalSerializer(put).data)


class LabelSliceView(ProjectAPIView):
    """Labeling more of a weak slice."""

    @extend_schema(
        operation_id="retrain_proposals_label",
        request=LabelSliceSerializer,
        responses={201: LabelingAskedSerializer},
    )
    def post(self, request: Request, slug: str, retrain_id: int) -> Response:
        """Send `count` unlabeled items of the proposal's slice to labeling."""
        sent = LabelSliceSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        asked = send_slice(
            access=self.access, proposal_id=retrain_id, count=sent.validated_data["count"]
        )
        return Response({"asked": asked}, status=201)


ONE = "triggers/proposals/<int:retrain_id>/"

urlpatterns = [
    path("triggers/", TriggersView.as_view(), name="api-triggers"),
    path("triggers/proposals/", RetrainProposalsView.as_view(), name="api-retrain-proposals"),
    path(f"{ONE}take/", TakeView.as_view(), name="api-retrain-take"),
    path(f"{ONE}dismiss/", DismissView.as_view(), name="api-retrain-dismiss"),
    path(f"{ONE}label/", LabelSliceView.as_view(), name="api-retrain-label"),
]
