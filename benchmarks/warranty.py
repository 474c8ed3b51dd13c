"""A promise about what a model accepts by itself: how often it is broken, and what is accepted.

`python -m benchmarks.warranty` draws labels at random, derives a threshold from them, and looks at
all items whether the promise holds: at most 5 % (and 2 %, 10 %) of the accepted is wrong, broken
with probability .10 at most. `naive` is the lowest threshold that looks right on the same labels.
Coverage is the share of all items that is accepted, against the oracle that knows every label.

The second table promises it of each of four labels by itself, which differ in how often they are
answered and in how right the model is: `broken` where it fails for any of them. `one` is a single
threshold for all, which promises nothing of a label. The oracle knows each label's best threshold.

The last line is JSON: the worst share of broken promises, and the mean coverage of the oracle's for
a promise of 5 % at 2,000 labels (8,000 where each label has its own).
"""

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifier.metrics.warranty import Promise, warrant, warrant_each

RISK, WORLD = 0.10, 200_000
SIZES, LABEL_SIZES = (500, 2_000), (2_000, 8_000)
ERRORS = (0.02, 0.05, 0.10)
Confidence = NDArray[np.float64]
Right = NDArray[np.bool_]
Rule = Callable[[Confidence, Right, Promise], float | None]


@dataclass(frozen=True)
class Model:
    """Confidences from .25 to 1 by a beta distribution, right with confidence ** `boast`."""

    name: str
    a: float
    b: float
    boast: float = 1.0

    def answers(self, count: int, rng: np.random.Generator) -> tuple[Confidence, Right]:
        """Return the confidences of some answers, and which are right."""
        confidence = 0.25 + 0.75 * rng.beta(self.a, self.b, count)
        return confidence, rng.random(count) < confidence**self.boast


MODELS = (Model("strong", 6, 1), Model("typical", 4, 1), Model("boasting", 6, 1, 1.5))
NAMES = ("often", "common", "seldom", "rare")
Kinds = tuple[tuple[float, Model], ...]
# How often each label is answered, and how the model answers it.
SETTINGS: dict[str, Kinds] = {
    "alike": tuple((share, MODELS[1]) for share in (0.4, 0.3, 0.2, 0.1)),
    "uneven": tuple(zip((0.4, 0.3, 0.2, 0.1), (*MODELS, MODELS[1]), strict=True)),
    "weak rare": tuple(zip((0.4, 0.37, 0.14, 0.09), (*MODELS[:1] * 3, MODELS[2]), strict=True)),
}


def main() -> None:
    """Print a table by model, promise and number of labels, then JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replays", type=int, default=300, help="for each row")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    print("model     error  labels  oracle  broken  coverage   naive broken  coverage")
    rows = []
    for model in MODELS:
        world = World(*model.answers(WORLD, rng))
        for error in ERRORS:
            for labels in SIZES:
                row = replay(
                    *(model, world, Promise(error, RISK), labels), replays=options.replays, rng=rng
                )
                rows.append(row)
                print(
                    f"{model.name:<9} {error:>5.2f} {labels:>7}  {row.oracle:>6.3f}  "
                    f"{row.broken:>6.3f}  {row.coverage:>8.3f}   {row.naive_broken:>12.3f}  "
                    f"{row.naive_coverage:>8.3f}"
                )
    told = [row for row in rows if (row.labels, row.error) == (2_000, 0.05)]
    figures = {
        "violations": max(row.broken for row in rows),
        "coverage_of_oracle": float(np.mean([row.coverage / row.oracle for row in told])),
        "naive_violations": max(row.naive_broken for row in rows),
        "naive_coverage_of_oracle": float(
            np.mean([row.naive_coverage / row.oracle for row in told])
        ),
    }
    figures |= by_label(options.replays, rng)
    print(json.dumps({name: round(value, 3) for name, value in figures.items()}))


def by_label(replays: int, rng: np.random.Generator) -> dict[str, float]:
    """Print the table of promises of each label, and return its figures."""
    print("labels' model  error  labels  oracle  broken  coverage   one broken  coverage")
    rows = []
    for name, kinds in SETTINGS.items():
        worlds = [World(*model.answers(WORLD, rng)) for _, model in kinds]
        for error in ERRORS:
            for labels in LABEL_SIZES:
                promise = Promise(error, RISK)
                row = replay_labels(kinds, worlds, promise, labels, replays=replays, rng=rng)
                rows.append(row)
                print(
                    f"{name:<13} {error:>6.2f} {labels:>7}  {row.oracle:>6.3f}  "
                    f"{row.broken:>6.3f}  {row.coverage:>8.3f}   {row.naive_broken:>10.3f}  "
                    f"{row.naive_coverage:>8.3f}"
                )
    told = [row for row in rows if (row.labels, row.error) == (LABEL_SIZES[-1], 0.05)]
    return {
        "label_violations": max(row.broken for row in rows),
        "label_coverage_of_oracle": float(np.mean([row.coverage / row.oracle for row in told])),
        "one_threshold_label_violations": max(row.naive_broken for row in rows),
    }


class World:
    """All answers of a model, with the truth about every threshold."""

    def __init__(self, confidence: Confidence, right: Right) -> None:
        """Order them by confidence."""
        order = np.argsort(-confidence)
        self.ordered = confidence[order]
        self.error = np.cumsum(~right[order]) / np.arange(1, len(order) + 1)

    def truth(self, threshold: float | None) -> tuple[float, float]:
        """Return the share wrong among what a threshold accepts, and what share that is."""
        if threshold is None:
            return 0.0, 0.0
        accepted = int(np.searchsorted(-self.ordered, -threshold, side="right"))
        return (float(self.error[accepted - 1]) if accepted else 0.0), accepted / len(self.ordered)

    def oracle(self, error: float) -> float:
        """Return the largest share of which no more than `error` is wrong."""
        # The first few say nothing: one error among them is a large share.
        kept = np.flatnonzero(self.error[1_000:] <= error)
        return (int(kept[-1]) + 1_001) / len(self.error) if len(kept) else 0.0


@dataclass(frozen=True)
class Row:
    """How one setting went: shares of replays that broke the promise, and mean coverage."""

    error: float
    labels: int
    oracle: float
    broken: float
    coverage: float
    naive_broken: float
    naive_coverage: float


def replay(
    model: Model,
    world: World,
    promise: Promise,
    labels: int,
    *,
    replays: int,
    rng: np.random.Generator,
) -> Row:
    """Derive a threshold from fresh labels again and again, by both rules."""
    drawn = [model.answers(labels, rng) for _ in range(replays)]
    ours, naive = (
        np.array([world.truth(rule(*answers, promise)) for answers in drawn])
        for rule in (by_warranty, naively)
    )
    return Row(
        error=promise.error,
        labels=labels,
        oracle=world.oracle(promise.error),
        broken=float((ours[:, 0] > promise.error).mean()),
        coverage=float(ours[:, 1].mean()),
        naive_broken=float((naive[:, 0] > promise.error).mean()),
        naive_coverage=float(naive[:, 1].mean()),
    )


def replay_labels(
    kinds: Kinds,
    worlds: Sequence[World],
    promise: Promise,
    labels: int,
    *,
    replays: int,
    rng: np.random.Generator,
) -> Row:
    """Derive each label's threshold from fresh answers again and again, and one for all."""
    shares = np.array([share for share, _ in kinds])
    ours, single = [], []
    for _ in range(replays):
        confidence, right, named = answers_of(kinds, labels, rng)
        own = warrant_each(confidence, right, named, promise, NAMES)
        truths = truths_of(worlds, [found.threshold for found in own.values()])
        ours.append(((truths[:, 0] > promise.error).any(), shares @ truths[:, 1]))
        one = truths_of(worlds, [warrant(confidence, right, promise).threshold] * len(worlds))
        single.append(((one[:, 0] > promise.error).any(), shares @ one[:, 1]))
    broken, coverage = np.mean(ours, axis=0).tolist()
    one_broken, one_coverage = np.mean(single, axis=0).tolist()
    return Row(
        error=promise.error,
        labels=labels,
        oracle=float(shares @ [world.oracle(promise.error) for world in worlds]),
        broken=broken,
        coverage=coverage,
        naive_broken=one_broken,
        naive_coverage=one_coverage,
    )


def answers_of(
    kinds: Kinds, count: int, rng: np.random.Generator
) -> tuple[Confidence, Right, NDArray[np.str_]]:
    """Return answers that name each label as often as it is answered."""
    counts = rng.multinomial(count, [share for share, _ in kinds])
    parts = [model.answers(n, rng) for n, (_, model) in zip(counts, kinds, strict=True)]
    confidence, right = (np.concatenate(part) for part in zip(*parts, strict=True))
    return confidence, right, np.repeat(np.array(NAMES), counts)


def truths_of(worlds: Sequence[World], thresholds: Sequence[float | None]) -> NDArray[np.float64]:
    """Return, a row for each label, the share wrong among what is accepted and its share."""
    pairs = zip(worlds, thresholds, strict=True)
    return np.array([world.truth(threshold) for world, threshold in pairs])


def by_warranty(confidence: Confidence, right: Right, promise: Promise) -> float | None:
    """Return the threshold that the promise is kept with."""
    return warrant(confidence, right, promise).threshold


def naively(confidence: Confidence, right: Right, promise: Promise) -> float | None:
    """Return the lowest threshold that looks right."""
    order = np.argsort(-confidence)
    share = np.cumsum(~right[order]) / np.arange(1, len(order) + 1)
    kept = np.flatnonzero(share <= promise.error)
    return float(confidence[order][kept[-1]]) if len(kept) else None


if __name__ == "__main__":
    main()
