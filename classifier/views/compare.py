"""Two models side by side."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from classifier.compare import Duel, compare_models, headline
from classifier.models import ModelVersion, Stage
from classifier.views.answers import DIGITS, PAGE, start_of
from classifier.views.report import name_of, names_of
from labeling.access import Access, project_page
from labeling.models import Role

CHOICES = 200
PAIR = 2


@require_safe
@project_page(Role.REVIEWER)
def page(request: HttpRequest, access: Access) -> HttpResponse:
    """Compare two models; whoever is not named is the champion, or else the newest."""
    models = list(
        access.project.model_versions.only("project", "number", "recipe", "stage")[:CHOICES]
    )
    chosen = _chosen(request, models)
    context: dict[str, Any] = {"models": models, "chosen": chosen, "duel": None}
    if chosen is not None:
        context |= _context(request, access, compare_models(access.project, *chosen))
    return render(request, "classifier/compare.html", context)


def _context(request: HttpRequest, access: Access, duel: Duel) -> dict[str, Any]:
    names = names_of(access.project.labels.all())
    start, differing = start_of(request), duel.differing
    shown = differing[start : start + PAGE]
    more = start + PAGE < len(differing)
    return {
        "duel": duel,
        "headline": headline(duel),
        "low": 100 * duel.versus.difference.low if duel.versus else None,
        "high": 100 * duel.versus.difference.high if duel.versus else None,
        "labels": [(name_of(names, one.label), one, two) for one, two in duel.labels],
        "outcomes": duel.outcomes.items(),
        "differing": len(differing),
        "shown": [
            (
                row,
                name_of(names, row.truth),
                name_of(names, row.first.label),
                name_of(names, row.second.label),
            )
            for row in shown
        ],
        "range": f"{start + 1} to {start + len(shown)} of {len(differing)}",
        "next_url": _url(duel, start + PAGE) if more else "",
        "previous_url": _url(duel, max(start - PAGE, 0)) if start else "",
    }


def _chosen(request: HttpRequest, models: list[ModelVersion]) -> tuple[int, int] | None:
    asked = [request.GET[name] for name in ("first", "second") if request.GET.get(name)]
    if not all(each.isdecimal() and len(each) <= DIGITS for each in asked):
        raise Http404("Name two models by their numbers.")
    if len(asked) == PAIR:
        return int(asked[0]), int(asked[1])
    if len(models) < PAIR:
        return None
    champions = [each.number for each in models if each.stage == Stage.CHAMPION]
    ranked = champions + [each.number for each in models if each.stage != Stage.CHAMPION]
    first = int(asked[0]) if asked else ranked[1 if champions else 0]
    return first, next(number for number in ranked if number != first)


def _url(duel: Duel, start: int) -> str:
    asked = {"first": duel.first.number, "second": duel.second.number, "start": start}
    return f"?{urlencode(asked)}"


urlpatterns = [path("models/compare/", page, name="model-compare")]
