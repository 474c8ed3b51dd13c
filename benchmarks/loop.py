"""The whole loop on arriving items: how much people have to see, how right the rest comes out.

`python -m benchmarks.loop --data FILE.csv` reads the columns title, description and tag and lets
the rows arrive in 20 rounds, in random order. Three ways are held against each other:

- loop: people see a share of what has arrived and no more, the first items included. They see
  what the model is least sure of, new or left over, and each round trains anew. A quarter is drawn
  at random instead, is never trained on, and proves from which confidence on the model may answer
  by itself (the promise). Where that quarter, at the end, would be too few to prove it even without
  an error, nothing is drawn: nothing could be accepted, and all that people see teaches.
- random: as many items are seen, all drawn at random; the last model answers all others.
- everything: people see all items.

People err in 8 % of their votes; two that agree settle an item, else a third looks, else a
reviewer decides, who errs half as often. What is neither accepted nor seen in the end is answered
by the last model without a promise, and counted as left. `seen_for_99` is the least of the measured
capacities at which everything is 99 % right.

The oracle tells what the data allow: each row is answered by a `blend` that learned from four
fifths of all labels, and people who never err see the rows that it is least sure of.
`oracle_right_at_20` is how right everything is where they see 20 %, `oracle_seen_for_99` what they
must see for 99 %. Its labels cost nothing: a loop has only those of the items that people see.

`--copies` lets each row arrive several times, each time without 15 % of its words: more arrives
than the file has, but copies of one row resemble one another more than real items do, and so
flatter every model (the oracle is asked about the rows as they are). Texts are encoded once and
their vectors kept, so a second run is faster. The last line is JSON.
"""

import argparse
import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import floor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.people import People
from benchmarks.recipes import read
from classifier import recipes
from classifier.metrics.acquisition import Strategy, most_uncertain, uncertainty
from classifier.metrics.classification import confusion_matrix, predicted_labels, weighted_f1
from classifier.metrics.warranty import Promise, warrant
from classifier.recipes.base import Recipe
from classifier.recipes.folds import out_of_fold

ROUNDS, FIRST = 20, 40
DRAWN, KEPT = 0.25, 0.85
AIM, SHARE, ORACLE = 0.99, 0.2, "blend"
Answers = tuple[NDArray[np.float64], list[str]]


@dataclass
class Run:
    """One way and seed: what has arrived, what people said, and what was accepted."""

    texts: Sequence[str]
    truth: Sequence[str]
    people: People
    taught: dict[int, str] = field(default_factory=dict)
    proving: dict[int, str] = field(default_factory=dict)
    accepted: dict[int, str] = field(default_factory=dict)
    model: Recipe[Any] | None = None

    @property
    def seen(self) -> dict[int, str]:
        """What people have said of the items that they saw."""
        return self.taught | self.proving

    def show(self, rows: Sequence[int], into: dict[int, str]) -> None:
        """Let people see items."""
        for row in rows:
            into[row] = self.people.settle(self.truth[row])

    def train(self, recipe: str) -> None:
        """Fit a model to what people said."""
        self.model = recipes.get(recipe)()
        rows = sorted(self.taught)
        self.model.fit([self.texts[row] for row in rows], [self.taught[row] for row in rows])

    def ask(self, rows: Sequence[int]) -> Answers:
        """Return the probabilities and labels that the model gives items."""
        assert self.model is not None
        shares = self.model.predict_proba([self.texts[row] for row in rows])
        return shares, predicted_labels(shares, list(self.model.labels))

    def f1(self, rows: Sequence[int]) -> float:
        """Return the weighted F1 of the model on items."""
        _, said = self.ask(rows)
        truth = [self.truth[row] for row in rows]
        return float(weighted_f1(confusion_matrix(truth, said, sorted(set(self.truth)))))

    def right(self, given: dict[int, str]) -> float:
        """Return the share of some answers that is right."""
        hits = [self.truth[row] == said for row, said in given.items()]
        return float(np.mean(hits)) if hits else 1.0


def main() -> None:
    """Print a table of rounds of the first seed, then the ways and the oracle, then JSON."""
    options = read_options()
    started = time.perf_counter()
    keep_vectors(options)
    ways = mean_of([simulate(options, seed) for seed in range(options.seeds)])
    print("way          seen   looks  accepted  wrong of it  left  right of it  all right     F1")
    for way, row in ways.items():
        print(
            f"{way:<11} {row['seen']:>5.3f} {row['looks']:>7.0f}  {row['accepted']:>8.3f}  "
            f"{row['accepted_wrong']:>11.4f} {row['left']:>5.3f}  {row['left_right']:>11.3f}  "
            f"{row['right']:>9.4f}  {row['f1']:>5.3f}"
        )
    known = mean_of([{"oracle": oracle(options.data, seed)} for seed in range(options.seeds)])
    ours, best = ways["loop"], known["oracle"]
    print(", ".join(f"{name} {value:.4f}" for name, value in best.items()))
    enough = [row["seen"] for row in ways.values() if row["right"] >= AIM]
    figures = ours | best | {f"{way}_right": ways[way]["right"] for way in ("random", "everything")}
    told: dict[str, float] = {name: round(value, 4) for name, value in figures.items()} | {
        "everything_looks": round(ways["everything"]["looks"]),
        "seen_for_99": round(min(enough, default=1.0), 4),
        "proofs_needed": Promise(options.error, options.risk).fewest,
        "reached": ours["right"] >= AIM and ours["seen"] <= SHARE,
        "seconds": round(time.perf_counter() - started, 1),
    }
    print(json.dumps(told))


def read_options() -> argparse.Namespace:
    """Return what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="CSV: title, description, tag")
    parser.add_argument("--recipe", default="embedding")
    parser.add_argument("--copies", type=int, default=1, help="how often each row arrives")
    parser.add_argument("--capacity", type=float, default=0.2, help="share of the items seen")
    parser.add_argument(
        "--more", type=float, nargs="*", default=[0.3, 0.35, 0.4], help="other shares"
    )
    parser.add_argument("--error", type=float, default=0.02, help="promised of the accepted")
    parser.add_argument("--risk", type=float, default=0.1, help="that the promise fails")
    parser.add_argument("--seeds", type=int, default=3)
    return parser.parse_args()


def keep_vectors(options: argparse.Namespace) -> None:
    """Have the recipe encode every text once, as a training does: no model is kept."""
    texts, labels = arriving(*read(options.data), copies=options.copies, seed=0)
    recipes.get(options.recipe)().fit(texts, labels)


def mean_of(found: Sequence[dict[str, dict[str, float]]]) -> dict[str, dict[str, float]]:
    """Return the mean of each figure over the seeds."""
    return {
        way: {name: float(np.mean([one[way][name] for one in found])) for name in row}
        for way, row in found[0].items()
    }


def oracle(data: Path, seed: int) -> dict[str, float]:
    """Return what people who never err and a model that knows almost every label reach."""
    held_out = out_of_fold(recipes.get(ORACLE), None, *read(data), seed=seed)
    assert held_out is not None
    right = held_out.probabilities.argmax(axis=1) == held_out.targets
    surest = np.argsort(-held_out.probabilities.max(axis=1), kind="stable")
    wrong, size = np.cumsum(~right[surest]), len(right)
    answered = size - floor(SHARE * size)
    return {
        "oracle_sure_right": 1 - float(wrong[answered - 1]) / answered,
        "oracle_right_at_20": 1 - float(wrong[answered - 1]) / size,
        "oracle_seen_for_99": 1 - int((wrong <= (1 - AIM) * size).sum()) / size,
    }


def simulate(options: argparse.Namespace, seed: int) -> dict[str, dict[str, float]]:
    """Return the figures of each way on one order of arrival."""
    texts, truth = arriving(*read(options.data), copies=options.copies, seed=seed)
    names = sorted(set(truth))

    def looped(capacity: float, *, show: bool = False) -> Run:
        run = Run(texts, truth, People(names, random.Random(seed)))
        loop(run, options, capacity, random.Random(seed), show=show)
        return run

    ways = {"loop": looped(options.capacity, show=seed == 0)}
    ways |= {f"loop {capacity:g}": looped(capacity) for capacity in options.more}
    for way, count in (("random", len(ways["loop"].seen)), ("everything", len(texts))):
        run = ways[way] = Run(texts, truth, People(names, random.Random(seed)))
        run.show(random.Random(seed).sample(range(len(texts)), count), run.taught)
        run.train(options.recipe)
    return {way: figures_of(run) for way, run in ways.items()}


def arriving(
    texts: Sequence[str], labels: Sequence[str], *, copies: int, seed: int
) -> tuple[list[str], list[str]]:
    """Return the items in the order of their arrival; copies lack some of their words."""
    # Every seed has the same texts, so that their vectors are found again.
    chance = random.Random(0)
    rows = [
        (text if copies == 1 else thinned(text, chance), label)
        for text, label in zip(texts, labels, strict=True)
        for _ in range(copies)
    ]
    random.Random(seed).shuffle(rows)
    return [text for text, _ in rows], [label for _, label in rows]


def thinned(text: str, chance: random.Random) -> str:
    """Return a text without some of its words."""
    kept = [word for word in text.split() if chance.random() < KEPT]
    return " ".join(kept) or text


def loop(
    run: Run,
    options: argparse.Namespace,
    capacity: float,
    chance: random.Random,
    *,
    show: bool,
) -> None:
    """Let the items arrive round by round, and people, model and promise do their part."""
    size, waiting = len(run.texts), list[int]()
    budget = floor(capacity * size) - FIRST
    share = DRAWN if DRAWN * budget >= Promise(options.error, options.risk).fewest else 0.0
    bounds = [FIRST + (size - FIRST) * k // ROUNDS for k in range(ROUNDS + 1)]
    run.show(range(FIRST), run.taught)
    if show:
        print("round  seen  looks  accepted  wrong of it  waiting     F1", flush=True)
    for number in range(1, ROUNDS + 1):
        new = list(range(bounds[number - 1], bounds[number]))
        spent = budget * number // ROUNDS
        proved = chance.sample(new, floor(share * spent) - len(run.proving))
        run.show(proved, run.proving)
        run.train(options.recipe)
        waiting = accept(run, [*waiting, *(set(new) - set(proved))], options)
        waiting = look(run, waiting, FIRST + spent - len(run.seen))
        if show:
            rest = [row for row in range(size) if row not in run.seen]
            print(
                f"{number:>5} {len(run.seen):>5} {run.people.looks:>6} {len(run.accepted):>9}  "
                f"{1 - run.right(run.accepted):>11.4f}  {len(waiting):>7}  {run.f1(rest):.3f}",
                flush=True,
            )
    run.train(options.recipe)


def accept(run: Run, rows: Sequence[int], options: argparse.Namespace) -> list[int]:
    """Accept what the promise allows; return what is left for people, in its order."""
    proving = sorted(run.proving)
    if not proving:
        return sorted(rows)
    shares, said = run.ask(proving)
    right = np.array([run.proving[row] == each for row, each in zip(proving, said, strict=True)])
    found = warrant(shares.max(axis=1), right, Promise(options.error, options.risk))
    if found.threshold is None or not rows:
        return sorted(rows)
    shares, said = run.ask(rows)
    sure = shares.max(axis=1) >= found.threshold
    run.accepted |= {row: said[at] for at, row in enumerate(rows) if sure[at]}
    return sorted(row for at, row in enumerate(rows) if not sure[at])


def look(run: Run, rows: Sequence[int], wanted: int) -> list[int]:
    """Let people see what the model is least sure of; return the rest."""
    if not rows or wanted <= 0:
        return list(rows)
    shares, _ = run.ask(rows)
    chosen = most_uncertain(uncertainty(Strategy.MARGIN, shares), min(wanted, len(rows)))
    picked = {rows[at] for at in chosen.tolist()}
    run.show(sorted(picked), run.taught)
    return [row for row in rows if row not in picked]


def figures_of(run: Run) -> dict[str, float]:
    """Return what came of one way, as shares of all items."""
    size = len(run.texts)
    left = [row for row in range(size) if row not in run.seen and row not in run.accepted]
    answers = dict(zip(left, run.ask(left)[1], strict=True)) if left else {}
    rest = [row for row in range(size) if row not in run.seen]
    return {
        "seen": len(run.seen) / size,
        "seen_right": run.right(run.seen),
        "looks": float(run.people.looks),
        "accepted": len(run.accepted) / size,
        "accepted_wrong": 1 - run.right(run.accepted),
        "left": len(left) / size,
        "left_right": run.right(answers),
        "right": run.right(answers | run.accepted | run.seen),
        "f1": run.f1(rest) if rest else 1.0,
    }


if __name__ == "__main__":
    main()
