"""What a fine-tuning will do, step by step, decided before it starts. Imports no torch."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from classifier.recipes.base import Floats
from classifier.recipes.checkpoint import fingerprint
from classifier.recipes.encoders.source import contents_hash
from classifier.recipes.folds import stratified_folds

Rows = NDArray[np.int64]
_WARM_UP_SHARE = 0.1


@dataclass(frozen=True)
class Plan:
    """Data, settings and seed: the same plan takes the same steps, also in another process.

    `targets` are columns, `weights` how much each row counts. An optimiser step sees `batch` rows,
    `micro` of them at a time, so that memory does not depend on the batch.
    """

    encoder: str
    texts: list[str]
    targets: list[int]
    weights: list[float]
    classes: int
    epochs: int
    batch: int
    micro: int
    rate: float
    decay: float
    validation_share: float
    patience: int
    seed: int

    @classmethod
    def read(cls, path: Path) -> Self:
        """Return the plan that `write` wrote."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))

    def write(self, path: Path) -> None:
        """Write the plan as JSON, for another process."""
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @cached_property
    def key(self) -> str:
        """A name that two plans share only if they do the same."""
        return fingerprint(asdict(self) | {"encoder": contents_hash(Path(self.encoder))})

    @cached_property
    def validation(self) -> Rows:
        """The rows that are kept for early stopping: the share of every label; maybe none."""
        if not self.validation_share:
            return np.zeros(0, dtype=np.int64)
        parts = max(2, round(1 / self.validation_share))
        names = [str(target) for target in self.targets]
        return np.flatnonzero(stratified_folds(names, folds=parts, seed=self.seed) == 0)

    @cached_property
    def training(self) -> Rows:
        """The rows that are learnt from."""
        return np.setdiff1d(np.arange(len(self.texts)), self.validation)

    @property
    def steps_per_epoch(self) -> int:
        """How many optimiser steps see every training row once."""
        return -(-len(self.training) // self.batch)

    @property
    def steps(self) -> int:
        """How many optimiser steps there are if nothing stops them early."""
        return self.steps_per_epoch * self.epochs

    def rows(self, step: int) -> Rows:
        """Return the rows of a step's batch."""
        epoch, place = divmod(step, self.steps_per_epoch)
        order = np.random.default_rng([self.seed, epoch]).permutation(self.training)
        return np.asarray(order[place * self.batch : (place + 1) * self.batch])

    def rate_at(self, step: int) -> float:
        """Return the learning rate of a step: a short rise, then a straight fall to 0."""
        warm_up = max(1, round(self.steps * _WARM_UP_SHARE))
        if step < warm_up:
            return self.rate * (step + 1) / warm_up
        return self.rate * (self.steps - step) / max(1, self.steps - warm_up)


def balance(targets: Sequence[int] | Rows, weights: Floats) -> Floats:
    """Return `weights` scaled so that every label has the same sum, the mean being kept."""
    sums = np.bincount(targets, weights=weights)
    scaled = weights / sums[np.asarray(targets)]
    return np.asarray(scaled * (weights.sum() / scaled.sum()))
