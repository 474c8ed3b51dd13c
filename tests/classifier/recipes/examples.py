"""A small set of texts in three labels, and a model trained on it."""

from pathlib import Path

import pytest

from classifier.recipes import RECIPES, Progress

TEXTS = [
    "Kneading the dough for a sourdough loaf",
    "Bake the bread until the crust of the loaf is brown",
    "A sourdough starter for bread without yeast",
    "Which flour makes the best bread dough",
    "Why the crust of my loaf cracks",
    "Flour, water and yeast: a dough for beginners",
    "Pruning the apple trees of an old orchard",
    "When to plant tomatoes in the garden",
    "Garden soil: compost for tomatoes and beans",
    "An orchard of plum and apple trees",
    "Compost from leaves for a small garden",
    "Plant beans between the apple trees",
    "Truing a bicycle wheel with a spoke wrench",
    "Which bicycle chain fits nine gears",
    "Adjust the brake and the gears of a bicycle",
    "A worn chain ruins the gears",
    "Replace a broken spoke of the wheel",
    "Brake pads for a wheel with a steel rim",
]
LABELS = ["baking"] * 6 + ["garden"] * 6 + ["bicycle"] * 6
UNSEEN = ["the loaf of bread", "apple trees in the garden", "the chain and the brake", ""]

every_recipe = pytest.mark.parametrize(
    "recipe",
    [
        pytest.param(
            recipe,
            id=name,
            marks=pytest.mark.skipif(
                bool(recipe.missing()), reason=f"the extra “encoder” is missing: {recipe.missing()}"
            ),
        )
        for name, recipe in RECIPES.items()
    ],
)


class Recorded(Progress):
    """Keeps what a training told, and may offer it a folder for checkpoints."""

    def __init__(self, checkpoint_dir: Path | None = None) -> None:
        self.checkpoint_dir = checkpoint_dir
        self.stages: list[tuple[str, float]] = []
        self.points: list[tuple[float, dict[str, float]]] = []

    def __call__(self, stage: str, done: float) -> None:
        self.stages.append((stage, done))

    def step(self, done: float, **figures: float) -> None:
        self.points.append((done, figures))
