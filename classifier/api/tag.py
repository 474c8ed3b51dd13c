"""A tag over the application's own address: forwarded to the serving process."""

from typing import Any, ClassVar

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Scope
from classifier.models import Route
from classifier.tag import tag
from labeling.api.base import ProjectAPIView
from labeling.api.problems import CONTENT_TYPE
from labeling.errors import Invalid
from labeling.models import Role


class TextSerializer(serializers.Serializer[Any]):
    """A text to tag: a title, a body or both, up to 20,000 characters."""

    title = serializers.CharField(required=False, max_length=1000)
    body = serializers.CharField(required=False, max_length=20_000)
    external_id = serializers.CharField(required=False, max_length=200)


class TagSerializer(serializers.Serializer[Any]):
    """A model's answer."""

    prediction_id = serializers.UUIDField()
    label = serializers.CharField()  # type: ignore[assignment]
    confidence = serializers.FloatField()
    probabilities = serializers.DictField(child=serializers.FloatField())
    model_version = serializers.IntegerField()
    route = serializers.ChoiceField(choices=Route.choices)
    threshold = serializers.FloatField()
    latency_ms = serializers.FloatField()
    report_url = serializers.URLField(
        allow_null=True,
        help_text="Where anybody may say that it is wrong; null where links are off.",
    )


class TagView(ProjectAPIView):
    """Tags on demand."""

    required_scope = Scope.TAG
    roles: ClassVar = {"POST": Role.ANNOTATOR}
    parser_classes = (JSONParser,)

    @extend_schema(
        operation_id="tag",
        request=TextSerializer,
        responses={
            200: TagSerializer,
            422: OpenApiResponse(description="The text cannot be taken; `detail` says why."),
            503: OpenApiResponse(description="No model, or no serving process; try again later."),
        },
        parameters=[
            OpenApiParameter(
                "Idempotency-Key",
                location="header",
                description="The same key gets the same answer again.",
            )
        ],
    )
    def post(self, request: Request, slug: str) -> Response:
        """Tag a text by the project's champion; the prediction is stored before the answer."""
        if not isinstance(request.data, dict):
            raise Invalid("The body must be a JSON object.")
        answer = tag(
            access=self.access,
            content=request.data,
            idempotency_key=request.headers.get("Idempotency-Key"),
        )
        return Response(
            answer.content,
            status=answer.status,
            headers=answer.headers,
            content_type=None if answer.is_tag else CONTENT_TYPE,
        )


urlpatterns = [path("tag/", TagView.as_view(), name="api-tag")]
