"""How right the live models are, and how many looks that takes, over REST."""

from typing import Any, ClassVar

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from feedback.look_plan import Wish, look_plan
from feedback.models import OnlineEvaluation
from feedback.online import ask_online_evaluation, newest_of
from feedback.statistics.live import PERIODS
from labeling.api.base import ProjectAPIView
from labeling.api.quality_file import FORMS, TableView
from labeling.models import Role

KINDS = ("all", "week", "route", "label", "slice")


class LiveEstimateSerializer(serializers.Serializer[Any]):
    """A figure with its 95 % interval, or the reason why there is none."""

    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    looks = serializers.IntegerField(help_text="How many looks it rests on.")
    reason = serializers.CharField(allow_blank=True)


class LiveFiguresSerializer(serializers.Serializer[Any]):
    """What is known of some answers of some days."""

    model = serializers.IntegerField(allow_null=True, help_text="None: all models together.")
    since = serializers.DateField()
    until = serializers.DateField()
    days = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=KINDS)
    name = serializers.CharField(help_text="Of the route, label or slice.")
    answers = serializers.IntegerField(allow_null=True, help_text="Of labels and slices: null.")
    drawn = serializers.IntegerField(help_text="Looks that lie in it.")
    accuracy = LiveEstimateSerializer(help_text="Of a label: of the answers that gave it.")
    f1 = LiveEstimateSerializer(help_text="Macro F1; of a label, its F1.")


class OnlineEvaluationSerializer(serializers.ModelSerializer[OnlineEvaluation]):
    """Where an online evaluation stands."""

    class Meta:
        model = OnlineEvaluation
        fields: ClassVar = ("id", "state", "failure", "created_at", "finished_at")


class ProxySerializer(serializers.Serializer[Any]):
    """Signals of a week that are no sample of the answers."""

    since = serializers.DateField()
    predictions = serializers.IntegerField()
    reports = serializers.IntegerField(help_text="Predictions that were reported as wrong.")
    decided = serializers.IntegerField(help_text="Unsure predictions that people decided on.")
    overridden = serializers.IntegerField(help_text="Of these, how many got another label.")
    votes = serializers.IntegerField()
    agreeing = serializers.IntegerField(help_text="Votes for the model's label.")


class WishSerializer(serializers.Serializer[Any]):
    """How narrow the interval is to be, and of what answers."""

    half_width = serializers.FloatField(default=0.02, min_value=0.001, max_value=0.5)
    level = serializers.FloatField(default=0.95, min_value=0.5, max_value=0.999)
    answers = serializers.IntegerField(
        default=None,
        min_value=1,
        max_value=100_000_000,
        help_text="A week; as of late if left out.",
    )
    accepted = serializers.FloatField(
        default=None, min_value=0.0, max_value=1.0, help_text="Share; as of late if left out."
    )


class PlannedStratumSerializer(serializers.Serializer[Any]):
    """A route and a band of confidence."""

    route = serializers.CharField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    answers = serializers.IntegerField()
    expected = serializers.FloatField(help_text="Share right that is expected.")
    looks = serializers.IntegerField()
    share = serializers.FloatField(help_text="With which probability the plan draws an answer.")
    today = serializers.FloatField(help_text="Looks a week by the present shares.")


class LookPlanSerializer(serializers.Serializer[Any]):
    """Looks a week for an interval of a wanted width; what the present shares lead to."""

    answers = serializers.IntegerField()
    review = serializers.IntegerField(help_text="Looks that come without a plan.")
    audits = serializers.IntegerField(help_text="Looks at accepted answers.")
    audit_share = serializers.FloatField()
    half_width = serializers.FloatField()
    today_audits = serializers.FloatField()
    today_share = serializers.FloatField()
    today_half_width = serializers.FloatField(
        allow_null=True, help_text="Null where some answers are never looked at."
    )
    strata = PlannedStratumSerializer(many=True)


@extend_schema_view(
    get=extend_schema(
        operation_id="online_list",
        parameters=[
            OpenApiParameter("as", str, enum=FORMS, default=FORMS[0]),
            OpenApiParameter("model", int),
            OpenApiParameter("days", int, enum=PERIODS),
            OpenApiParameter("kind", str, enum=KINDS),
        ],
        responses={
            (200, "application/json"): LiveFiguresSerializer(many=True),
            (200, "text/csv"): str,
        },
    )
)
class OnlineView(TableView):
    """Accuracy and F1 of the live models, as last computed; nothing before that.

    By model, for the last 7, 28 and 84 days: all answers, by route, label and slice, and by week.
    """

    roles: ClassVar = {"GET": Role.REVIEWER}
    name = "online"
    row = LiveFiguresSerializer

    def rows(self) -> list[dict[str, Any]]:
        """Return the rows that the query asks for."""
        done, _ = newest_of(self.access.project)
        rows: list[dict[str, Any]] = done.figures["rows"] if done else []
        for name in ("model", "days", "kind"):
            wanted = self.request.query_params.get(name)
            if wanted is not None:
                rows = [row for row in rows if str(row[name]) == wanted]
        return rows


@extend_schema_view(
    get=extend_schema(
        operation_id="online_proxies_list",
        parameters=[OpenApiParameter("as", str, enum=FORMS, default=FORMS[0])],
        responses={
            (200, "application/json"): ProxySerializer(many=True),
            (200, "text/csv"): str,
        },
    )
)
class ProxiesView(TableView):
    """Reports, overrides and agreement with the model by week: signals, and no sample."""

    roles: ClassVar = {"GET": Role.REVIEWER}
    name = "proxies"
    row = ProxySerializer

    def rows(self) -> list[dict[str, Any]]:
        """Return the weeks, the newest first."""
        done, _ = newest_of(self.access.project)
        return done.figures["proxies"] if done else []


class MeasureView(ProjectAPIView):
    """Computing the online evaluation."""

    roles: ClassVar = {"GET": Role.REVIEWER, "POST": Role.REVIEWER}

    @extend_schema(
        operation_id="online_measure_list", responses=OnlineEvaluationSerializer(many=True)
    )
    def get(self, request: Request, slug: str) -> Response:
        """Return where the newest evaluation stands, and the one that the figures are of.

        It is one where both are the same, and none before the first.
        """
        done, newest = newest_of(self.access.project)
        found = [job for job in dict.fromkeys([newest, done]) if job is not None]
        return Response(OnlineEvaluationSerializer(found, many=True).data)

    @extend_schema(
        operation_id="online_measure_create",
        request=None,
        responses={202: OnlineEvaluationSerializer},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Have it computed now; 409 while that is being done."""
        job = ask_online_evaluation(project=self.access.project, user=self.access.user)
        return Response(OnlineEvaluationSerializer(job).data, status=202)


class LookPlanView(ProjectAPIView):
    """The audit planner."""

    roles: ClassVar = {"GET": Role.REVIEWER}

    @extend_schema(
        operation_id="online_plan_retrieve",
        parameters=[WishSerializer],
        responses=LookPlanSerializer,
    )
    def get(self, request: Request, slug: str) -> Response:
        """Return how many looks a week an interval takes.

        It has no strata before an evaluation has found answers of the last 28 days.
        """
        asked = WishSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        done, _ = newest_of(self.access.project)
        strata = done.figures["strata"] if done else []
        found = look_plan(strata, Wish(**asked.validated_data))
        return Response(LookPlanSerializer(found).data)


urlpatterns = [
    path("online/", OnlineView.as_view(), name="api-online"),
    path("online/proxies/", ProxiesView.as_view(), name="api-online-proxies"),
    path("online/measure/", MeasureView.as_view(), name="api-online-measure"),
    path("online/plan/", LookPlanView.as_view(), name="api-online-plan"),
]
