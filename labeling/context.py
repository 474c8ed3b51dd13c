"""What the frame of every page shows: the rail, the switcher and the counts that wait."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse

from labeling.access import Access, Seat, seats_of
from labeling.models import Role
from labeling.progress import COUNTED_UP_TO
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
    ("Label", "label", "l", Role.ANNOTATOR, ("label", "guideline")),
    ("Review", "review", "r", Role.REVIEWER, ("review",)),
    ("Items", "items", "i", Role.REVIEWER, ("item", "import", "export", "deletions", "annotation")),
    ("Quality", "quality", "q", Role.ANNOTATOR, ("quality",)),
    (
        *("Models", "models", "m", Role.REVIEWER),
        ("model", "run", "snapshot", "behaviour", "learning-curve", "gate", "priorities"),
    ),
    ("Rollout", "rollout", "t", Role.REVIEWER, ("rollout", "batch", "promise", "trial")),
    (
        "Monitor",
        "monitor",
        "n",
        Role.REVIEWER,
        ("monitor", "prediction", "routing", "report-links"),
    ),
    ("Settings", "settings", "s", Role.MANAGER, ("settings",)),
)


def frame(request: HttpRequest) -> dict[str, object]:
    """Return the context that base.html needs; outside a project there is no rail.

    An answer that replaces a part of a page has no frame around it.
    """
    access: Access | None = getattr(request, "access", None)
    # An error page may be shown before any middleware has said who asks.
    if access is None or not hasattr(request, "user") or not request.user.is_authenticated:
        return {}
    context: dict[str, object] = {"project": access.project, "role": access.role}
    if wants_part(request):
        return context
    seats = _seats(request, access)
    return context | {
        "projects": [seat.project for seat in seats],
        "rail": _rail(request, access, seats),
    }


def _seats(request: HttpRequest, access: Access) -> list[Seat]:
    """Return what the page was entered with; a form that is shown again was entered without."""
    found: list[Seat] | None = getattr(request, "seats", None)
    return seats_of(request.user, access.project.slug) if found is None else found


def _rail(request: HttpRequest, access: Access, seats: list[Seat]) -> list[RailLink]:
    here = (request.resolver_match and request.resolver_match.url_name) or ""
    cases = next((seat.cases for seat in seats if seat.project.pk == access.project.pk), None)
    return [
        RailLink(
            name=name,
            url=reverse(route, args=[access.project.slug]),
            icon=route,
            key=key,
            current=here.startswith(prefixes),
            count=cases if route == "review" else None,
        )
        for name, route, key, role, prefixes in RAIL
        if access.may(role)
    ]
