"""The loop as one picture."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from labeling.access import Access, project_page
from labeling.loop import STEPS, Step, StepFigure, bottleneck, figures
from labeling.models import Role


@dataclass(frozen=True)
class Card:
    """A step as drawn; `url` is empty where the person may not open its page."""

    step: Step
    figure: StepFigure
    url: str
    bottleneck: bool


@require_safe
@project_page(Role.ANNOTATOR)
def loop(request: HttpRequest, access: Access) -> HttpResponse:
    """Show the eight steps with what waits in each, and the one that holds the others up."""
    found = figures(access.project)
    slowest = bottleneck(found.values())
    cards = [_card(access, step, found, slowest) for step in STEPS]
    current = next((card for card in cards if card.bottleneck), None)
    return render(request, "labeling/loop.html", {"cards": cards, "current": current})


def _card(
    access: Access, step: Step, found: dict[int, StepFigure], slowest: StepFigure | None
) -> Card:
    figure = found.get(step.number, StepFigure(step.number, "none", "nothing registered"))
    # Without items there is one thing to do, and the list of items is not its page.
    empty = step.number == 1 and not figure.count and access.may(Role.MANAGER)
    route = "items-import" if empty else step.route
    return Card(
        step=step,
        figure=figure,
        url=reverse(route, args=[access.project.slug]) if access.may(step.role) else "",
        bottleneck=slowest is not None and slowest.step == step.number,
    )
