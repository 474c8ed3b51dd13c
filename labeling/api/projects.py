"""Projects over REST."""

from typing import Any, ClassVar, cast

from django.db.models import QuerySet
from django.urls import path, reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from labeling.access import Access
from labeling.api.base import ProjectAPIView
from labeling.api.serializers.exact import Exact
from labeling.api.serializers.labels import GuidelineSerializer, ProjectLabelSerializer
from labeling.models import (
    SKIP_REASONS,
    AfterSkip,
    Membership,
    Order,
    Role,
)
from labeling.ordering import set_order
from labeling.progress import standing_of
from labeling.projects import NewLabel, create_project
from labeling.skip_rules import set_skip_rules


class ProjectSerializer(serializers.ModelSerializer[Membership]):
    """A project as one of its members sees it."""

    slug = serializers.CharField(source="project.slug")
    name = serializers.CharField(source="project.name")
    description = serializers.CharField(source="project.description")
    overlap = serializers.IntegerField(source="project.overlap")
    max_looks = serializers.IntegerField(source="project.max_looks")
    created_at = serializers.DateTimeField(source="project.created_at")

    class Meta:
        model = Membership
        fields: ClassVar[tuple[str, ...]] = (
            "slug",
            "name",
            "description",
            "overlap",
            "max_looks",
            "role",
            "created_at",
        )


class CountsSerializer(serializers.Serializer[Any]):
    """A project's items by where they stand."""

    total = serializers.IntegerField()
    labeled = serializers.IntegerField()
    unlabeled = serializers.IntegerField()
    holdout = serializers.IntegerField()
    waiting = serializers.IntegerField(help_text="Items that wait for annotators.")
    in_review = serializers.IntegerField(help_text="Items that wait for a reviewer.")


class ProjectDetailSerializer(serializers.Serializer[Any]):
    """A project with its labels, its guideline and its counts."""

    slug = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField()
    overlap = serializers.IntegerField()
    overlap_share = serializers.FloatField()
    max_looks = serializers.IntegerField()
    lease_minutes = serializers.IntegerField()
    order = serializers.ChoiceField(choices=Order.choices)
    skip_rules = serializers.DictField(child=serializers.CharField())
    role = serializers.ChoiceField(choices=Role.choices)
    labels = ProjectLabelSerializer(many=True)
    guideline = GuidelineSerializer(allow_null=True)
    counts = CountsSerializer()
    created_at = serializers.DateTimeField()


class QueueSerializer(Exact):
    """How a project hands out its items; what is left out stays."""

    order = serializers.ChoiceField(
        choices=Order.choices, required=False, help_text="Of items that are equally urgent."
    )
    skip_rules = serializers.DictField(
        child=serializers.ChoiceField(choices=AfterSkip.choices),
        required=False,
        help_text=f"Whom an item goes to, by reason to skip it: {', '.join(SKIP_REASONS)}.",
    )


class NewLabelSerializer(serializers.Serializer[Any]):
    """A label to be made; without a key it gets the next that is free."""

    name = serializers.CharField(max_length=80)
    key = serializers.CharField(max_length=1, required=False)
    description = serializers.CharField(max_length=300, required=False, allow_blank=True)


class NewProjectSerializer(serializers.Serializer[Any]):
    """A project to be made."""

    name = serializers.CharField(max_length=120)
    slug = serializers.SlugField(max_length=60)
    labels = NewLabelSerializer(many=True)
    description = serializers.CharField(required=False, allow_blank=True, default="")
    guideline = serializers.CharField(
        required=False, allow_blank=True, default="", help_text="Markdown."
    )
    overlap = serializers.IntegerField(
        min_value=1, max_value=10, default=2, help_text="How many people look at each item."
    )
    overlap_share = serializers.FloatField(
        min_value=0,
        max_value=1,
        default=1.0,
        help_text="On which share of the items; each of the others gets one look.",
    )
    max_looks = serializers.IntegerField(
        min_value=1,
        max_value=15,
        required=False,
        help_text="Up to how many looks before a reviewer decides; left out: the overlap.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a limit below the overlap."""
        if attrs.get("max_looks", attrs["overlap"]) < attrs["overlap"]:
            raise serializers.ValidationError({"max_looks": "It must be at least the overlap."})
        return attrs


class ProjectListView(ListAPIView[Membership]):
    """The caller's projects."""

    serializer_class = ProjectSerializer
    queryset = Membership.objects.select_related("project")

    def get_queryset(self) -> QuerySet[Membership]:
        """Return the caller's memberships."""
        return super().get_queryset().filter(user=self.request.user.pk)

    @extend_schema(
        operation_id="projects_create",
        request=NewProjectSerializer,
        responses={201: ProjectDetailSerializer},
    )
    def post(self, request: Request) -> Response:
        """Make a project with its labels; the caller becomes its manager."""
        wanted = NewProjectSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        user = cast("User", request.user)
        project = create_project(user=user, **_arguments(wanted.validated_data))
        made = Access(project, user, Role.MANAGER)
        place = request.build_absolute_uri(reverse("api-project", args=[project.slug]))
        return Response(_detail(made), status=201, headers={"Location": place})


class ProjectView(ProjectAPIView):
    """One project."""

    roles: ClassVar = {"GET": Role.ANNOTATOR}

    @extend_schema(operation_id="projects_retrieve", responses=ProjectDetailSerializer)
    def get(self, request: Request, slug: str) -> Response:
        """Return a project with its labels, guideline and counts, and the caller's role."""
        return Response(_detail(self.access))

    @extend_schema(
        operation_id="projects_queue", request=QueueSerializer, responses=ProjectDetailSerializer
    )
    def patch(self, request: Request, slug: str) -> Response:
        """Change the order of the items, and whom skipped ones go to."""
        wanted = QueueSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        set_skip_rules(access=self.access, rules=wanted.validated_data.get("skip_rules", {}))
        if "order" in wanted.validated_data:
            set_order(access=self.access, order=Order(wanted.validated_data["order"]))
        return Response(_detail(self.access))


def _arguments(data: dict[str, Any]) -> dict[str, Any]:
    return data | {"labels": [NewLabel(**label) for label in data["labels"]]}


def _detail(access: Access) -> Any:
    project = access.project
    fields = (
        *("slug", "name", "description", "overlap", "overlap_share", "max_looks"),
        *("lease_minutes", "order", "skip_rules", "created_at"),
    )
    known = {name: getattr(project, name) for name in fields} | {
        "role": access.role,
        "labels": project.labels.all(),
        "guideline": project.guidelines.first(),
        "counts": standing_of(project),
    }
    return ProjectDetailSerializer(known).data


urlpatterns = [
    path("projects/", ProjectListView.as_view(), name="api-projects"),
    path("projects/<slug:slug>/", ProjectView.as_view(), name="api-project"),
]
