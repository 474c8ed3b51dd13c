"""How many labels a model needs when it says what to label next, beside labeling at random.

`python -m benchmarks.active_learning --data FILE.csv` reads the columns title, description and tag.
For each seed a fifth of the rows is kept for measuring. Both ways begin with the same few rows at
random and label the same number of rows a round; ours draws a fifth of each round at random too.
What is counted is the labels until the weighted F1, averaged over the seeds, reaches 98 % of what
all labels give. The last line is JSON.
"""

import argparse
import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.recipes import read
from classifier import recipes
from classifier.metrics.acquisition import (
    SHORTLIST,
    Strategy,
    diverse,
    draw,
    most_uncertain,
    random_places,
    uncertainty,
)
from classifier.metrics.classification import confusion_matrix, predicted_labels, weighted_f1
from classifier.recipes.base import Recipe
from classifier.recipes.directions import points
from classifier.recipes.folds import stratified_folds

FIRST, ROUND, FOLDS = 20, 20, 5
SHARE = 0.98
RANDOM_SHARE = 0.2
Kind = type[Recipe[Any]]


@dataclass(frozen=True)
class Data:
    """All rows."""

    texts: Sequence[str]
    labels: Sequence[str]

    def fit(self, kind: Kind, rows: Sequence[int]) -> Recipe[Any]:
        """Return a model of these rows."""
        model = kind()
        model.fit([self.texts[row] for row in rows], [self.labels[row] for row in rows])
        return model

    def f1(self, model: Recipe[Any], rows: Sequence[int]) -> float:
        """Return the weighted F1 of a model on these rows."""
        shares = model.predict_proba([self.texts[row] for row in rows])
        answers = predicted_labels(shares, list(model.labels))
        truth = [self.labels[row] for row in rows]
        return float(weighted_f1(confusion_matrix(truth, answers, sorted(set(self.labels)))))


class Learner:
    """One seed, labeled one way: what is known so far, and what measures."""

    def __init__(self, data: Data, seed: int, strategy: Strategy | None) -> None:
        """Label the first rows; without a strategy all are drawn at random."""
        fold = stratified_folds(data.labels, folds=FOLDS, seed=seed)
        self.data, self.strategy = data, strategy
        self.chance = random.Random(seed)
        self.test = np.flatnonzero(fold == 0).tolist()
        pool = np.flatnonzero(fold != 0).tolist()
        left = self.chance.sample(pool, len(pool))
        self.known, self.left = left[:FIRST], left[FIRST:]

    def step(self, kind: Kind) -> float:
        """Return the F1 of what is known, and label one more round."""
        model = self.data.fit(kind, self.known)
        chosen = self._drawn() if self.strategy is None else self._chosen(model, self.strategy)
        self.known = self.known + chosen
        gone = set(chosen)
        self.left = [row for row in self.left if row not in gone]
        return self.data.f1(model, self.test)

    def _drawn(self, share: float = 1.0) -> list[int]:
        wanted = len(random_places(min(ROUND, len(self.left)), share))
        return [self.left[at] for at in draw(len(self.left), wanted, self.chance.randrange)]

    def _chosen(self, model: Recipe[Any], strategy: Strategy) -> list[int]:
        drawn = self._drawn(RANDOM_SHARE)
        rest = [row for row in self.left if row not in set(drawn)]
        wanted = min(ROUND, len(self.left)) - len(drawn)
        texts = [self.data.texts[row] for row in rest]
        scores = uncertainty(strategy, model.predict_proba(texts))
        order = most_uncertain(scores, wanted)
        if strategy is Strategy.DIVERSE:
            short = most_uncertain(scores, SHORTLIST * wanted)
            features = points(model, [texts[at] for at in short])
            order = short[diverse(features, scores[short], wanted)]
        return drawn + [rest[at] for at in order]


def main() -> None:
    """Print a curve for each way, the labels needed, and the same as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="CSV: title, description, tag")
    parser.add_argument("--recipe", default="linear")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--strategy", choices=list(Strategy), default=Strategy.DIVERSE)
    options = parser.parse_args()
    started = time.perf_counter()
    kind, data = recipes.get(options.recipe), Data(*read(options.data))
    full = _full(data, kind, options.seeds)
    target = SHARE * full
    print(f"{options.recipe}, {options.seeds} seeds: all labels give {full:.4f}", flush=True)
    ways = {"random": None, options.strategy: Strategy(options.strategy)}
    found = {}
    for way, strategy in ways.items():
        learners = [Learner(data, seed, strategy) for seed in range(options.seeds)]
        found[way] = _needed(way, learners, kind, target)
    few, many = found[options.strategy], found["random"]
    figures = {
        "recipe": options.recipe,
        "strategy": options.strategy,
        "full_f1": round(full, 4),
        "target_f1": round(target, 4),
        "random": many,
        "ours": few,
        "ratio": round(few / many, 3) if few and many else None,
        "seconds": round(time.perf_counter() - started, 1),
    }
    print(json.dumps(figures))


def _full(data: Data, kind: Kind, seeds: int) -> float:
    learners = [Learner(data, seed, None) for seed in range(seeds)]
    return float(
        np.mean([data.f1(data.fit(kind, one.known + one.left), one.test) for one in learners])
    )


def _needed(way: str, learners: Sequence[Learner], kind: Kind, target: float) -> int | None:
    """Print the curve of one way until it reaches the target, and return with how many labels."""
    while True:
        labels, done = len(learners[0].known), not learners[0].left
        mean = float(np.mean([learner.step(kind) for learner in learners]))
        print(f"{way:<8} {labels:>4} labels  F1 {mean:.4f}", flush=True)
        if mean >= target:
            return labels
        if done:
            return None


if __name__ == "__main__":
    main()
