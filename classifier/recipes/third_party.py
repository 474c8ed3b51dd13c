"""Recipes of other packages, which announce a class in the entry point group `tagloop.recipes`."""

import logging
from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from classifier.recipes.base import Parameters, Recipe

GROUP = "tagloop.recipes"
log = logging.getLogger(__name__)


def third_party(
    known: Mapping[str, type[Recipe[Any]]], announced: Iterable[EntryPoint] | None = None
) -> dict[str, type[Recipe[Any]]]:
    """Return the recipes that installed packages announce, by name, sorted.

    One that cannot be loaded, is no recipe, or has a name in `known` is left out, and the log says
    why: a broken package must not keep anyone from labeling.
    """
    found: dict[str, type[Recipe[Any]]] = {}
    points = entry_points(group=GROUP) if announced is None else announced
    for point in sorted(points, key=lambda each: (each.name, each.value)):
        try:
            recipe = point.load()
        except Exception:
            log.exception("the recipe %s (%s) cannot be loaded", point.name, point.value)
            continue
        if reason := _flaw(point, recipe, {**known, **found}):
            log.error("the recipe %s (%s) is left out: %s", point.name, point.value, reason)
            continue
        found[point.name] = recipe
    return found


def _flaw(point: EntryPoint, recipe: Any, known: Mapping[str, object]) -> str:
    """Return what keeps a loaded object from being used as a recipe; empty if nothing does."""
    if not (isinstance(recipe, type) and issubclass(recipe, Recipe)):
        return "it is no subclass of classifier.recipes.base.Recipe"
    if missing := sorted(recipe.__abstractmethods__):
        return f"it lacks {', '.join(missing)}"
    if getattr(recipe, "name", None) != point.name:
        return "its attribute name is not that of its entry point"
    if not isinstance(getattr(recipe, "title", None), str):
        return "it has no title"
    kind = getattr(recipe, "parameters_type", None)
    if not (isinstance(kind, type) and issubclass(kind, Parameters)):
        return "its parameters_type is no subclass of Parameters"
    return "a recipe of that name exists" if point.name in known else ""
