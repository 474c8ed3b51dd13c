"""What the frame of every page shows: the rail, the switcher and the counts that wait."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from labeling.access import Access, projects_of
from labeling.models import Role
from labeling.progress import COUNTED_UP_TO, reviewable
from labeling.views.parts import wants_part


@dataclass(frozen=True)
class RailLink:
    """One entry of the rail; `key` follows `g`, `count` says what waits."""

    name: str
    url: str
    icon: str
    key: str
    current: bool
    count: int | None = None

    @property
    def count_is_bound(self) -> bool:
        """Whether the counting stopped at its limit."""
        return self.count == COUNTED_UP_TO


# Name, route, key after `g`, lowest role, and the first words of the routes that belong to it.
RAIL = (
    ("Loop", "loop", "o", Role.ANNOTATOR, ("loop",)),
    ("Label", "label", "l", Role.ANNOTATOR, ("label",)),
    ("Review", "review", "r", Role.REVIEWER, ("review",)),
    ("Items", "items", "i", Role.REVIEWER, ("item", "import")),
    ("Quality", "quality", "q", Role.ANNOTATOR, ("quality",)),
    ("Models", "models", "m", Role.REVIEWER, ("model", "run")),
    ("Rollout", "rollout", "t", Role.REVIEWER, ("rollout", "batch")),
    ("Monitor", "monitor", "n", Role.REVIEWER, ("monitor", "prediction")),
    ("Settings", "settings", "s", Role.MANAGER, ("settings",)),
)


def frame(request: HttpRequest) -> dict[str, object]:
    """Return the context that base.html needs; outside a project there is no rail.

    An answer that replaces a part of a page has no frame around it.
    """
    access: Access | None = getattr(request, "access", None)
    # An error page may be shown before any middleware has said who asks.
    if not hasattr(request, "user") or not request.user.is_authenticated:
        return {}
    if wants_part(request):
        return {} if access is None else {"project": access.project, "role": access.role}
    context: dict[str, object] = {"projects": projects_of(request.user)}
    if access is not None:
        context |= {"project": access.project, "role": access.role, "rail": _rail(request, access)}
    return context


def _rail(request: HttpRequest, access: Access) -> list[RailLink]:
    here = (request.resolver_match and request.resolver_match.url_name) or ""
    return [
        RailLink(
            name=name,
            url=reverse(route, args=[access.project.slug]),
            icon=route,
            key=key,
            current=here.startswith(prefixes),
            count=reviewable(access.project, access.user) if route == "review" else None,
        )
        for name, route, key, role, prefixes in RAIL
        if access.may(role)
    ]
