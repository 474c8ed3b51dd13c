"""The recipes that a project can train with, by name. Imports no Django."""

from typing import Any

from classifier.recipes.base import Parameters, Progress, Recipe, RecipeError, TrainingStopped
from classifier.recipes.blend import BlendRecipe
from classifier.recipes.embedding import EmbeddingRecipe
from classifier.recipes.keywords import KeywordsRecipe
from classifier.recipes.linear import LinearRecipe
from classifier.recipes.third_party import third_party
from classifier.recipes.transformer import TransformerRecipe

__all__ = [
    "RECIPES",
    "Parameters",
    "Progress",
    "Recipe",
    "RecipeError",
    "TrainingStopped",
    "get",
]

_OWN: dict[str, type[Recipe[Any]]] = {
    recipe.name: recipe
    for recipe in (KeywordsRecipe, LinearRecipe, EmbeddingRecipe, BlendRecipe, TransformerRecipe)
}
RECIPES: dict[str, type[Recipe[Any]]] = {**_OWN, **third_party(_OWN)}


def get(name: str) -> type[Recipe[Any]]:
    """Return the recipe called `name`; raise RecipeError, with the known names, without one."""
    if name not in RECIPES:
        raise RecipeError(f"Unknown recipe “{name}”; known: {', '.join(RECIPES)}.")
    return RECIPES[name]
