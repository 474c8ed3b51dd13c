"""Slices over REST."""

from typing import Any, ClassVar

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from classifier.models import Slice
from classifier.slices import MOST_WORDS, define_slice, remove_slice
from labeling.api.base import ProjectAPIView
from labeling.models import ResolutionMethod, Role

MOST_TERMS = 100


class SliceSerializer(serializers.Serializer[Any]):
    """A slice: an item is in it that meets every condition which is given."""

    name = serializers.SlugField(max_length=60)
    max_words = serializers.IntegerField(
        min_value=1, max_value=MOST_WORDS, required=False, allow_null=True
    )
    min_words = serializers.IntegerField(
        min_value=1, max_value=MOST_WORDS, required=False, allow_null=True
    )
    terms = serializers.ListField(
        child=serializers.CharField(max_length=100),
        required=False,
        max_length=MOST_TERMS,
        help_text="Whole words or phrases; one is enough.",
    )
    source = serializers.CharField(  # type: ignore[assignment]
        max_length=200,
        required=False,
        allow_blank=True,
        help_text="What the item was imported from.",
    )
    since = serializers.DateField(required=False, allow_null=True)
    until = serializers.DateField(required=False, allow_null=True)
    method = serializers.ChoiceField(
        choices=ResolutionMethod.choices, required=False, allow_blank=True
    )


class SliceListView(ProjectAPIView):
    """The slices of a project, 50 at most."""

    roles: ClassVar = {"GET": Role.REVIEWER}

    @extend_schema(operation_id="slices_list", responses=SliceSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """Return the slices by name; `models/NUMBER/` has their figures."""
        slices: list[Slice] = list(self.access.project.slices.all())
        return Response(SliceSerializer(slices, many=True).data)

    @extend_schema(
        operation_id="slices_define",
        request=SliceSerializer,
        responses={200: SliceSerializer, 201: SliceSerializer},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Define a slice, or give the one of this name new conditions."""
        said = SliceSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        conditions = dict(said.validated_data)
        name = conditions.pop("name")
        made, new = define_slice(access=self.access, name=name, conditions=conditions)
        return Response(SliceSerializer(made).data, status=201 if new else 200)


class SliceView(ProjectAPIView):
    """One slice."""

    @extend_schema(operation_id="slices_remove", responses={204: None})
    def delete(self, request: Request, slug: str, name: str) -> Response:
        """Remove a slice; what evaluations have measured of it stays."""
        remove_slice(access=self.access, name=name)
        return Response(status=204)


urlpatterns = [
    path("slices/", SliceListView.as_view(), name="api-slices"),
    path("slices/<slug:name>/", SliceView.as_view(), name="api-slice"),
]
