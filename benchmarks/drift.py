"""How often the drift checks cry wolf, what they find, and how many texts that takes.

`python -m benchmarks.drift --data FILE.csv` reads the columns title, description and tag. The
reference is drawn from half of the rows, windows from the other half: of the same kind (false
alarms), or with a planted shift. Rows repeat where more are asked for than there are. The last
line is JSON.
"""

import argparse
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.recipes import read
from feedback.statistics import drift
from feedback.statistics.novelty import novel_groups

REFERENCE, WINDOW = 350, 200
STEP, LONGEST = 50, 400
SHARE = 0.1
TOPIC = [
    *("sourdough", "bread", "oven", "flour", "yeast", "dough", "baking", "kitchen", "recipe"),
    *("butter", "sugar", "salt", "simmer", "garlic", "onion", "tomato", "pasta", "roast"),
    *("chicken", "soup", "whisk", "cream", "vanilla", "chocolate", "cake", "pastry", "crust"),
]
SURE = 0.85


@dataclass(frozen=True)
class Rows:
    """Texts with the label that a model gives them, and how sure it is."""

    texts: list[str]
    labels: list[str]
    confidence: np.ndarray


class World:
    """A stream of rows like those of a file, and what can happen to it."""

    def __init__(self, texts: list[str], labels: list[str], rng: np.random.Generator) -> None:
        order = rng.permutation(len(texts))
        half = min(REFERENCE, len(texts) // 2)
        self.texts, self.labels, self.rng = texts, labels, rng
        self.old, self.new = order[:half], order[half:]

    def reference(self) -> Rows:
        """Return what the model learned from."""
        return self._rows(self.old)

    def same(self, size: int) -> Rows:
        """Return a window of the same kind."""
        return self._rows(self._draw(self.new, size))

    def new_topic(self, size: int) -> Rows:
        """Return a window in which one in ten texts is about something else."""
        rows = self.same(size)
        for row in np.flatnonzero(self.rng.random(size) < SHARE):
            rows.texts[row] = " ".join(self.rng.choice(TOPIC, 18))
            rows.confidence[row] *= self.rng.uniform(0.4, 1.0)
        return rows

    def class_mix(self, size: int) -> Rows:
        """Return a window in which the second most frequent label comes three times as often."""
        label = Counter(self.labels).most_common(2)[1][0]
        weights = np.array([3.0 if self.labels[row] == label else 1.0 for row in self.new])
        return self._rows(self._draw(self.new, size, weights / weights.sum()))

    def length(self, size: int) -> Rows:
        """Return a window whose texts are cut to the first 60 % of their words."""
        rows = self.same(size)
        cut = [" ".join(words[: -(-6 * len(words) // 10)]) for words in map(str.split, rows.texts)]
        return Rows(cut, rows.labels, rows.confidence)

    def _draw(self, rows: np.ndarray, size: int, weights: np.ndarray | None = None) -> np.ndarray:
        # Without repetition as long as there are enough: repeated texts are no fresh ones.
        repeated = size > len(rows)
        return self.rng.choice(rows, size, replace=repeated, p=weights)

    def _rows(self, rows: np.ndarray) -> Rows:
        return Rows(
            [self.texts[row] for row in rows],
            [self.labels[row] for row in rows],
            np.clip(self.rng.normal(SURE, 0.12, len(rows)), 0.25, 1.0),
        )


def look(reference: Rows, window: Rows, rng: np.random.Generator) -> list[drift.Figure]:
    """Run all checks that need no people."""
    return drift.judge(
        [
            *drift.text_checks(reference.texts, window.texts, rng=rng),
            drift.class_mix(Counter(reference.labels), Counter(window.labels), rng=rng),
            drift.confidence(reference.confidence, window.confidence),
        ]
    )


Shift = Callable[[World, int], Rows]
SHIFTS: dict[str, Shift] = {
    "nothing": World.same,
    "new topic at 10 %": World.new_topic,
    "class mix": World.class_mix,
    "length": World.length,
}


def main() -> None:
    """Print how often each shift is found, by which checks, and after how many texts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="CSV: title, description, tag")
    parser.add_argument("--trials", type=int, default=200, help="windows for each shift")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    texts, labels = read(options.data)
    rng = np.random.default_rng(options.seed)
    found: dict[str, object] = {"trials": options.trials, "window": WINDOW}
    # Small matrices: several threads would only wait for each other.
    threadpool_limits(limits=1)
    for name, shift in SHIFTS.items():
        alarms, by = 0, Counter[str]()
        for _ in range(options.trials):
            world = World(texts, labels, rng)
            figures = look(world.reference(), shift(world, WINDOW), rng)
            alarms += drift.overall(figures) == drift.ALARM
            by.update(one.name for one in figures if one.state == drift.ALARM)
        rate = alarms / options.trials
        print(f"{name:<20} alarm in {rate:6.1%} of windows of {WINDOW}; {dict(by)}", flush=True)
        found[name] = {"alarms": rate, "by": dict(by)}
        if name != "nothing":
            found[name + ", texts until found"] = until_found(shift, texts, labels, rng)
            print(f"{'':<20} found after {found[name + ', texts until found']} texts", flush=True)
    found["groups"] = groups_of(texts, labels, rng)
    print(f"the new topic is most of a group in {found['groups']:.0%} of windows")
    print(json.dumps(found))


def until_found(
    shift: Shift, texts: list[str], labels: list[str], rng: np.random.Generator, *, trials: int = 10
) -> float:
    """Return the median number of texts after which a growing window raises an alarm.

    It is looked at after the least number of texts that a check takes, and after every 50 more.
    """
    sizes = []
    for _ in range(trials):
        world = World(texts, labels, rng)
        reference, rows = world.reference(), shift(world, LONGEST)
        for size in range(drift.NEEDED, LONGEST + 1, STEP):
            part = Rows(rows.texts[:size], rows.labels[:size], rows.confidence[:size])
            if drift.overall(look(reference, part, rng)) == drift.ALARM:
                break
        sizes.append(size)
    return float(np.median(sizes))


def groups_of(
    texts: list[str], labels: list[str], rng: np.random.Generator, *, trials: int = 20
) -> float:
    """Return in which share of windows a novel group holds the new topic and little else."""
    hits = 0
    for _ in range(trials):
        world = World(texts, labels, rng)
        rows = world.new_topic(WINDOW)
        groups = novel_groups(world.reference().texts, rows.texts)
        planted = [
            np.mean([rows.texts[row].split()[0] in TOPIC for row in group.rows]) for group in groups
        ]
        hits += any(share > 0.8 for share in planted)
    return hits / trials


if __name__ == "__main__":
    main()
