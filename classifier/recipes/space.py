"""Which values a search may try for a parameter."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

_DIGITS = 3


@dataclass(frozen=True)
class Span:
    """Any number from `low` to `high`; with `log`, evenly over orders of magnitude."""

    low: float
    high: float
    log: bool = False
    whole: bool = False

    def draw(self, rng: np.random.Generator) -> float | int:
        """Return a number, rounded to three digits that count."""
        if self.log:
            value = float(np.exp(rng.uniform(np.log(self.low), np.log(self.high))))
        else:
            value = float(rng.uniform(self.low, self.high))
        value = float(f"{value:.{_DIGITS}g}")
        return round(value) if self.whole else value


@dataclass(frozen=True)
class Options:
    """One of a few values."""

    values: tuple[object, ...]

    def draw(self, rng: np.random.Generator) -> object:
        """Return one of the values."""
        return self.values[int(rng.integers(len(self.values)))]


Space = Mapping[str, Span | Options]


def draw(space: Space, rng: np.random.Generator) -> dict[str, object]:
    """Return a value for every parameter of `space`."""
    return {name: values.draw(rng) for name, values in space.items()}
