"""The recipes that a project can train with, by name. Imports no Django."""

from typing import Any

from classifier.recipes.base import Parameters, Progress, Recipe, RecipeError
from classifier.recipes.keywords import KeywordsRecipe
from classifier.recipes.linear import LinearRecipe

__all__ = ["RECIPES", "Parameters", "Progress", "Recipe", "RecipeError", "get"]

RECIPES: dict[str, type[Recipe[Any]]] = {
    recipe.name: recipe for recipe in (KeywordsRecipe, LinearRecipe)
}


def get(name: str) -> type[Recipe[Any]]:
    """Return the recipe called `name`; raise RecipeError, with the known names, without one."""
    if name not in RECIPES:
        raise RecipeError(f"Unknown recipe “{name}”; known: {', '.join(RECIPES)}.")
    return RECIPES[name]
