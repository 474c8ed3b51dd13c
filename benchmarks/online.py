"""Accuracy of a live model from a few looks: whether the interval holds, and what it saves.

`python -m benchmarks.online` makes windows of 20,000 answers, draws 400 of them for people by the
plan, in ten groups by confidence, and compares the estimate with the truth. Beside it, as many are
drawn from all alike. The last line is JSON: the share of 95 % intervals that hold the truth, the
one furthest from .95 over all settings, and how many looks fewer reach the spread of the plain
sample, in the typical setting. Where all answers are about equally sure, or the confidence says
nothing, little or nothing is saved.
"""

import argparse
import json

import numpy as np
from numpy.typing import NDArray

from feedback.statistics.audit_plan import plan
from feedback.statistics.online import Looks, Window, accuracy

ANSWERS, LOOKS, GROUPS = 20_000, 400, 10
# Beta distribution of the confidence from .25 to 1, and the power of it that is right. The typical
# one is how the confidences of words and a linear model spread on titles with a sentence or two.
SETTINGS = {
    "typical": (2.1, 0.5, 1.0),
    "better": (3.5, 0.4, 1.0),
    "alike": (4.0, 1.0, 1.0),
    "boasting": (2.1, 0.5, 2.0),
    "modest": (4.0, 2.0, 0.4),
    "clueless": (4.0, 1.0, 0.0),
}
Floats = NDArray[np.float64]


def main() -> None:
    """Print a table by setting, then JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--windows", type=int, default=2000, help="simulated, each row")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    print("setting   truth  looks  coverage    bias  half width  plain sample's  saved")
    coverage, saved = [], {}
    for name, (a, b, boast) in SETTINGS.items():
        confidence = 0.25 + 0.75 * rng.beta(a, b, ANSWERS)
        chance = confidence**boast if boast else np.full(ANSWERS, 0.85)
        found = np.array([once(confidence, chance, rng) for _ in range(options.windows)])
        error, inside, half, plain, looks = found.T
        share = float(inside.mean())
        gain = 1 - float((error**2).mean() / (plain**2).mean())
        coverage.append(share)
        saved[name] = gain
        print(
            f"{name:<9} {chance.mean():>5.3f} {looks.mean():>6.0f}  {share:>8.3f}  "
            f"{error.mean():>+6.4f}  {half.mean():>10.4f}  {1.96 * plain.std():>14.4f}  "
            f"{gain:>5.2f}"
        )
    worst = max(coverage, key=lambda share: abs(share - 0.95))
    figures = {"interval_coverage": worst, "labels_saved_vs_random": saved["typical"]}
    print(json.dumps({name: round(value, 3) for name, value in figures.items()}))


def once(confidence: Floats, chance: Floats, rng: np.random.Generator) -> tuple[float, ...]:
    """Return an estimate's error, whether it holds, its half width, a plain error, and looks."""
    right = rng.random(ANSWERS) < chance
    group = np.minimum((confidence.argsort().argsort() * GROUPS) // ANSWERS, GROUPS - 1)
    sizes = np.bincount(group)
    window = Window(sizes, np.bincount(group, confidence) / sizes)
    wanted = _as_many(plan(window, 0.03).looks)
    drawn = np.concatenate(
        [
            rng.choice(np.flatnonzero(group == each), count, replace=False)
            for each, count in enumerate(wanted)
        ]
    )
    found = accuracy(window, Looks(group[drawn], right[drawn], confidence[drawn]))
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    truth = right.mean()
    plain = right[rng.choice(ANSWERS, len(drawn), replace=False)].mean()
    return (
        found.value - truth,
        found.low <= truth <= found.high,
        (found.high - found.low) / 2,
        plain - truth,
        len(drawn),
    )


def _as_many(looks: NDArray[np.int_]) -> NDArray[np.int_]:
    """Return a plan of about `LOOKS` looks in the same proportions, four in each group at least."""
    wanted: NDArray[np.int_] = np.maximum(np.round(looks * LOOKS / looks.sum()), 4).astype(int)
    return wanted


if __name__ == "__main__":
    main()
