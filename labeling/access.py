"""Who may enter which project: fetching a project and authorising its caller are one call."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Case, IntegerField, OuterRef, QuerySet, When
from django.http import Http404, HttpRequest, HttpResponseBase

from accounts.models import User
from labeling.counting import CountOf
from labeling.models import Membership, Project, Role
from labeling.progress import COUNTED_UP_TO, cases_for
from labeling.views.parts import wants_part

P = ParamSpec("P")


@dataclass(frozen=True)
class Access:
    """A user inside a project, with the role that the user has there.

    `gold_looks` is how many gold items the user was given, None where it was not read.
    """

    project: Project
    user: User
    role: Role
    gold_looks: int | None = None

    def may(self, role: Role) -> bool:
        """Tell whether this user may do what `role` may do."""
        return self.role.rank >= role.rank


@dataclass(frozen=True)
class Seat:
    """A project that a user has a role in.

    `cases` counts what waits for the user's review there, up to COUNTED_UP_TO; it is None for
    annotators and where it was not asked for.
    """

    project: Project
    role: Role
    cases: int | None
    gold_looks: int


def enter(user: User | AnonymousUser, slug: str, role: Role = Role.ANNOTATOR) -> Access:
    """Return the user's access to a project.

    Raises:
        Http404: the user is not a member; that the project exists is not told.
        PermissionDenied: the user is a member with a lower role.
    """
    memberships = Membership.objects.select_related("project").filter(user=user.pk)
    return _access(memberships.filter(project__slug=slug).first(), user, role)


def seats_of(user: User | AnonymousUser, slug: str) -> list[Seat]:
    """Return the user's projects by name, and what waits in that of this slug, in one query."""
    cases = CountOf(cases_for(user).filter(project=OuterRef("project")).order_by()[:COUNTED_UP_TO])
    reviews = When(project__slug=slug, role__in=[Role.REVIEWER, Role.MANAGER], then=cases)
    mine = Membership.objects.select_related("project").filter(user=user.pk)
    counted = mine.annotate(cases=Case(reviews, output_field=IntegerField()))
    return [
        Seat(one.project, Role(one.role), one.cases, one.gold_looks)
        for one in counted.order_by("project")
    ]


def _access(found: Membership | Seat | None, user: User | AnonymousUser, needed: Role) -> Access:
    if found is None or not isinstance(user, User):
        raise Http404("There is no such project among yours.")
    access = Access(found.project, user, Role(found.role), found.gold_looks)
    if not access.may(needed):
        raise PermissionDenied(f"This needs the role of {needed.label.lower()} in this project.")
    return access


def projects_of(user: User | AnonymousUser) -> QuerySet[Project]:
    """Return the projects in which the user has a role."""
    return Project.objects.filter(memberships__user=user.pk)


Page = Callable[Concatenate[HttpRequest, Access, P], HttpResponseBase]
Routed = Callable[..., HttpResponseBase]


def project_page(role: Role) -> Callable[[Page[P]], Routed]:
    """Turn a view of an Access into a view of a project's slug, for callers with this role.

    A whole page has a frame around it: what that shows is read by the same query.
    """

    def decorate(view: Page[P]) -> Routed:
        @wraps(view)
        def inner(
            request: HttpRequest, slug: str, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponseBase:
            if request.method == "POST" or wants_part(request):
                access = enter(request.user, slug, role)
            else:
                seats = seats_of(request.user, slug)
                here = next((seat for seat in seats if seat.project.slug == slug), None)
                access = _access(here, request.user, role)
                request.seats = seats  # type: ignore[attr-defined]
            request.access = access  # type: ignore[attr-defined]
            return view(request, access, *args, **kwargs)

        return inner

    return decorate
