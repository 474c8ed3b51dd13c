"""A challenger beside the champion for a month: how often an equal one wins, and a better one does.

`python -m benchmarks.promotion` lets people label 20 items a day for 30 days; on a tenth of them
exactly one model is right. Every evening the evidence is read, and once it says that the challenger
is better, it is promoted. Beside it stands a test of the same wins by the normal approximation, at
5 % and read every evening, as is often done. The last line is JSON.
"""

import argparse
import json
from collections.abc import Callable
from math import log
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from classifier.metrics.sequential import LEVEL, log_evidence

DAYS, ITEMS, DISCORDANT = 30, 20, 0.10
Rule = Callable[[NDArray[np.int_], NDArray[np.int_]], NDArray[np.bool_]]


def main() -> None:
    """Print a table by how many points the challenger is better, then JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--months", type=int, default=20_000, help="simulated, each row")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    print(f"{options.months} months each\npoints better  by evidence  by z-test  days by evidence")
    found = {}
    for points in (0, 2, 4, 6, 8):
        days = [first_day(rule, points, options.months, rng) for rule in (by_evidence, by_z_test)]
        shares = [float((day < DAYS).mean()) for day in days]
        won = days[0][days[0] < DAYS]
        typical = float(np.median(won)) + 1 if len(won) else float("nan")
        print(f"{points:>13}  {shares[0]:>11.3f}  {shares[1]:>9.3f}  {typical:>16.0f}")
        found[points] = shares
    figures = {
        "false_promotion": found[0][0],
        "power_at_4_points": found[4][0],
        "z_test_false_promotion": found[0][1],
        "z_test_power_at_4_points": found[4][1],
    }
    print(json.dumps({name: round(value, 4) for name, value in figures.items()}))


def first_day(rule: Rule, points: int, months: int, rng: np.random.Generator) -> NDArray[np.int_]:
    """Return the day, from 0, on which each challenger is promoted; `DAYS` where none is."""
    told_apart = rng.binomial(ITEMS, DISCORDANT, (months, DAYS))
    wins = rng.binomial(told_apart, 0.5 + points / 100 / DISCORDANT / 2).cumsum(axis=1)
    promoted = rule(wins, told_apart.cumsum(axis=1) - wins)
    return np.where(promoted.any(axis=1), promoted.argmax(axis=1), DAYS)


def by_evidence(wins: NDArray[np.int_], losses: NDArray[np.int_]) -> NDArray[np.bool_]:
    """Tell where the evidence says that the challenger is better."""
    return log_evidence(wins, losses) >= -log(LEVEL)


def by_z_test(wins: NDArray[np.int_], losses: NDArray[np.int_]) -> NDArray[np.bool_]:
    """Tell where a test for one look would say so."""
    score: NDArray[np.float64] = (wins - losses) / np.sqrt(np.maximum(wins + losses, 1))
    return score >= NormalDist().inv_cdf(1 - LEVEL)


if __name__ == "__main__":
    main()
