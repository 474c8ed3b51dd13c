"""`/api/projects/SLUG/progress/`: the figures of a project's home."""

from typing import Any, ClassVar

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from labeling.api.base import ProjectAPIView
from labeling.home import Home, home_of
from labeling.models import Role


class DayCountSerializer(serializers.Serializer[Any]):
    """The answers of a day (UTC)."""

    day = serializers.DateField()
    answers = serializers.IntegerField()


class LabelCountSerializer(serializers.Serializer[Any]):
    """The items of a label."""

    label = serializers.CharField()  # type: ignore[assignment]
    items = serializers.IntegerField()


class FinishSerializer(serializers.Serializer[Any]):
    """Working days that the rest takes, from the pace of the 14 days (UTC) before today."""

    low = serializers.IntegerField(allow_null=True)
    high = serializers.IntegerField(allow_null=True, help_text="Null: no end can be told.")
    pace = serializers.FloatField(help_text="Answers on a day on which anybody worked.")
    days = serializers.IntegerField(help_text="How many such days there were.")
    reason = serializers.CharField(help_text="Why there is no estimate, if there is none.")


class ActiveSerializer(serializers.Serializer[Any]):
    """One person's answers."""

    username = serializers.CharField(source="user.username")
    today = serializers.IntegerField()
    week = serializers.IntegerField()
    seconds = serializers.FloatField(allow_null=True, help_text="Mean time an answer takes.")
    last = serializers.DateTimeField()
    holds = serializers.IntegerField(help_text="Looks held now.")


class ProgressSerializer(serializers.Serializer[Any]):
    """What is left, how fast it goes, and who is active; some seconds old at most."""

    at = serializers.DateTimeField()
    items = serializers.DictField(
        child=serializers.IntegerField(), help_text="Items by where they stand."
    )
    looks_left = serializers.IntegerField()
    reasons = serializers.DictField(
        child=serializers.IntegerField(), help_text="Open tasks by why they are wanted."
    )
    days = DayCountSerializer(many=True)
    finish = FinishSerializer()
    labels = LabelCountSerializer(many=True)
    people = ActiveSerializer(many=True)


def as_data(home: Home) -> dict[str, Any]:
    """Return the figures as they are sent."""
    return {
        "at": home.at,
        "items": home.left.items,
        "looks_left": home.left.looks,
        "reasons": home.left.reasons,
        "days": [{"day": day, "answers": answers} for day, answers in home.days],
        "finish": home.finish,
        "labels": [{"label": label.name, "items": items} for label, items in home.labels],
        "people": home.people,
    }


class ProgressView(ProjectAPIView):
    """How far a project has come."""

    roles: ClassVar = {"GET": Role.REVIEWER}

    @extend_schema(operation_id="progress_retrieve", responses=ProgressSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """Return the figures of the project's home."""
        return Response(ProgressSerializer(as_data(home_of(self.access.project))).data)


urlpatterns = [
    path("projects/<slug:slug>/progress/", ProgressView.as_view(), name="api-progress"),
]
