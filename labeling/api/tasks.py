"""Claiming, answering and passing on looks over REST."""

from typing import Any, ClassVar

from django.db.models import prefetch_related_objects
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from labeling.annotate import submit, undo
from labeling.answers import last_answers
from labeling.api.base import ProjectAPIView
from labeling.api.serializers.looks import (
    AheadSerializer,
    AnsweredSerializer,
    AnswerSerializer,
    HeldSerializer,
    LastAnswerSerializer,
    LeaseSerializer,
    LessonSerializer,
    LookSerializer,
    NoWorkSerializer,
    SkippedSerializer,
    SkipSerializer,
    TabSerializer,
    TokenSerializer,
    UndoSerializer,
)
from labeling.leasing import WITH_CASE
from labeling.lessons import lesson_of
from labeling.models import Assignment, Role
from labeling.no_work import why_nothing_waits
from labeling.queue import claim_many, extend, release_look, skip

NEXT = OpenApiParameter(
    "next", bool, default=True, description="Whether to claim the next look at once."
)
# Once for all requests: a serializer copies its fields each time that it is made.
HELD = HeldSerializer()


class LookAPIView(ProjectAPIView):
    """A view that any member may post to."""

    roles: ClassVar[dict[str, Role]] = {"POST": Role.ANNOTATOR}

    def claim(self, tab: str = "", ahead: int = 0) -> list[dict[str, Any]]:
        """Return the looks that the caller's tab holds or gets now."""
        project = self.access.project
        looks = claim_many(
            project=project,
            user=self.access.user,
            tab=tab,
            wanted=1 + ahead,
            gold_looks=self.access.gold_looks,
        )
        for look in looks:
            look.task.project = project
        return [HELD.to_representation(look) for look in looks]

    def next_unless_told(self, request: Request) -> dict[str, Any] | None:
        """Claim the next look, unless the query says `next=false`; None where nothing waits."""
        if request.query_params.get("next", "true").lower() in {"false", "0"}:
            return None
        place = TabSerializer(data=request.data)
        place.is_valid(raise_exception=True)
        return next(iter(self.claim(**place.validated_data)), None)

    def call(self, assignment_id: int, sent: serializers.Serializer[Any]) -> dict[str, Any]:
        """Return the arguments of a verb on a look; the verb refuses another project's look.

        Raises:
            Http404: something else is wrong, and the look belongs to another project.
        """
        project = self.access.project
        # Once for the verb and for the look that follows.
        prefetch_related_objects([project], "labels")
        if not sent.is_valid():
            get_object_or_404(Assignment, project=project, pk=assignment_id)
            raise ValidationError(sent.errors)
        named = {"project": project, "user": self.access.user, "assignment_id": assignment_id}
        return {**named, **sent.validated_data}


class NextView(LookAPIView):
    """The next look."""

    @extend_schema(
        operation_id="tasks_next",
        request=AheadSerializer,
        responses={200: LookSerializer, 204: None},
    )
    def post(self, request: Request, slug: str) -> Response:
        """Lease the best look to the caller, or return the one held; 204 where nothing waits.

        With `ahead`, up to two more are leased, and come as the field `ahead`.
        """
        wish = AheadSerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        looks = self.claim(**wish.validated_data)
        if not looks:
            return Response(status=204)
        ahead = {"ahead": looks[1:]} if wish.validated_data["ahead"] else {}
        return Response(looks[0] | ahead)


class WhyView(ProjectAPIView):
    """Why nothing waits."""

    roles: ClassVar[dict[str, Role]] = {"GET": Role.ANNOTATOR}

    @extend_schema(operation_id="tasks_why", responses=NoWorkSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """Say why the caller gets no look at present, and what could bring some."""
        why = why_nothing_waits(self.access.project, self.access.user, role=self.access.role)
        return Response(NoWorkSerializer(why).data)


class LastView(ProjectAPIView):
    """The newest answers."""

    roles: ClassVar[dict[str, Role]] = {"GET": Role.ANNOTATOR}

    @extend_schema(operation_id="tasks_last", responses=LastAnswerSerializer(many=True))
    def get(self, request: Request, slug: str) -> Response:
        """List the caller's last ten answers and whether they can be taken back."""
        answers = last_answers(self.access.project, self.access.user)
        return Response(LastAnswerSerializer(answers, many=True).data)


class UndoView(LookAPIView):
    """The way back."""

    @extend_schema(operation_id="tasks_undo", request=UndoSerializer, responses=HeldSerializer)
    def post(self, request: Request, slug: str) -> Response:
        """Take the caller's newest answer back, or a named one of the last ten.

        Its look is leased to the caller again.
        """
        which = UndoSerializer(data=request.data)
        which.is_valid(raise_exception=True)
        look = undo(project=self.access.project, user=self.access.user, **which.validated_data)
        return Response(HeldSerializer(WITH_CASE.get(pk=look.pk)).data)


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
        annotation = submit(**self.call(assignment_id, AnswerSerializer(data=request.data)))
        stored: dict[str, Any] = {"annotation": annotation.pk, "label": str(annotation.label)}
        lesson = lesson_of(self.access.project, annotation)
        stored["lesson"] = LessonSerializer(lesson).data if lesson else None
        return Response(stored | {"next": self.next_unless_told(request)})


class SkipView(LookAPIView):
    """Passing a look on."""

    @extend_schema(
        operation_id="assignments_skip",
        request=SkipSerializer,
        parameters=[NEXT],
        responses=SkippedSerializer,
    )
    def post(self, request: Request, slug: str, assignment_id: int) -> Response:
        """Pass a look on, with the reason; the project says to whom."""
        went_to = skip(**self.call(assignment_id, SkipSerializer(data=request.data)))
        return Response({"went_to": went_to, "next": self.next_unless_told(request)})


class ReleaseView(LookAPIView):
    """Giving a look back."""

    @extend_schema(
        operation_id="assignments_release", request=TokenSerializer, responses={204: None}
    )
    def post(self, request: Request, slug: str, assignment_id: int) -> Response:
        """Give a look back to the queue at once, without an answer."""
        release_look(**self.call(assignment_id, TokenSerializer(data=request.data)))
        return Response(status=204)


class ExtendView(LookAPIView):
    """More time."""

    @extend_schema(
        operation_id="assignments_extend", request=TokenSerializer, responses=LeaseSerializer
    )
    def post(self, request: Request, slug: str, assignment_id: int) -> Response:
        """Keep a lease for another full period."""
        look = extend(**self.call(assignment_id, TokenSerializer(data=request.data)))
        return Response(LeaseSerializer(look).data)


LOOK = "projects/<slug:slug>/assignments/<int:assignment_id>"

urlpatterns = [
    path("projects/<slug:slug>/tasks/next/", NextView.as_view(), name="api-task-next"),
    path("projects/<slug:slug>/tasks/undo/", UndoView.as_view(), name="api-task-undo"),
    path("projects/<slug:slug>/tasks/last/", LastView.as_view(), name="api-task-last"),
    path("projects/<slug:slug>/tasks/why/", WhyView.as_view(), name="api-task-why"),
    path(f"{LOOK}/release/", ReleaseView.as_view(), name="api-assignment-release"),
    path(f"{LOOK}/submit/", SubmitView.as_view(), name="api-assignment-submit"),
    path(f"{LOOK}/skip/", SkipView.as_view(), name="api-assignment-skip"),
    path(f"{LOOK}/extend/", ExtendView.as_view(), name="api-assignment-extend"),
]
