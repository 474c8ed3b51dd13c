"""Claiming, answering and passing on looks over REST."""

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from labeling.annotate import submit, undo
from labeling.api.base import ProjectAPIView
from labeling.api.serializers.looks import (
    AnsweredSerializer,
    AnswerSerializer,
    LeaseSerializer,
    LookSerializer,
    NextSerializer,
    SkipSerializer,
    TokenSerializer,
)
from labeling.models import Assignment, Role
from labeling.queue import WITH_CASE, claim, extend, skip

NEXT = OpenApiParameter(
    "next", bool, default=True, description="Whether to claim the next look at once."
)


class LookAPIView(ProjectAPIView):
    """A view that any member may post to."""

    roles: ClassVar = {"POST": Role.ANNOTATOR}

    def claim(self) -> dict[str, Any] | None:
        """Return the look that the caller holds or gets now, None where nothing waits."""
        look = claim(project=self.access.project, user=self.access.user)
        return None if look is None else dict(LookSerializer(look).data)

    def claim_unless_told(self, request: Request) -> dict[str, Any] | None:
        """Claim, unless the query says `next=false`."""
        wanted = request.query_params.get("next", "true").lower() not in {"false", "0"}
        return self.claim() if wanted else None

    def look_in_project(self, assignment_id: int) -> dict[str, Any]:
        """Return what names a look to a verb.

        Raises:
            Http404: the look belongs to another project.
        """
        project = self.access.project
        look = get_object_or_404(Assignment, project=project, pk=assignment_id)
        return {"project": project, "user": self.access.user, "assignment_id": look.pk}


class NextView(LookAPIView):
    """The next look."""

    @extend_schema(
        operation_id="tasks_next", request=None, responses={200: LookSerializer, 204: None}
    )
    def post(self, request: Request, slug: str) -> Response:
        """Lease the best look to the caller, or return the one held; 204 where nothing waits."""
        look = self.claim()
        return Response(status=204) if look is None else Response(look)


class UndoView(LookAPIView):
    """The way back."""

    @extend_schema(operation_id="tasks_undo", request=None, responses=LookSerializer)
    def post(self, request: Request, slug: str) -> Response:
        """Take the caller's newest answer back and lease its look again."""
        look = undo(project=self.access.project, user=self.access.user)
        return Response(LookSerializer(WITH_CASE.get(pk=look.pk)).data)


class SubmitView(LookAPIView):
    """An answer."""

    @extend_schema(
        operation_id="assignments_submit",
        request=AnswerSerializer,
        parameters=[NEXT],
        responses=AnsweredSerializer,
    )
    def post(self, request: Request, slug: str, assignment_id: int) -> Response:
        """Answer a look; the same idempotency key again answers the same and changes nothing."""
        look = self.look_in_project(assignment_id)
        answer = AnswerSerializer(data=request.data)
        answer.is_valid(raise_exception=True)
        annotation = submit(**look, **answer.validated_data)
        stored = {"annotation": annotation.pk, "label": str(annotation.label)}
        return Response(stored | {"next": self.claim_unless_told(request)})


class SkipView(LookAPIView):
    """Passing a look on."""

    @extend_schema(
        operation_id="assignments_skip",
        request=SkipSerializer,
        parameters=[NEXT],
        responses=NextSerializer,
    )
    def post(self, request: Request, slug: str, assignment_id: int) -> Response:
        """Pass a look on to somebody else, with the reason."""
        look = self.look_in_project(assignment_id)
        passed = SkipSerializer(data=request.data)
        passed.is_valid(raise_exception=True)
        skip(**look, **passed.validated_data)
        return Response({"next": self.claim_unless_told(request)})


class ExtendView(LookAPIView):
    """More time."""

    @extend_schema(
        operation_id="assignments_extend", request=TokenSerializer, responses=LeaseSerializer
    )
    def post(self, request: Request, slug: str, assignment_id: int) -> Response:
        """Keep a lease for another full period."""
        look = self.look_in_project(assignment_id)
        held = TokenSerializer(data=request.data)
        held.is_valid(raise_exception=True)
        return Response(LeaseSerializer(extend(**look, **held.validated_data)).data)


LOOK = "projects/<slug:slug>/assignments/<int:assignment_id>"

urlpatterns = [
    path("projects/<slug:slug>/tasks/next/", NextView.as_view(), name="api-task-next"),
    path("projects/<slug:slug>/tasks/undo/", UndoView.as_view(), name="api-task-undo"),
    path(f"{LOOK}/submit/", SubmitView.as_view(), name="api-assignment-submit"),
    path(f"{LOOK}/skip/", SkipView.as_view(), name="api-assignment-skip"),
    path(f"{LOOK}/extend/", ExtendView.as_view(), name="api-assignment-extend"),
]
