"""Every recipe on the same data by cross-validation: how good, how honest, how fast.

`python -m benchmarks.recipes --data FILE.csv` reads the columns title, description and tag. It
leaves out `transformer`, whose ten trainings are long without a GPU, unless it is named:
`--recipes linear embedding transformer`. Where linear, embedding and transformer were all
measured, so is the mean of the three. One split into folds may be kind to a recipe by chance:
figures are means over `--splits` of them, numbered from 0. The last line is JSON by recipe.
"""

import argparse
import csv
import json
import os
import time
from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.metrics.calibration import expected_calibration_error
from classifier.metrics.classification import evaluate, predicted_labels
from classifier.recipes import RECIPES, Parameters, Recipe
from classifier.recipes.base import Floats
from classifier.recipes.encoders.cache import FOLDER_VARIABLE, cache_folder
from classifier.recipes.folds import out_of_fold, stratified_folds, take
from classifier.recipes.temperature import apply_temperature, temperature_of
from classifier.recipes.text import join_text

FOLDS = 5


SLOW = "transformer"
HEADING = (
    "recipe        weighted F1  macro F1  accuracy    ECE  ECE before  train s  retrain s  "
    "items/s     MB"
)
ALL = ("linear", "embedding", "transformer")
PUBLISHED = (
    # The course that the data comes from, on a holdout of its own that is not among the data.
    ("SciBERT, fine-tuned on a GPU (README)", 0.9047),
    ("SciBERT, fine-tuned on a GPU (notebook)", 0.9115),
    ("GPT-4, few-shot", 0.930),
    ("GPT-3.5, few-shot", 0.845),
)


@dataclass(frozen=True)
class Figures:
    """One recipe's figures over all folds, each row predicted by a model that never saw it.

    `ece_before` is the calibration error without the temperature. Training starts with the encoder
    prepared and no vector known; `retrain_s` is the same with all vectors kept.
    """

    f1: float
    macro_f1: float
    accuracy: float
    ece: float
    ece_before: float
    train_s: float
    retrain_s: float
    items_per_s: float
    size_mb: float


@dataclass(frozen=True)
class Answers:
    """What a recipe said of every row: as it is, and calibrated."""

    raw: Floats
    calibrated: Floats


def main() -> None:
    """Print a table of the recipes and the published figures, then the same as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="CSV: title, description, tag")
    parser.add_argument("--splits", type=int, default=1, help="how many splits into folds")
    parser.add_argument("--recipes", nargs="+", choices=list(RECIPES), metavar="NAME")
    options = parser.parse_args()
    names = options.recipes or [name for name in RECIPES if name != SLOW]
    texts, labels = read(options.data)
    print(f"{len(texts)} items, {len(set(labels))} labels, {FOLDS} folds, {options.splits} splits")
    print(HEADING)
    with TemporaryDirectory(prefix="tagloop-") as scratch:
        os.environ[FOLDER_VARIABLE] = scratch
        found = measure_all(names, texts, labels, options.splits)
    for title, f1 in PUBLISHED:
        print(f"{title}: weighted F1 {f1:.4f}, on its own holdout")
    print(json.dumps({name: rounded(figures) for name, figures in found.items()}))


def measure_all(
    names: Sequence[str], texts: Sequence[str], labels: Sequence[str], splits: int
) -> dict[str, Figures]:
    """Print each recipe's row, and return the figures by name."""
    found: dict[str, Figures] = {}
    answers: dict[str, list[Answers]] = {}
    for name in names:
        if missing := RECIPES[name].missing():
            print(f"{name:<12}  left out: {', '.join(missing)} is not installed")
            continue
        runs = [Bench(RECIPES[name], texts, labels, seed).measure() for seed in range(splits)]
        found[name] = mean_of([figures for figures, _ in runs])
        answers[name] = [answer for _, answer in runs]
        print(row(name, found[name]), flush=True)
    if set(ALL) <= answers.keys():
        blended = [
            mean_of_all(labels, found, {name: answers[name][split] for name in ALL})
            for split in range(splits)
        ]
        found["blend of all"] = mean_of(blended)
        print(row("blend of all", found["blend of all"]))
    return found


def read(path: Path) -> tuple[list[str], list[str]]:
    """Return the texts and labels of a CSV file; quoted line breaks are kept."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [join_text(row["title"], row["description"]) for row in rows], [r["tag"] for r in rows]


@dataclass(frozen=True)
class Bench:
    """A recipe with its default parameters, and what to measure it on."""

    recipe: type[Recipe[Any]]
    texts: Sequence[str]
    labels: Sequence[str]
    seed: int

    def measure(self) -> tuple[Figures, Answers]:
        """Return the recipe's figures and answers.

        Each fold's temperature comes from its training part alone.
        """
        # What is prepared once on a machine is no part of a training.
        self.recipe(self._brief()).fit(["a", "a", "b", "b"], ["x", "x", "y", "y"])
        fold = stratified_folds(self.labels, folds=FOLDS, seed=self.seed)
        raw = np.zeros((len(self.texts), len(set(self.labels))))
        calibrated, costs = raw.copy(), []
        for number in range(FOLDS):
            train, test = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
            model, temperature, train_s, retrain_s = self._trained(train)
            forget_vectors()
            begun = time.perf_counter()
            raw[test] = model.predict_proba(take(self.texts, test))
            speed = len(test) / (time.perf_counter() - begun)
            calibrated[test] = apply_temperature(raw[test], temperature)
            costs.append((train_s, retrain_s, speed, size_mb(model)))
        answers = Answers(raw, calibrated)
        return figures_of(self.labels, answers, np.median(costs, axis=0).tolist()), answers

    def _trained(self, train: NDArray[np.int64]) -> tuple[Recipe[Any], float, float, float]:
        """Return a model, its temperature, and the seconds of training it anew and once more."""
        seen, answers = take(self.texts, train), take(self.labels, train)
        model, seconds = self.recipe(), []
        forget_vectors()
        for _ in range(1 if self.recipe.name == SLOW else 2):
            begun = time.perf_counter()
            model.fit(seen, answers)
            seconds.append(time.perf_counter() - begun)
        held_out = out_of_fold(self.recipe, None, seen, answers, seed=self.seed)
        return model, temperature_of(held_out), seconds[0], seconds[-1]

    def _brief(self) -> Parameters:
        known = self.recipe.parameters_type()
        brief = {"epochs": 1} if "epochs" in known.to_dict() else {}
        return self.recipe.parameters_type.from_dict(known.to_dict() | brief)


def forget_vectors() -> None:
    """Delete the vectors of all texts, so that encoding them is measured."""
    for path in cache_folder().glob("vectors.sqlite3*"):
        path.unlink()


def size_mb(model: Recipe[Any]) -> float:
    """Return how large the files of a model are."""
    with TemporaryDirectory(prefix="tagloop-") as folder:
        model.save(Path(folder))
        files = [path for path in Path(folder).rglob("*") if path.is_file()]
        return sum(path.stat().st_size for path in files) / 1e6


def mean_of_all(
    labels: Sequence[str], found: dict[str, Figures], answers: dict[str, Answers]
) -> Figures:
    """Return the figures of the mean of the calibrated answers of several recipes."""
    parts = [found[name] for name in ALL]
    mean = np.mean([answers[name].calibrated for name in ALL], axis=0)
    costs = [
        sum(part.train_s for part in parts),
        sum(part.retrain_s for part in parts),
        1 / sum(1 / part.items_per_s for part in parts),
        sum(part.size_mb for part in parts),
    ]
    return figures_of(labels, Answers(mean, mean), costs)


def mean_of(runs: Sequence[Figures]) -> Figures:
    """Return the mean of the figures of several splits."""
    return Figures(*np.mean([astuple(figures) for figures in runs], axis=0).tolist())


def figures_of(labels: Sequence[str], answers: Answers, costs: Sequence[float]) -> Figures:
    """Return the figures of out-of-fold answers, with the costs as measured."""
    order = sorted(set(labels))
    predicted = predicted_labels(answers.calibrated, order)
    overall = evaluate(labels, predicted, answers.calibrated, order)
    targets = np.array([order.index(label) for label in labels])
    return Figures(
        overall.weighted_f1.value,
        overall.macro_f1.value,
        overall.accuracy.value,
        expected_calibration_error(answers.calibrated, targets),
        expected_calibration_error(answers.raw, targets),
        *costs,
    )


def row(name: str, figures: Figures) -> str:
    """Return one line of the table."""
    return (
        f"{name:<12}  {figures.f1:>11.4f}  {figures.macro_f1:>8.4f}  {figures.accuracy:>8.4f}  "
        f"{figures.ece:>5.3f}  {figures.ece_before:>10.3f}  {figures.train_s:>7.2f}  "
        f"{figures.retrain_s:>9.2f}  {figures.items_per_s:>7.0f}  {figures.size_mb:>5.1f}"
    )


def rounded(figures: Figures) -> dict[str, float]:
    """Return the figures by name."""
    return {key: round(value, 4) for key, value in asdict(figures).items()}


if __name__ == "__main__":
    main()
