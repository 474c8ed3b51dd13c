"""A project's policy, and the weights of its votes, over REST."""

from typing import Any, ClassVar

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from labeling.api.base import ProjectAPIView
from labeling.api.serializers.exact import Exact
from labeling.models import Consensus, Project, Role, Weighing
from labeling.policies import POLICY, set_policy, standing_of_weights, weigh_now


class WeighingSerializer(serializers.ModelSerializer[Weighing]):
    """One version of the weights, and whether it may resolve items."""

    version = serializers.IntegerField(source="number")
    gold_missing = serializers.IntegerField(help_text="How many more gold items it takes.")

    class Meta:
        model = Weighing
        fields: ClassVar[tuple[str, ...]] = (
            "version",
            "calibrated",
            "reason",
            "votes",
            "items",
            "annotators",
            "gold",
            "gold_wanted",
            "gold_missing",
            "labels_without_gold",
            "error_before",
            "error_after",
            "created_at",
        )


class ConsensusSerializer(serializers.Serializer[Any]):
    """When votes settle a label, and what they are worth."""

    consensus = serializers.ChoiceField(choices=Consensus.choices)
    sure_enough = serializers.FloatField(help_text="How probable a label has to be, if weighed.")
    overlap = serializers.IntegerField()
    overlap_share = serializers.FloatField()
    max_looks = serializers.IntegerField()
    weights = WeighingSerializer(allow_null=True, help_text="The newest; null before the first.")
    weights_in_force = serializers.BooleanField(
        help_text="Whether they resolve items; if not, votes are counted."
    )
    working = serializers.BooleanField(help_text="Votes are weighed or items settled right now.")


class ConsensusChangeSerializer(Exact):
    """What is to change; what is left out stays."""

    consensus = serializers.ChoiceField(choices=Consensus.choices, required=False)
    sure_enough = serializers.FloatField(min_value=0.51, max_value=0.999, required=False)
    overlap = serializers.IntegerField(min_value=1, max_value=10, required=False)
    overlap_share = serializers.FloatField(min_value=0, max_value=1, required=False)
    max_looks = serializers.IntegerField(min_value=1, max_value=15, required=False)


class ConsensusView(ProjectAPIView):
    """The policy of a project."""

    roles: ClassVar = {"GET": Role.REVIEWER}

    @extend_schema(operation_id="consensus_retrieve", responses=ConsensusSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """Return when votes settle a label, and what is known of their worth."""
        return Response(_told(self.access.project))

    @extend_schema(
        operation_id="consensus_change",
        request=ConsensusChangeSerializer,
        responses=ConsensusSerializer,
    )
    def patch(self, request: Request, slug: str) -> Response:
        """Change the policy; items are settled by it in the background."""
        sent = ConsensusChangeSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        return Response(_told(set_policy(access=self.access, **sent.validated_data)))


class WeighView(ProjectAPIView):
    """A new estimate of what votes are worth."""

    @extend_schema(
        operation_id="consensus_weigh", request=None, responses={202: ConsensusSerializer}
    )
    def post(self, request: Request, slug: str) -> Response:
        """Have votes weighed anew in the background."""
        weigh_now(access=self.access)
        return Response(_told(self.access.project), status=202)


def _told(project: Project) -> Any:
    standing = standing_of_weights(project)
    known = {name: getattr(project, name) for name in POLICY} | {
        "weights": standing.newest,
        "weights_in_force": standing.in_force and project.consensus == Consensus.WEIGHTED,
        "working": standing.working,
    }
    return ConsensusSerializer(known).data


urlpatterns = [
    path("projects/<slug:slug>/consensus/", ConsensusView.as_view(), name="api-consensus"),
    path("projects/<slug:slug>/consensus/weigh/", WeighView.as_view(), name="api-consensus-weigh"),
]
