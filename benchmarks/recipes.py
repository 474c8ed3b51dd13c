"""Every recipe on the same data by cross-validation: how good, how honest, how fast.

`python -m benchmarks.recipes --data FILE.csv` reads the columns title, description and tag. The
last line is JSON by recipe.
"""

import argparse
import csv
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from classifier.metrics.calibration import expected_calibration_error
from classifier.metrics.classification import evaluate, predicted_labels
from classifier.recipes import RECIPES, Recipe
from classifier.recipes.base import Floats
from classifier.recipes.folds import out_of_fold, stratified_folds, take
from classifier.recipes.temperature import apply_temperature, temperature_of
from classifier.recipes.text import join_text

FOLDS = 5


@dataclass(frozen=True)
class Figures:
    """One recipe's figures over all folds, each row predicted by a model that never saw it."""

    f1: float
    macro_f1: float
    accuracy: float
    ece: float
    train_s: float
    items_per_s: float


def main() -> None:
    """Print a table of all recipes, then the same as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="CSV: title, description, tag")
    parser.add_argument("--seed", type=int, default=0, help="which split into folds")
    options = parser.parse_args()
    texts, labels = read(options.data)
    print(f"{len(texts)} items, {len(set(labels))} labels, {FOLDS} folds, seed {options.seed}")
    print("recipe      weighted F1  macro F1  accuracy    ECE  train s  items/s")
    found: dict[str, dict[str, float]] = {}
    for name, recipe in RECIPES.items():
        figures = measure(recipe, texts, labels, seed=options.seed)
        print(row(name, figures))
        found[name] = {key: round(value, 4) for key, value in asdict(figures).items()}
    print(json.dumps(found))


def read(path: Path) -> tuple[list[str], list[str]]:
    """Return the texts and labels of a CSV file; quoted line breaks are kept."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [join_text(row["title"], row["description"]) for row in rows], [r["tag"] for r in rows]


def measure(
    recipe: type[Recipe[Any]], texts: Sequence[str], labels: Sequence[str], *, seed: int
) -> Figures:
    """Return the recipe's figures. Each fold's temperature comes from its training part alone."""
    order = sorted(set(labels))
    fold = stratified_folds(labels, folds=FOLDS, seed=seed)
    probabilities = np.zeros((len(texts), len(order)))
    train_seconds, predict_seconds = [], 0.0
    for number in range(FOLDS):
        train, test = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        seen, answers = take(texts, train), take(labels, train)
        temperature = temperature_of(out_of_fold(recipe, None, seen, answers, seed=seed))
        started = time.perf_counter()
        model = recipe()
        model.fit(seen, answers)
        trained = time.perf_counter()
        raw = model.predict_proba(take(texts, test))
        predict_seconds += time.perf_counter() - trained
        train_seconds.append(trained - started)
        probabilities[test] = apply_temperature(raw, temperature)
    speed = len(texts) / predict_seconds
    return summary(labels, probabilities, order, float(np.median(train_seconds)), speed)


def summary(
    labels: Sequence[str], probabilities: Floats, order: list[str], train_s: float, speed: float
) -> Figures:
    """Return the figures of out-of-fold `probabilities`, with the times as measured."""
    overall = evaluate(labels, predicted_labels(probabilities, order), probabilities, order)
    targets = np.array([order.index(label) for label in labels])
    return Figures(
        f1=overall.weighted_f1.value,
        macro_f1=overall.macro_f1.value,
        accuracy=overall.accuracy.value,
        ece=expected_calibration_error(probabilities, targets),
        train_s=train_s,
        items_per_s=speed,
    )


def row(name: str, figures: Figures) -> str:
    """Return one line of the table."""
    return (
        f"{name:<10}  {figures.f1:>11.4f}  {figures.macro_f1:>8.4f}  {figures.accuracy:>8.4f}  "
        f"{figures.ece:>5.3f}  {figures.train_s:>7.2f}  {figures.items_per_s:>7.0f}"
    )


if __name__ == "__main__":
    main()
