"""Trials of challengers over REST."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from classifier.models import Pair, Trial
from classifier.rollout.disagreements import AT_ONCE, ask_people, disagreements
from classifier.rollout.evidence import BOUND, standing_of
from classifier.rollout.figures import figures_of, with_counts
from classifier.rollout.trial import change_share, start_trial, stop_trial
from labeling.api.base import ProjectAPIView
from labeling.models import Role

TRIALS = Trial.objects.select_related("challenger", "champion", "started_by")


class TrialSerializer(serializers.ModelSerializer[Trial]):
    """A challenger, what it is compared with, how much it answers, and how the trial ended."""

    challenger = serializers.IntegerField(source="challenger.number", read_only=True)
    champion = serializers.IntegerField(source="champion.number", read_only=True)
    stage = serializers.CharField(
        source="challenger.stage", read_only=True, help_text="Of the challenger, now."
    )
    started_by = serializers.SlugRelatedField[Any](
        slug_field="username", read_only=True, allow_null=True
    )

    class Meta:
        model = Trial
        fields: ClassVar[tuple[str, ...]] = (
            "id",
            "challenger",
            "champion",
            "stage",
            "share",
            "error_limit",
            "latency_limit_ms",
            "started_by",
            "started_at",
            "proposed_at",
            "ended_at",
            "outcome",
            "reason",
        )


class LookSerializer(serializers.Serializer[Any]):
    """The evidence after one label that told the two models apart."""

    at = serializers.DateTimeField()
    wins = serializers.IntegerField()
    losses = serializers.IntegerField()
    value = serializers.FloatField()


class EvidenceSerializer(serializers.Serializer[Any]):
    """Where the evidence stands; from `bound` on the challenger is better."""

    verdict = serializers.ChoiceField(choices=["better", "worse", ""])
    wins = serializers.IntegerField(source="now.wins")
    losses = serializers.IntegerField(source="now.losses")
    labeled = serializers.IntegerField()
    bound = serializers.FloatField(default=BOUND)
    path = LookSerializer(many=True)


class SideSerializer(serializers.Serializer[Any]):
    """How one of the two models did."""

    model_version = serializers.IntegerField(source="model.number")
    answered = serializers.IntegerField()
    failed = serializers.IntegerField()
    confidence = serializers.FloatField(allow_null=True)
    latency_ms = serializers.FloatField(allow_null=True)


class FiguresSerializer(serializers.Serializer[Any]):
    """Both models on the same texts."""

    texts = serializers.IntegerField()
    differing = serializers.IntegerField()
    asked = serializers.IntegerField()
    sides = SideSerializer(many=True, source="both")


class TrialDetailSerializer(TrialSerializer):
    """A trial with its figures and its evidence."""

    figures = serializers.SerializerMethodField()
    evidence = serializers.SerializerMethodField()

    class Meta(TrialSerializer.Meta):
        fields: ClassVar[tuple[str, ...]] = (*TrialSerializer.Meta.fields, "figures", "evidence")

    @extend_schema_field(FiguresSerializer)
    def get_figures(self, trial: Trial) -> dict[str, Any]:
        """Return how both models did on the same texts."""
        return FiguresSerializer(figures_of(trial)).data

    @extend_schema_field(EvidenceSerializer)
    def get_evidence(self, trial: Trial) -> dict[str, Any]:
        """Return where the evidence stands and how it came there."""
        return EvidenceSerializer(standing_of(trial)).data


class DisagreementSerializer(serializers.ModelSerializer[Pair]):
    """A text on which the two models differ."""

    prediction_id = serializers.UUIDField(read_only=True)
    title = serializers.CharField(source="prediction.title", read_only=True)
    external_id = serializers.CharField(source="prediction.external_id", read_only=True)
    answer = serializers.CharField(source="prediction.label.name", read_only=True)
    answered_by = serializers.SerializerMethodField(help_text="Number of the model that answered.")
    silent_answer = serializers.CharField(source="label.name", read_only=True)
    item = serializers.IntegerField(source="item_id", read_only=True, allow_null=True)
    truth = serializers.CharField(
        source="item.resolution.label.name", read_only=True, default=None, allow_null=True
    )

    class Meta:
        model = Pair
        fields: ClassVar[tuple[str, ...]] = (
            "prediction_id",
            "title",
            "external_id",
            "answer",
            "answered_by",
            "silent_answer",
            "asked_at",
            "asked",
            "item",
            "truth",
            "created_at",
        )

    def get_answered_by(self, pair: Pair) -> int:
        """Return the number of the model that answered."""
        trial: Trial = self.context["trial"]
        led = pair.model_version_id == trial.champion_id
        return trial.challenger.number if led else trial.champion.number


class StartTrialSerializer(serializers.Serializer[Any]):
    """What to put on trial; without a share it is in shadow and answers nothing."""

    model_version = serializers.IntegerField(source="number")
    share = serializers.FloatField(required=False, default=0.0)
    error_limit = serializers.FloatField(required=False, default=0.02)
    latency_limit_ms = serializers.FloatField(required=False, default=500.0)
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=2000)


class ShareSerializer(serializers.Serializer[Any]):
    """How much the challenger answers: from 0, in shadow, to 1."""

    share = serializers.FloatField()
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=2000)


class StopTrialSerializer(serializers.Serializer[Any]):
    """Why a trial ends."""

    reason = serializers.CharField(max_length=2000)


class AskSerializer(serializers.Serializer[Any]):
    """How many disagreements to send to labeling."""

    count = serializers.IntegerField(min_value=1, max_value=AT_ONCE)


class AskedSerializer(serializers.Serializer[Any]):
    """About how many items people are asked now."""

    asked = serializers.IntegerField()


@extend_schema_view(get=extend_schema(operation_id="trials_list"))
class TrialListView(ProjectAPIView, ListAPIView[Trial]):
    """The trials of a project, the newest first."""

    roles: ClassVar = {"GET": Role.REVIEWER}
    serializer_class = TrialSerializer
    queryset = TRIALS

    def get_queryset(self) -> QuerySet[Trial]:
        """Return the trials of the caller's project."""
        return TRIALS.filter(project=self.access.project)

    @extend_schema(
        operation_id="trials_create", request=StartTrialSerializer, responses={201: TrialSerializer}
    )
    def post(self, request: Request, slug: str) -> Response:
        """Put a candidate beside the champion: in shadow, or as a canary with a share.

        Answers 409 without a champion, or while another model is on trial.
        """
        said = StartTrialSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        trial = start_trial(access=self.access, **said.validated_data)
        return Response(TrialSerializer(trial).data, status=201)


class TrialView(ProjectAPIView):
    """One trial."""

    roles: ClassVar = {"GET": Role.REVIEWER}

    @extend_schema(operation_id="trials_retrieve", responses=TrialDetailSerializer)
    def get(self, request: Request, slug: str, trial_id: int) -> Response:
        """Return a trial with its figures and the evidence."""
        trials = with_counts(self.access.project).select_related("started_by")
        return Response(TrialDetailSerializer(get_object_or_404(trials, pk=trial_id)).data)


class ShareTrialView(ProjectAPIView):
    """How much a challenger answers."""

    @extend_schema(operation_id="trials_share", request=ShareSerializer, responses=TrialSerializer)
    def post(self, request: Request, slug: str, trial_id: int) -> Response:
        """Let the challenger answer for another share of the texts; 0 puts it in shadow."""
        said = ShareSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        trial = change_share(access=self.access, trial_id=trial_id, **said.validated_data)
        return Response(TrialSerializer(trial).data)


class StopTrialView(ProjectAPIView):
    """The end of a trial."""

    @extend_schema(
        operation_id="trials_stop", request=StopTrialSerializer, responses=TrialSerializer
    )
    def post(self, request: Request, slug: str, trial_id: int) -> Response:
        """End a trial; the challenger is a candidate again."""
        said = StopTrialSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        stop_trial(access=self.access, trial_id=trial_id, **said.validated_data)
        return Response(TrialSerializer(TRIALS.get(pk=trial_id)).data)


class AskTrialView(ProjectAPIView):
    """Asking people who is right."""

    @extend_schema(operation_id="trials_ask", request=AskSerializer, responses=AskedSerializer)
    def post(self, request: Request, slug: str, trial_id: int) -> Response:
        """Send disagreements, drawn by lot, to labeling."""
        said = AskSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        asked = ask_people(access=self.access, trial_id=trial_id, **said.validated_data)
        return Response({"asked": asked})


@extend_schema_view(get=extend_schema(operation_id="trials_disagreements"))
class DisagreementListView(ProjectAPIView, ListAPIView[Pair]):
    """The texts on which the models of a trial differ, the newest first."""

    roles: ClassVar = {"GET": Role.REVIEWER}
    serializer_class = DisagreementSerializer
    queryset = Pair.objects.all()

    def get_queryset(self) -> QuerySet[Pair]:
        """Return the disagreements of a trial of the caller's project."""
        return disagreements(self._trial())

    def get_serializer_context(self) -> dict[str, Any]:
        """Add the trial."""
        return {**super().get_serializer_context(), "trial": self._trial()}

    def _trial(self) -> Trial:
        if not hasattr(self, "trial"):
            mine = TRIALS.filter(project=self.access.project)
            self.trial: Trial = get_object_or_404(mine, pk=self.kwargs["trial_id"])
        return self.trial


urlpatterns = [
    path("trials/", TrialListView.as_view(), name="api-trials"),
    path("trials/<int:trial_id>/", TrialView.as_view(), name="api-trial"),
    path("trials/<int:trial_id>/share/", ShareTrialView.as_view(), name="api-trial-share"),
    path("trials/<int:trial_id>/stop/", StopTrialView.as_view(), name="api-trial-stop"),
    path("trials/<int:trial_id>/ask/", AskTrialView.as_view(), name="api-trial-ask"),
    path(
        "trials/<int:trial_id>/disagreements/",
        DisagreementListView.as_view(),
        name="api-trial-disagreements",
    ),
]
