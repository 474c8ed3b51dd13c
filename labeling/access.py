"""Who may enter which project: fetching a project and authorising its caller are one call."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase

from accounts.models import User
from labeling.models import Membership, Project, Role

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


def enter(user: User | AnonymousUser, slug: str, role: Role = Role.ANNOTATOR) -> Access:
    """Return the user's access to a project.

    Raises:
        Http404: the user is not a member; that the project exists is not told.
        PermissionDenied: the user is a member with a lower role.
    """
    membership = (
        Membership.objects.select_related("project")
        .filter(user=user.pk, project__slug=slug)
        .first()
    )
    if membership is None or not isinstance(user, User):
        raise Http404("There is no such project among yours.")
    access = Access(membership.project, user, Role(membership.role), membership.gold_looks)
    if not access.may(role):
        raise PermissionDenied(f"This needs the role of {role.label.lower()} in this project.")
    return access


def projects_of(user: User | AnonymousUser) -> QuerySet[Project]:
    """Return the projects in which the user has a role."""
    return Project.objects.filter(memberships__user=user.pk)


Page = Callable[Concatenate[HttpRequest, Access, P], HttpResponseBase]
Routed = Callable[..., HttpResponseBase]


def project_page(role: Role) -> Callable[[Page[P]], Routed]:
    """Turn a view of an Access into a view of a project's slug, for callers with this role."""

    def decorate(view: Page[P]) -> Routed:
        @wraps(view)
        def inner(
            request: HttpRequest, slug: str, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponseBase:
            access = enter(request.user, slug, role)
            request.access = access  # type: ignore[attr-defined]
            return view(request, access, *args, **kwargs)

        return inner

    return decorate
