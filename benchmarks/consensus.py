"""Votes by simulated annotators: who finds the true label, and is as sure as it may be.

`python -m benchmarks.consensus` compares the majority (a tie counts as its chance to be right),
plain Dawid-Skene and ours. A setting is a kind of crowd, the labels, the votes an item, the votes
an annotator, whether labels are equally frequent, and how many items are so hard that most of the
skill is lost on them. Loss is the majority's accuracy minus ours. A fifth of the items, 200 at
most, is gold, known to the calibration alone; the calibration error is on all the others, of all
repeats together, where every repeat could be calibrated. Settings are shared out to processes, one
a core unless `--processes` says otherwise, which changes no figure. `seconds_100k_votes` is taken
alone, after them. Fewer `--items` take less time and leave more to chance; the JSON of the last
line says how many there were.
"""

import argparse
import json
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from benchmarks.crowd import CROWDS, Setting, simulate
from labeling.statistics.aggregation import OPEN, Votes, aggregate, best_label
from labeling.statistics.gold import Calibrated, calibrate, calibration_error

# Items, labels, votes an item, votes an annotator.
SIZES = (
    (1000, 2, 2, 20),
    (1000, 2, 3, 300),
    (1000, 4, 2, 1000),
    (1000, 4, 3, 10),
    (1000, 4, 5, 300),
    (1000, 10, 2, 20),
    (1000, 10, 3, 30),
    (400, 10, 10, 100),
    (400, 6, 2, 50),
    (400, 5, 7, 40),
    (200, 2, 5, 20),
    (100, 3, 3, 30),
)
HARD = (0.0, 0.3)
# Items a setting over its repeats: so many that a point of accuracy is not chance.
ITEMS = 6000
GOLD_SHARE, MOST_GOLD = 0.2, 200


@dataclass(frozen=True)
class Figures:
    """Accuracies of a setting, and the calibration error where it could be calibrated."""

    majority: float
    dawid_skene: float
    ours: float
    ece: float | None

    @property
    def loss(self) -> float:
        """What ours loses to the majority."""
        return self.majority - self.ours


def main() -> None:
    """Print a table of all settings, then the means and the worst as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--items", type=int, default=ITEMS, help="items a setting, all repeats")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    options = parser.parse_args()
    print("crowd     even  items  labels  votes  each  hard  majority     DS   ours   loss    ECE")
    found = []
    work = partial(measure_alone, items=options.items, seed=options.seed)
    with ProcessPoolExecutor(options.processes) as pool:
        for setting, figures in zip(settings(), pool.map(work, settings()), strict=True):
            found.append(figures)
            print(row(setting, figures), flush=True)
    taken = {"items": options.items, "seconds_100k_votes": round(seconds(options.seed), 2)}
    print(json.dumps(summary(found) | taken))


def settings() -> Iterator[Setting]:
    """Return every setting."""
    for crowd, even, size, hard in product(CROWDS, (True, False), SIZES, HARD):
        yield Setting(crowd, even, *size, hard)


def measure_alone(setting: Setting, *, items: int, seed: int) -> Figures:
    """Return the figures of a setting, by one thread: on so little, several wait for each other."""
    with threadpool_limits(1):
        return measure(setting, items=items, seed=seed)


def measure(setting: Setting, *, items: int, seed: int) -> Figures:
    """Return the means over as many repeats as it takes to see `items` items."""
    accuracies, sure, truth = [], [], []
    repeats = max(items // setting.items, 1)
    for repeat in range(repeats):
        rng = np.random.default_rng([seed, repeat])
        votes, labels = simulate(setting, rng)
        found = aggregate(votes)
        posterior = found.posterior
        rivals = (counted(votes), plain(votes), posterior)
        accuracies.append([accuracy(each, labels) for each in rivals])
        gold = rng.permutation(setting.items) < min(GOLD_SHARE * setting.items, MOST_GOLD)
        calibration = calibrate(found, np.flatnonzero(gold), labels[gold])
        if isinstance(calibration, Calibrated):
            sure.append(calibration.apply(posterior[~gold]))
            truth.append(labels[~gold])
    error = None
    if len(sure) == repeats:
        error = calibration_error(np.concatenate(sure), np.concatenate(truth))
    counts, dawid_skene, ours = np.mean(accuracies, axis=0).tolist()
    return Figures(counts, dawid_skene, ours, error)


def accuracy(posterior: NDArray[np.float64], truth: NDArray[np.int64]) -> float:
    """Return the share of items right; where labels tie, the chance to pick the true one."""
    best = best_label(posterior)
    tied = np.isclose(posterior, posterior.max(axis=1, keepdims=True), rtol=0, atol=1e-9)
    chance = tied[np.arange(len(truth)), truth] / tied.sum(axis=1)
    return float(np.mean(np.where(best == OPEN, chance, best == truth)))


def counted(votes: Votes) -> NDArray[np.float64]:
    """Return the votes an item has for each label."""
    counts = np.zeros((votes.items, votes.labels))
    np.add.at(counts, (votes.item, votes.label), 1)
    return counts


def plain(votes: Votes, rounds: int = 50) -> NDArray[np.float64]:
    """Return the posterior of Dawid and Skene (1979), smoothed by a hundredth of a vote."""
    counts = counted(votes)
    posterior: NDArray[np.float64] = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    cells = votes.annotator * votes.labels + votes.label
    shape = (votes.items, votes.annotators * votes.labels)
    by_item = csr_matrix((np.ones(len(cells)), (votes.item, cells)), shape=shape)
    for _ in range(rounds):
        said = (by_item.T @ posterior + 0.01).reshape(-1, votes.labels, votes.labels)
        logs = np.log(said / said.sum(axis=1, keepdims=True)).reshape(-1, votes.labels)
        scores = np.log(posterior.mean(axis=0) + 1e-12) + by_item @ logs
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        posterior = odds / odds.sum(axis=1, keepdims=True)
    return posterior


def seconds(seed: int) -> float:
    """Return the seconds that 100,000 votes of 200 annotators for ten labels take."""
    setting = Setting("mixed", True, 20_000, 10, 5, 500, 0.3)
    votes, _ = simulate(setting, np.random.default_rng(seed))
    return _timed(lambda: aggregate(votes))


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def row(setting: Setting, figures: Figures) -> str:
    """Return one line of the table."""
    error = "-" if figures.ece is None else f"{figures.ece:.3f}"
    return (
        f"{setting.crowd:<8}  {setting.even!s:<5} {setting.items:>5}  {setting.labels:>6}  "
        f"{setting.votes:>5}  {setting.each:>4}  {setting.hard:>4.1f}  {figures.majority:>8.3f}  "
        f"{figures.dawid_skene:>5.3f}  {figures.ours:>5.3f}  {figures.loss:>5.3f}  {error:>5}"
    )


def summary(found: list[Figures]) -> dict[str, float]:
    """Return mean accuracies, and the worst loss and calibration error of any setting."""
    errors = [each.ece for each in found if each.ece is not None]
    figures = {
        "majority": float(np.mean([each.majority for each in found])),
        "dawid_skene": float(np.mean([each.dawid_skene for each in found])),
        "ours": float(np.mean([each.ours for each in found])),
        "worst_loss_vs_majority": max(each.loss for each in found),
        "ece": max(errors),
        "ece_mean": float(np.mean(errors)),
        "settings": len(found),
        "settings_calibrated": len(errors),
    }
    return {name: round(value, 4) for name, value in figures.items()}


if __name__ == "__main__":
    main()
