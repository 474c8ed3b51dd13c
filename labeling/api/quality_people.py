"""Checks of annotators over REST: their figures, lifting what followed, and the rules."""

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from labeling.api.base import ProjectAPIView
from labeling.api.serializers.exact import Exact
from labeling.check_rules import RULES, set_checks
from labeling.models import Membership, Project, Role
from labeling.skills import people, people_seen_by, person_seen_by
from labeling.vigilance import lift


class SkillSerializer(serializers.Serializer[Any]):
    """The share right on gold items: a Bayesian estimate with its 95 % interval."""

    mean = serializers.FloatField()
    low = serializers.FloatField()
    high = serializers.FloatField()
    right = serializers.IntegerField()
    answered = serializers.IntegerField()


class ConsistencySerializer(serializers.Serializer[Any]):
    """How often a repeated item got the same answer, with Wilson's 95 % interval."""

    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    hits = serializers.IntegerField(help_text="Answers that were the same.")
    total = serializers.IntegerField(help_text="Items that were answered twice.")
    reason = serializers.CharField(help_text="Why a figure is missing.")


class PersonSerializer(serializers.Serializer[Any]):
    """What checks say about one member; what followed is for reviewers."""

    user_id = serializers.IntegerField()
    username = serializers.CharField()
    skill = SkillSerializer(allow_null=True)
    consistency = ConsistencySerializer()
    paused = serializers.BooleanField()


class WatchedSerializer(PersonSerializer):
    """A member's figures with what followed."""

    warning = serializers.CharField(required=False, help_text="For reviewers.")
    warned_at = serializers.DateTimeField(allow_null=True, required=False)
    review_since = serializers.DateTimeField(
        allow_null=True, required=False, help_text="Since when all answers go to a reviewer."
    )


class ChecksSerializer(Exact, serializers.ModelSerializer[Project]):
    """How a project checks its annotators; a rate or limit of 0 is none."""

    class Meta:
        model = Project
        fields = RULES


class PeopleAPIView(ProjectAPIView):
    """A view of members as the caller may see them."""

    roles: ClassVar = {"GET": Role.ANNOTATOR}

    def shown(self, figures: Any, **options: Any) -> Any:
        """Return figures in the form that the caller may see."""
        form = WatchedSerializer if self.access.may(Role.REVIEWER) else PersonSerializer
        return form(figures, **options).data

    def member(self, user_id: int) -> Membership:
        """Return a member of the project, or answer 404."""
        members = Membership.objects.select_related("user")
        return get_object_or_404(members, project=self.access.project, user=user_id)


class PeopleView(PeopleAPIView):
    """What checks say about the members."""

    @extend_schema(operation_id="quality_people_list", responses=WatchedSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """List the figures of everybody who was checked; an annotator's own alone."""
        return Response(self.shown(people_seen_by(self.access), many=True))


class PersonView(PeopleAPIView):
    """What checks say about one member."""

    @extend_schema(operation_id="quality_people_retrieve", responses=WatchedSerializer)
    def get(self, request: Request, slug: str, user_id: int) -> Response:
        """Return a member's figures; annotators may ask for their own alone."""
        return Response(self.shown(person_seen_by(self.access, self.member(user_id))))


class LiftView(PeopleAPIView):
    """The end of what followed."""

    roles: ClassVar = {"POST": Role.MANAGER}

    @extend_schema(operation_id="quality_people_lift", request=None, responses=WatchedSerializer)
    def post(self, request: Request, slug: str, user_id: int) -> Response:
        """Take back a warning, a review of all answers or a pause that followed from gold items."""
        member = self.member(user_id)
        lift(access=self.access, membership_id=member.pk)
        return Response(self.shown(people(self.access.project, only=member.user)[0]))


class ChecksView(ProjectAPIView):
    """How annotators are checked."""

    roles: ClassVar = {"GET": Role.REVIEWER, "PATCH": Role.MANAGER}

    @extend_schema(operation_id="checks_retrieve", responses=ChecksSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """Return the rates and limits."""
        return Response(ChecksSerializer(self.access.project).data)

    @extend_schema(
        operation_id="checks_update", request=ChecksSerializer, responses=ChecksSerializer
    )
    def patch(self, request: Request, slug: str) -> Response:
        """Change some of them."""
        wanted = ChecksSerializer(data=request.data, partial=True)
        wanted.is_valid(raise_exception=True)
        project = set_checks(access=self.access, **wanted.validated_data)
        return Response(ChecksSerializer(project).data)


PEOPLE = "projects/<slug:slug>/quality/people"

urlpatterns = [
    path(f"{PEOPLE}/", PeopleView.as_view(), name="api-quality-people"),
    path(f"{PEOPLE}/<int:user_id>/", PersonView.as_view(), name="api-quality-person"),
    path(f"{PEOPLE}/<int:user_id>/lift/", LiftView.as_view(), name="api-quality-person-lift"),
    path("projects/<slug:slug>/checks/", ChecksView.as_view(), name="api-checks"),
]
