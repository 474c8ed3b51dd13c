"""`/api/projects/SLUG/members/`: who belongs to a project."""

from typing import Any, ClassVar

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from labeling.api.base import ProjectAPIView
from labeling.models import Membership, Role
from labeling.pausing import REASON_LIMIT, pause, resume
from labeling.projects import remove_member, set_member


class MemberSerializer(serializers.ModelSerializer[Membership]):
    """A person's role in the project."""

    username = serializers.CharField(source="user.username", max_length=150)

    class Meta:
        model = Membership
        fields = ("id", "username", "role", "paused_at", "pause_reason", "created_at")
        read_only_fields = ("id", "paused_at", "pause_reason", "created_at")


class PauseSerializer(serializers.Serializer[Any]):
    """Why a member is paused."""

    reason = serializers.CharField(max_length=REASON_LIMIT, help_text="The member reads it.")


class MembersView(ProjectAPIView):
    """The people of a project."""

    roles: ClassVar[dict[str, Role]] = {"GET": Role.REVIEWER}

    @extend_schema(operation_id="members_list", responses=MemberSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """List everybody with their role."""
        members = self.access.project.memberships.select_related("user").order_by("id")
        return Response(MemberSerializer(members, many=True).data)

    @extend_schema(
        operation_id="members_set", request=MemberSerializer, responses={201: MemberSerializer}
    )
    def post(self, request: Request, slug: str) -> Response:
        """Give a person a role, or another role than before."""
        wanted = MemberSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        member = set_member(
            access=self.access,
            username=wanted.validated_data["user"]["username"],
            role=Role(wanted.validated_data["role"]),
        )
        return Response(MemberSerializer(member).data, status=201)


class MemberView(ProjectAPIView):
    """One person of a project."""

    @extend_schema(operation_id="members_remove", responses={204: None})
    def delete(self, request: Request, slug: str, member_id: int) -> Response:
        """Take the person out; what the person did stays."""
        remove_member(access=self.access, membership_id=member_id)
        return Response(status=204)


class PauseView(ProjectAPIView):
    """Whether a person gets looks."""

    @extend_schema(
        operation_id="members_pause", request=PauseSerializer, responses=MemberSerializer
    )
    def post(self, request: Request, slug: str, member_id: int) -> Response:
        """Give the person no more looks and take back what the person holds."""
        wanted = PauseSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        member = pause(access=self.access, membership_id=member_id, **wanted.validated_data)
        return Response(MemberSerializer(member).data)


class ResumeView(ProjectAPIView):
    """The end of a pause."""

    @extend_schema(operation_id="members_resume", request=None, responses=MemberSerializer)
    def post(self, request: Request, slug: str, member_id: int) -> Response:
        """Let the person get looks again."""
        return Response(MemberSerializer(resume(access=self.access, membership_id=member_id)).data)


MEMBER = "projects/<slug:slug>/members/<int:member_id>"

urlpatterns = [
    path("projects/<slug:slug>/members/", MembersView.as_view(), name="api-members"),
    path(f"{MEMBER}/", MemberView.as_view(), name="api-member"),
    path(f"{MEMBER}/pause/", PauseView.as_view(), name="api-member-pause"),
    path(f"{MEMBER}/resume/", ResumeView.as_view(), name="api-member-resume"),
]
