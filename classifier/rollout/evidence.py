"""What people's labels say of two models: the wins of each, and the evidence after each label."""

from dataclasses import dataclass
from datetime import datetime
from math import exp, log

import numpy as np

from classifier.metrics.sequential import LEVEL, Evidence, evidence, log_evidence
from classifier.models import Trial

BOUND = 1 / LEVEL


@dataclass(frozen=True)
class Look:
    """Where the evidence stood after a label that told the two models apart."""

    at: datetime
    wins: int
    losses: int
    log_better: float

    @property
    def value(self) -> float:
        """The evidence that the challenger is better: 1 at the start, and the bound is 20."""
        return exp(min(self.log_better, 700.0))


@dataclass(frozen=True)
class Standing:
    """The evidence of a trial now, how it came to it, and how many labels it rests on.

    `labeled` counts the items about which people were asked and have said what is right; on some
    of them both models were wrong.
    """

    now: Evidence
    path: list[Look]
    labeled: int

    @property
    def verdict(self) -> str:
        """What it says: better, worse, or nothing yet."""
        if self.now.won():
            return "better"
        return "worse" if self.now.lost() else ""

    @property
    def share_of_bound(self) -> float:
        """How much of the way to the bound the evidence has come on a log scale, 0 to 1."""
        return min(max(self.now.log_better / log(BOUND), 0.0), 1.0)


def standing_of(trial: Trial) -> Standing:
    """Return what people's labels say so far. May be read as often as one likes.

    Only items that the trial had people asked about count: which those are is drawn by lot among
    the disagreements, so no model's doubts decide what it is measured on.
    """
    judged = [
        (at, truth == challenger, truth == champion)
        for at, truth, challenger, champion in _labels(trial)
    ]
    told = [(at, won) for at, won, lost in judged if won != lost]
    wins = np.cumsum([won for _, won in told], dtype=int)
    losses = np.arange(1, len(told) + 1) - wins
    logs = log_evidence(wins, losses).tolist() if told else []
    path = [
        Look(at, int(won), int(lost), log_better)
        for (at, _), won, lost, log_better in zip(told, wins, losses, logs, strict=True)
    ]
    now = evidence(path[-1].wins, path[-1].losses) if path else evidence(0, 0)
    return Standing(now, path, len(judged))


def _labels(trial: Trial) -> list[tuple[datetime, int, int, int]]:
    """Return when people said what, and what challenger and champion had said, in that order."""
    judged = trial.pairs.filter(
        differs=True, item__deletion=None, item__resolution__isnull=False
    ).order_by("item__resolution__resolved_at", "pk")
    rows = judged.values_list(
        "item__resolution__resolved_at",
        "item__resolution__label_id",
        "label_id",
        "prediction__label_id",
        "model_version_id",
    )
    return [
        (at, truth, silent, told) if model == trial.challenger_id else (at, truth, told, silent)
        for at, truth, silent, told, model in rows
    ]
