"""The loop as one picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from labeling import loop as steps
from labeling.access import Access, project_page
from labeling.charts import ROW_HEIGHT, columns, rows
from labeling.counting import CountOf, read_together
from labeling.home import home_of
from labeling.loop import STEPS, Headline, Step, StepFigure, bottleneck, queues
from labeling.models import ItemStatus, Role
from labeling.views.parts import wants_part
from labeling.views.zone import zone_of

LEAST_PEOPLE = 2


@dataclass(frozen=True)
class Card:
    """A step as drawn; `url` is empty where the person may not open its page."""

    step: Step
    figure: StepFigure
    url: str
    bottleneck: bool


@dataclass(frozen=True)
class Shown:
    """A figure in the middle of the ring; `url` is empty where the person may not open its page."""

    headline: Headline
    url: str


@require_safe
@project_page(Role.ANNOTATOR)
def loop(request: HttpRequest, access: Access) -> HttpResponse:
    """Show the eight steps with what waits in each, and the one that holds the others up.

    The ring asks for itself again while the page is open, and gets that part alone.
    """
    found = steps.figures(access.project)
    slowest = bottleneck(found.values())
    cards = [_card(access, step, found, slowest) for step in STEPS]
    context: dict[str, Any] = {
        "cards": cards,
        "current": next((card for card in cards if card.bottleneck), None),
        "queues": _queues(cards, found),
        "headlines": _headlines(access, found),
    }
    if wants_part(request):
        return render(request, "labeling/loop_ring.html", context)
    context |= {
        "shows_figures": access.may(Role.REVIEWER) and bool(found[1].count),
        "to_do": [] if found[1].count or not access.may(Role.MANAGER) else _first_steps(access),
    }
    return render(request, "labeling/loop.html", context)


@require_safe
@project_page(Role.REVIEWER)
def figures(request: HttpRequest, access: Access) -> HttpResponse:
    """Show what is left, how fast it goes and who is active, as a part of the loop page."""
    zone = zone_of(request)
    home = home_of(access.project, zone)
    labels = rows(home.labels)
    context = {
        "project": access.project,
        "home": home,
        "zone": str(zone).replace("_", " "),
        "waiting": home.left.items.get(ItemStatus.WAITING, 0),
        "review": home.left.items.get(ItemStatus.REVIEW, 0),
        "labeled": home.left.items.get(ItemStatus.LABELED, 0),
        "reasons": [(reason, reason.label, count) for reason, count in home.left.reasons.items()],
        "days": columns(home.days),
        "day_peak": max(count for _, count in home.days),
        "hours": columns(home.hours),
        "hour_peak": max(count for _, count in home.hours),
        "labels": labels,
        "labels_height": ROW_HEIGHT * len(labels),
        "today": home.days[-1][1],
    }
    with timezone.override(zone):
        return render(request, "labeling/home.html", context)


def _first_steps(access: Access) -> list[tuple[str, str]]:
    """Return what a project without items may lack beside them, each with where to mend it."""
    project = access.project
    settings = reverse("settings", args=[project.slug])
    found = read_together(
        project,
        written=Exists(project.guidelines.exclude(text="")),
        people=CountOf(project.memberships.all()),
    )
    missing = [
        (not found["written"], "Write the guideline", "guideline"),
        (found["people"] < LEAST_PEOPLE, "Invite annotators", "members"),
    ]
    return [(text, f"{settings}#{section}") for lacking, text, section in missing if lacking]


def _card(
    access: Access, step: Step, found: dict[int, StepFigure], slowest: StepFigure | None
) -> Card:
    figure = found.get(step.number, StepFigure(step.number, "none", "nothing registered"))
    # Without items there is one thing to do, and the list of items is not its page.
    empty = step.number == 1 and not figure.count and access.may(Role.MANAGER)
    route = "items-import" if empty else figure.route or step.route
    return Card(
        step=step,
        figure=figure,
        url=_url(access, route) if access.may(step.role) else "",
        bottleneck=slowest is not None and slowest.step == step.number,
    )


def _queues(cards: Sequence[Card], found: dict[int, StepFigure]) -> list[Card]:
    """Return the steps at which work waits for people, the slowest to clear first."""
    return [cards[figure.step - 1] for figure in queues(found.values())]


def _headlines(access: Access, found: dict[int, StepFigure]) -> list[Shown]:
    return [
        Shown(
            each,
            _url(access, each.route, each.query) if each.route and access.may(step.role) else "",
        )
        for step in STEPS
        if step.number in found
        for each in found[step.number].headlines
    ]


def _url(access: Access, route: str, query: str = "") -> str:
    address = reverse(route, args=[access.project.slug])
    return f"{address}?{query}" if query else address
