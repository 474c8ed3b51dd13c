"""`/api/projects/SLUG/members/`: who belongs to a project."""

from typing import ClassVar

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from labeling.api.base import ProjectAPIView
from labeling.models import Membership, Role
from labeling.projects import remove_member, set_member


class MemberSerializer(serializers.ModelSerializer[Membership]):
    """A person's role in the project."""

    username = serializers.CharField(source="user.username", max_length=150)

    class Meta:
        model = Membership
        fields = ("id", "username", "role", "created_at")
        read_only_fields = ("id", "created_at")


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


urlpatterns = [
    path("projects/<slug:slug>/members/", MembersView.as_view(), name="api-members"),
    path("projects/<slug:slug>/members/<int:member_id>/", MemberView.as_view(), name="api-member"),
]
