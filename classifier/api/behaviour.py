"""Behavioural tests over REST."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from classifier.behaviour import MOST_CASES, add_cases, cases_from, remove_test
from classifier.models import BehaviourCase
from labeling.api.base import ProjectAPIView
from labeling.api.pagination import Newest
from labeling.models import Role


class ByTest(Newest):
    """By test, in the order that cases were added."""

    ordering = ("test", "id")


class BehaviourCaseSerializer(serializers.ModelSerializer[BehaviourCase]):
    """A case: what it needs depends on its kind."""

    class Meta:
        model = BehaviourCase
        fields: ClassVar[tuple[str, ...]] = (
            "test",
            "kind",
            "text",
            "changed",
            "label",
            "direction",
        )


class CasesSerializer(serializers.Serializer[Any]):
    """Cases to add."""

    cases = serializers.ListField(child=serializers.DictField(), max_length=MOST_CASES)
    instead = serializers.BooleanField(default=False, help_text="Drop the cases there are.")


class AddedSerializer(serializers.Serializer[Any]):
    """How many cases are new."""

    added = serializers.IntegerField()


@extend_schema_view(get=extend_schema(operation_id="behaviour_list"))
class BehaviourView(ProjectAPIView, ListAPIView[BehaviourCase]):
    """The cases of a project's behavioural tests; `models/NUMBER/` has their results."""

    roles: ClassVar = {"GET": Role.REVIEWER}
    serializer_class = BehaviourCaseSerializer
    pagination_class = ByTest
    queryset = BehaviourCase.objects.all()

    def get_queryset(self) -> QuerySet[BehaviourCase]:
        """Return the cases of the caller's project."""
        return BehaviourCase.objects.filter(project=self.access.project)

    @extend_schema(operation_id="behaviour_add", request=CasesSerializer, responses=AddedSerializer)
    def post(self, request: Request, slug: str) -> Response:
        """Add cases; those that are there already change nothing."""
        said = CasesSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        added = add_cases(
            project=self.access.project,
            user=self.access.user,
            cases=cases_from(said.validated_data["cases"]),
            instead=said.validated_data["instead"],
        )
        return Response({"added": added})


class BehaviourTestView(ProjectAPIView):
    """One behavioural test."""

    @extend_schema(operation_id="behaviour_remove", responses={204: None})
    def delete(self, request: Request, slug: str, test: str) -> Response:
        """Remove a test with all its cases; what evaluations found stays."""
        remove_test(access=self.access, test=test)
        return Response(status=204)


urlpatterns = [
    path("behaviour/", BehaviourView.as_view(), name="api-behaviour"),
    path("behaviour/<slug:test>/", BehaviourTestView.as_view(), name="api-behaviour-test"),
]
