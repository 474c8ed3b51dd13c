"""Which threshold keeps which promise, over REST."""

from dataclasses import asdict
from typing import Any, ClassVar

from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from classifier.deploy import (
    REASON_LIMIT,
    champion_of,
    deployment_of,
    open_accepting,
    set_label_thresholds,
    set_threshold,
)
from classifier.metrics.warranty import Promise
from classifier.models import Deployment
from classifier.promise import USUAL_RISK, LabelOffer, answers_of, label_offer_of, offers_of
from labeling.api.base import ProjectAPIView
from labeling.api.serializers.exact import Exact
from labeling.models import Role


class AskedSerializer(serializers.Serializer[Any]):
    """A promise."""

    error = serializers.FloatField(
        default=0.05, min_value=0.001, max_value=0.5, help_text="Share that may be wrong."
    )
    risk = serializers.FloatField(
        default=USUAL_RISK, min_value=0.001, max_value=0.5, help_text="Chance that it fails."
    )


class OfferSerializer(serializers.Serializer[Any]):
    """What the champion may accept under a promise."""

    error = serializers.FloatField(source="promise.error")
    risk = serializers.FloatField(source="promise.risk")
    threshold = serializers.FloatField(
        source="warranty.threshold", allow_null=True, help_text="None where nothing may be."
    )
    labels = serializers.IntegerField(source="warranty.labels")
    accepted = serializers.IntegerField(source="warranty.accepted")
    wrong = serializers.IntegerField(source="warranty.wrong")
    upper = serializers.FloatField(
        source="warranty.upper", allow_null=True, help_text="Upper bound of the share wrong."
    )
    coverage = serializers.FloatField(source="warranty.coverage")
    missing = serializers.IntegerField(
        source="warranty.missing", help_text="Labels more that it takes at the least."
    )


class LabelWarrantySerializer(serializers.Serializer[Any]):
    """What the champion may accept as one label."""

    label = serializers.CharField()  # type: ignore[assignment]
    threshold = serializers.FloatField(allow_null=True, help_text="None where nothing may be.")
    labels = serializers.IntegerField(help_text="Holdout items that the model answers so.")
    accepted = serializers.IntegerField()
    wrong = serializers.IntegerField()
    upper = serializers.FloatField(allow_null=True, help_text="Upper bound of the share wrong.")
    coverage = serializers.FloatField()
    missing = serializers.IntegerField(help_text="Such items more that it takes at the least.")


class LabelOfferSerializer(serializers.Serializer[Any]):
    """What the champion may accept as each label, under a promise that holds for all of them."""

    error = serializers.FloatField(source="promise.error")
    risk = serializers.FloatField(source="promise.risk")
    risk_each = serializers.FloatField(source="each.risk", help_text="Of each label by itself.")
    coverage = serializers.FloatField(help_text="Share of all answers that is accepted.")
    by_label = serializers.SerializerMethodField()

    @extend_schema_field(LabelWarrantySerializer(many=True))
    def get_by_label(self, offer: LabelOffer) -> list[dict[str, Any]]:
        """Return a row for each label."""
        rows = offer.by_label.items()
        return [
            {"label": name, **asdict(found), "coverage": found.coverage} for name, found in rows
        ]


class PromiseView(ProjectAPIView):
    """The promise of a project's champion."""

    roles: ClassVar = {"GET": Role.REVIEWER}

    @extend_schema(
        operation_id="promise_retrieve", parameters=[AskedSerializer], responses=OfferSerializer
    )
    def get(self, request: Request, slug: str) -> Response:
        """Return the lowest threshold that keeps a promise; nothing is changed.

        Without a model in service nothing may be accepted, by no labels.
        """
        asked = AskedSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        champion = champion_of(self.access.project)
        (offer,) = offers_of(answers_of(champion), [Promise(**asked.validated_data)])
        return Response(OfferSerializer(offer).data)


class LabelPromiseView(ProjectAPIView):
    """The promise of a project's champion for each label by itself."""

    roles: ClassVar = {"GET": Role.REVIEWER}

    @extend_schema(
        operation_id="promise_labels", parameters=[AskedSerializer], responses=LabelOfferSerializer
    )
    def get(self, request: Request, slug: str) -> Response:
        """Return each label's lowest threshold so that a promise holds for all labels at once.

        Nothing is changed: `PUT accepting/` with `label_thresholds` does.
        """
        asked = AskedSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        project = self.access.project
        labels = list(project.labels.values_list("name", flat=True))
        promise = Promise(**asked.validated_data)
        offer = label_offer_of(answers_of(champion_of(project)), promise, labels)
        return Response(LabelOfferSerializer(offer).data)


class AcceptingSerializer(Exact, serializers.ModelSerializer[Deployment]):
    """From which confidence on answers are accepted, under which promise, and whether any are."""

    error = serializers.FloatField(
        source="promise_error", min_value=0.001, max_value=0.5, allow_null=True, required=False
    )
    risk = serializers.FloatField(
        source="promise_risk", min_value=0.001, max_value=0.5, allow_null=True, required=False
    )
    label_thresholds = serializers.DictField(
        child=serializers.FloatField(min_value=0.0, max_value=1.0, allow_null=True),
        allow_null=True,
        required=False,
        help_text="Label name to a threshold of its own; null where one holds for all.",
    )
    reason = serializers.CharField(
        required=False, write_only=True, max_length=REASON_LIMIT, help_text="For the record."
    )

    class Meta:
        model = Deployment
        fields: ClassVar = (
            "accept_threshold",
            "label_thresholds",
            *("error", "risk", "promised_at", "closed_at", "closed_reason", "reason"),
        )
        read_only_fields: ClassVar = ("promised_at", "closed_at", "closed_reason")


class OpeningSerializer(serializers.Serializer[Any]):
    """Why the model may accept again."""

    reason = serializers.CharField(max_length=REASON_LIMIT)


class AcceptingView(ProjectAPIView):
    """What a project's model accepts by itself."""

    roles: ClassVar = {"GET": Role.REVIEWER}

    @extend_schema(operation_id="accepting_retrieve", responses=AcceptingSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """Return the threshold, its promise, and since when and why accepting is closed."""
        return Response(AcceptingSerializer(deployment_of(self.access.project)).data)

    @extend_schema(
        operation_id="accepting_change", request=AcceptingSerializer, responses=AcceptingSerializer
    )
    def put(self, request: Request, slug: str) -> Response:
        """Set the threshold, or one for each label, with a promise to keep or without any.

        A label that `label_thresholds` gives none is not accepted; `accept_threshold` is not in
        force beside it.
        """
        sent = AcceptingSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        said = sent.validated_data
        error, risk = said.get("promise_error"), said.get("promise_risk")
        why: dict[str, Any] = {
            "reason": said.get("reason", ""),
            "promise": Promise(error, risk) if error and risk else None,
        }
        by_label = said.get("label_thresholds")
        if by_label is not None:
            deployment = set_label_thresholds(access=self.access, by_label=by_label, **why)
        else:
            stored = deployment_of(self.access.project).accept_threshold
            threshold = said.get("accept_threshold", stored)
            deployment = set_threshold(access=self.access, threshold=threshold, **why)
        return Response(AcceptingSerializer(deployment).data)


class OpenAcceptingView(ProjectAPIView):
    """Opening again what audits closed."""

    @extend_schema(
        operation_id="accepting_open", request=OpeningSerializer, responses=AcceptingSerializer
    )
    def post(self, request: Request, slug: str) -> Response:
        """Let the model accept again, with a reason. Answers 409 where it accepts already."""
        sent = OpeningSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        deployment = open_accepting(access=self.access, reason=sent.validated_data["reason"])
        return Response(AcceptingSerializer(deployment).data)


urlpatterns = [
    path("promise/", PromiseView.as_view(), name="api-promise"),
    path("promise/labels/", LabelPromiseView.as_view(), name="api-promise-labels"),
    path("accepting/", AcceptingView.as_view(), name="api-accepting"),
    path("accepting/open/", OpenAcceptingView.as_view(), name="api-accepting-open"),
]
