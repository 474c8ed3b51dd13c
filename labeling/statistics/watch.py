"""An alarm when an annotator's share right on gold items drops.

The statistic is that of Shiryaev and Roberts (Roberts 1966; Pollak 1985) for right and wrong
results: R <- (R + 1) L, where L is how much likelier the newest result is after the drop than at
the annotator's own baseline. While nothing has changed, R minus the number of results is a
martingale, so that an alarm at R >= A comes at most once in A results on average: the bound needs
no simulation where the baseline is known.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import exp, log, sqrt

from labeling.statistics.skill import STATED, Prior

DROP = 0.15
# Gold results in control per false alarm.
APART = 1000
# Results that only teach the baseline, before the first is judged.
LEARN = 50
# The newest results stay out of the baseline: after a drop it would follow it down.
LAG = 20
# A baseline that is too high rings on its own, one that is too low rings late. So much of its
# standard error is taken off; benchmarks/annotator_drift.py measures what both come to.
CAUTION = 0.3
_HIGHEST, _ROOM = 0.99, 0.05


@dataclass(frozen=True)
class Watch:
    """Where the watch stands after the last result.

    `alarms` are the results, counted from 1, at which it rang; it starts anew after each.
    `judged` counts the results that could have rung. Where it is 0, `reason` says why.
    """

    alarms: tuple[int, ...]
    statistic: float
    threshold: float
    baseline: float
    judged: int
    reason: str = ""


def watch(
    results: Iterable[bool], *, prior: Prior = STATED, drop: float = DROP, apart: int = APART
) -> Watch:
    """Return the alarms over one annotator's gold results, oldest first.

    Args:
        results: whether each was right. Speed is not asked for.
        prior: what a newcomer is taken to be, from `fit_prior`.
        drop: the drop that should be seen soonest, as a share of all answers.
        apart: results in control that lie between false alarms on average.

    Raises ValueError unless 0 < drop < .94 and apart is at least 1.
    """
    if not 0 < drop < _HIGHEST - _ROOM or apart < 1:
        raise ValueError(f"0 < drop < .94 and apart >= 1 expected, not {drop} and {apart}.")
    past = [bool(result) for result in results]
    right, known = prior.right, prior.right + prior.wrong
    alarms: list[int] = []
    statistic, baseline = 0.0, _cautious(right / known, known, drop)
    for number, result in enumerate(past, start=1):
        if number > LAG:
            right, known = right + past[number - LAG - 1], known + 1
        if number <= LEARN:
            continue
        baseline = _cautious(right / known, known, drop)
        statistic = (statistic + 1) * _likelier(result, baseline, drop)
        if statistic >= _threshold(baseline, drop, apart):
            alarms.append(number)
            statistic = 0.0
    threshold = _threshold(baseline, drop, apart)
    judged = max(len(past) - LEARN, 0)
    reason = "" if judged else _too_few(len(past))
    return Watch(tuple(alarms), statistic, threshold, baseline, judged, reason)


def _cautious(share: float, known: float, drop: float) -> float:
    lower = share - CAUTION * sqrt(share * (1 - share) / known)
    return min(max(lower, drop + _ROOM), _HIGHEST)


def _likelier(right: bool, baseline: float, drop: float) -> float:
    return (baseline - drop) / baseline if right else 1 + drop / (1 - baseline)


def _threshold(baseline: float, drop: float, apart: int) -> float:
    """Return A for one alarm in `apart` results.

    R jumps past A, so that A = apart rings too rarely. On average log R lands more than a third of
    the step of a wrong answer above log A, at every baseline from .7 to .95 (simulated).
    """
    return apart / exp(log(1 + drop / (1 - baseline)) / 3)


def _too_few(count: int) -> str:
    return f"Not watched yet: {count} gold results; it takes more than {LEARN}."
