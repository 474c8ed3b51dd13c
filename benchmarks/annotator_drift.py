"""Annotators whose share right on gold items drops: how soon it is seen, how often in error.

`python -m benchmarks.annotator_drift` lets annotators of skills drawn from Beta(18, 2), .90 on
average, answer gold items; none of them is known beforehand. In control they go on as they are, and
every alarm is false; otherwise they lose 15 points after the 200th item. False alarms are counted
per 1,000 gold items in control that were judged. The rows below the first are annotators of one
skill each. The last line is JSON; its first two figures are those of the mixed skills.
"""

import argparse
import json
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from labeling.statistics.watch import DROP, LEARN, watch

CHANGE, AFTER, IN_CONTROL = 200, 300, 1000
SKILLS = (0.95, 0.90, 0.85, 0.80, 0.70)


@dataclass(frozen=True)
class Figures:
    """False alarms per 1,000 judged items, the median delay, and the share seen at all."""

    median_delay_items: float
    false_alarms_per_1000: float
    seen: float


def main() -> None:
    """Print a table by skill, then the same as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--annotators", type=int, default=2000, help="simulated, each row")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = np.random.default_rng(options.seed)
    rows = {"mixed": rng.beta(18, 2, options.annotators)}
    rows |= {f"{skill:.2f}": np.full(options.annotators, skill) for skill in SKILLS}
    print(f"{options.annotators} annotators each, a drop of {DROP:.2f} after {CHANGE} gold items")
    print("skill   median delay  false alarms per 1,000   seen")
    found = {name: measure(skills, rng) for name, skills in rows.items()}
    for name, each in found.items():
        delay, false = each.median_delay_items, each.false_alarms_per_1000
        print(f"{name:<6}  {delay:>12.0f}  {false:>22.2f}  {each.seen:>5.3f}")
    by_skill = {name: asdict(each) for name, each in found.items()}
    print(json.dumps(asdict(found["mixed"]) | {"by_skill": by_skill}))


def measure(skills: NDArray[np.float64], rng: np.random.Generator) -> Figures:
    """Return the figures for annotators of these skills."""
    steady = rng.random((len(skills), IN_CONTROL)) < skills[:, np.newaxis]
    false = sum(len(watch(row.tolist()).alarms) for row in steady)
    dropping = np.repeat(skills[:, np.newaxis], CHANGE + AFTER, axis=1)
    dropping[:, CHANGE:] = np.maximum(dropping[:, CHANGE:] - DROP, 0)
    delays = [delay(row.tolist()) for row in rng.random(dropping.shape) < dropping]
    return Figures(
        median_delay_items=float(np.median(delays)),
        false_alarms_per_1000=round(1000 * false / (len(skills) * (IN_CONTROL - LEARN)), 3),
        seen=round(float(np.mean(np.isfinite(delays))), 4),
    )


def delay(results: list[bool]) -> float:
    """Return the items from the drop to the first alarm after it, infinite without one."""
    after = (alarm - CHANGE for alarm in watch(results).alarms if alarm > CHANGE)
    return next(after, np.inf)


if __name__ == "__main__":
    main()
