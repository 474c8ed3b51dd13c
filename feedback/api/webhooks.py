"""Webhooks over REST."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from feedback.models import Attempt, Delivery, Kind, Webhook
from feedback.webhooks import endpoints
from labeling.api.base import ProjectAPIView
from labeling.api.serializers.exact import Exact


class WebhookSerializer(serializers.ModelSerializer[Webhook]):
    """An address that is called; its secret is told once, when it is made."""

    created_by = serializers.SlugRelatedField[Any](
        slug_field="username", read_only=True, allow_null=True
    )

    class Meta:
        model = Webhook
        fields: ClassVar[tuple[str, ...]] = (
            "id",
            "url",
            "kinds",
            "paused_at",
            "pause_reason",
            "failing_since",
            "created_by",
            "created_at",
        )


class SecretSerializer(WebhookSerializer):
    """A webhook with the secret that its deliveries are signed with."""

    secret = serializers.CharField()

    class Meta(WebhookSerializer.Meta):
        fields: ClassVar[tuple[str, ...]] = (*WebhookSerializer.Meta.fields, "secret")


class NewWebhookSerializer(Exact):
    """Where to call, and of what to tell."""

    url = serializers.CharField(max_length=endpoints.LONGEST_URL)
    kinds = serializers.ListField(child=serializers.ChoiceField(choices=Kind.choices))


class PauseWebhookSerializer(serializers.Serializer[Any]):
    """Why nothing is to be sent."""

    reason = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=endpoints.REASON_LENGTH
    )


class AttemptSerializer(serializers.ModelSerializer[Attempt]):
    """One call and what came of it."""

    class Meta:
        model = Attempt
        fields: ClassVar = ("made_at", "status", "duration_ms", "answer", "error")


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    """What was or will be sent."""

    class Meta:
        model = Delivery
        fields: ClassVar[tuple[str, ...]] = (
            "id",
            "key",
            "kind",
            "state",
            "attempts",
            "due_at",
            "give_up_at",
            "created_at",
            "finished_at",
        )


class DeliveryLogSerializer(DeliverySerializer):
    """A delivery with its content and how each attempt went."""

    log = AttemptSerializer(many=True, read_only=True)

    class Meta(DeliverySerializer.Meta):
        fields: ClassVar[tuple[str, ...]] = (*DeliverySerializer.Meta.fields, "payload", "log")


def _with_secret(made: endpoints.WithSecret, status: int) -> Response:
    told = WebhookSerializer(made.webhook).data | {"secret": made.secret}
    return Response(told, status=status)


class WebhooksView(ProjectAPIView):
    """The webhooks of a project."""

    @extend_schema(operation_id="webhooks_list", responses=WebhookSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """List them all."""
        return Response(WebhookSerializer(endpoints.webhooks_of(self.access), many=True).data)

    @extend_schema(
        operation_id="webhooks_create",
        request=NewWebhookSerializer,
        responses={201: SecretSerializer},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Add one; the answer carries its secret, which is not told again."""
        sent = NewWebhookSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        return _with_secret(endpoints.add_webhook(access=self.access, **sent.validated_data), 201)


class WebhookView(ProjectAPIView):
    """One webhook."""

    @extend_schema(operation_id="webhooks_retrieve", responses=WebhookSerializer)
    def get(self, request: Request, slug: str, webhook_id: int) -> Response:
        """Return one."""
        found = get_object_or_404(endpoints.webhooks_of(self.access), pk=webhook_id)
        return Response(WebhookSerializer(found).data)

    @extend_schema(
        operation_id="webhooks_change",
        request=NewWebhookSerializer(partial=True),
        responses=WebhookSerializer,
    )
    def patch(self, request: Request, slug: str, webhook_id: int) -> Response:
        """Change its `url` or its `kinds`."""
        get_object_or_404(endpoints.webhooks_of(self.access), pk=webhook_id)
        sent = NewWebhookSerializer(data=request.data, partial=True)
        sent.is_valid(raise_exception=True)
        changed = endpoints.change_webhook(
            access=self.access, webhook_id=webhook_id, **sent.validated_data
        )
        return Response(WebhookSerializer(changed).data)

    @extend_schema(operation_id="webhooks_delete", responses={204: None})
    def delete(self, request: Request, slug: str, webhook_id: int) -> Response:
        """Remove it with its log."""
        endpoints.delete_webhook(access=self.access, webhook_id=webhook_id)
        return Response(status=204)


class PauseWebhookView(ProjectAPIView):
    """Pausing."""

    @extend_schema(
        operation_id="webhooks_pause", request=PauseWebhookSerializer, responses=WebhookSerializer
    )
    def post(self, request: Request, slug: str, webhook_id: int) -> Response:
        """Send nothing until it is resumed; what happens meanwhile is sent then."""
        sent = PauseWebhookSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        paused = endpoints.pause_webhook(
            access=self.access, webhook_id=webhook_id, **sent.validated_data
        )
        return Response(WebhookSerializer(paused).data)


class ResumeWebhookView(ProjectAPIView):
    """Going on."""

    @extend_schema(operation_id="webhooks_resume", request=None, responses=WebhookSerializer)
    def post(self, request: Request, slug: str, webhook_id: int) -> Response:
        """Send what has happened since it was paused, and go on."""
        resumed = endpoints.resume_webhook(access=self.access, webhook_id=webhook_id)
        return Response(WebhookSerializer(resumed).data)


class WebhookSecretView(ProjectAPIView):
    """Another secret."""

    @extend_schema(operation_id="webhooks_secret", request=None, responses=SecretSerializer)
    def post(self, request: Request, slug: str, webhook_id: int) -> Response:
        """Sign with another secret from now on, and tell it this once."""
        return _with_secret(endpoints.renew_secret(access=self.access, webhook_id=webhook_id), 200)


class TestWebhookView(ProjectAPIView):
    """A test."""

    @extend_schema(operation_id="webhooks_test", request=None, responses={202: DeliverySerializer})
    def post(self, request: Request, slug: str, webhook_id: int) -> Response:
        """Queue a delivery of the kind `test`."""
        made = endpoints.send_test(access=self.access, webhook_id=webhook_id)
        return Response(DeliverySerializer(made).data, status=202)


class DeliveriesView(ProjectAPIView, ListAPIView[Delivery]):
    """What was sent to a webhook."""

    serializer_class = DeliverySerializer
    queryset = Delivery.objects.all()

    def get_queryset(self) -> QuerySet[Delivery]:
        """Return the webhook's deliveries."""
        return endpoints.deliveries_of(self.access, self.kwargs["webhook_id"]).defer("payload")

    @extend_schema(operation_id="webhooks_deliveries")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the deliveries, the newest first."""
        return super().get(request, *args, **kwargs)


class DeliveryView(ProjectAPIView):
    """One delivery."""

    @extend_schema(operation_id="webhooks_delivery", responses=DeliveryLogSerializer)
    def get(self, request: Request, slug: str, webhook_id: int, delivery_id: int) -> Response:
        """Return a delivery with its payload and its attempts."""
        found = endpoints.deliveries_of(self.access, webhook_id).prefetch_related("log")
        return Response(DeliveryLogSerializer(get_object_or_404(found, pk=delivery_id)).data)


class ReplayView(ProjectAPIView):
    """Sending again."""

    @extend_schema(
        operation_id="webhooks_replay", request=None, responses={202: DeliverySerializer}
    )
    def post(self, request: Request, slug: str, webhook_id: int, delivery_id: int) -> Response:
        """Send a delivery again, under the same id and with the same content."""
        sent = endpoints.replay(access=self.access, webhook_id=webhook_id, delivery_id=delivery_id)
        return Response(DeliverySerializer(sent).data, status=202)


ONE = "webhooks/<int:webhook_id>/"
DELIVERY = f"{ONE}deliveries/<int:delivery_id>/"

urlpatterns = [
    path("webhooks/", WebhooksView.as_view(), name="api-webhooks"),
    path(ONE, WebhookView.as_view(), name="api-webhook"),
    path(f"{ONE}pause/", PauseWebhookView.as_view(), name="api-webhook-pause"),
    path(f"{ONE}resume/", ResumeWebhookView.as_view(), name="api-webhook-resume"),
    path(f"{ONE}secret/", WebhookSecretView.as_view(), name="api-webhook-secret"),
    path(f"{ONE}test/", TestWebhookView.as_view(), name="api-webhook-test"),
    path(f"{ONE}deliveries/", DeliveriesView.as_view(), name="api-deliveries"),
    path(DELIVERY, DeliveryView.as_view(), name="api-delivery"),
    path(f"{DELIVERY}replay/", ReplayView.as_view(), name="api-delivery-replay"),
]
