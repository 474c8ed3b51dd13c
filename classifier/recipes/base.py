"""What every recipe is: five verbs and a typed parameter object."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, Self, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class RecipeError(Exception):
    """Training cannot be done as asked; the message is for the person who asked."""


class Progress(Protocol):
    """Called while a recipe trains; may raise to cancel the training."""

    def __call__(self, stage: str, done: float) -> None:
        """Take the name of the current stage and the share of the whole that is done, 0 to 1."""


def silent(stage: str, done: float) -> None:
    """Report progress to nobody."""


@dataclass(frozen=True)
class Parameters:
    """Settings of a recipe. Each field's metadata says how a form shows it: see `setting`."""

    @classmethod
    def from_dict(cls, values: Mapping[str, object]) -> Self:
        """Return the parameters with `values` in place of their defaults.

        Raises RecipeError for an unknown name, a value of another type, or one out of range.
        """
        known = {each.name: each for each in fields(cls)}
        for name in values:
            if name not in known:
                raise RecipeError(f"Unknown parameter “{name}”; known: {', '.join(known)}.")
        checked = {name: _checked(known[name], value) for name, value in values.items()}
        return cls(**cast("dict[str, Any]", checked))

    def to_dict(self) -> dict[str, Any]:
        """Return the settings by name, ready for JSON."""
        return asdict(self)


P = TypeVar("P", bound=Parameters)


def setting(default: Any, *, label: str, explanation: str, low: float, high: float) -> Any:
    """Return a parameter field with what a form needs: its label, explanation and range."""
    metadata = {"label": label, "explanation": explanation, "low": low, "high": high}
    return field(default=default, metadata=metadata)


class Recipe(ABC, Generic[P]):
    """A way to train a text classifier; an instance is one model of it.

    After `fit` or `load`, `labels` is the order of the columns of `predict_proba` and `warnings`
    holds what the person who trains should know, such as a label with a single example.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    parameters_type: ClassVar[type[Parameters]]

    def __init__(self, parameters: P | None = None) -> None:
        """Take the settings, by default the recipe's own."""
        self.parameters: P = parameters or cast("P", self.parameters_type())
        self.labels: tuple[str, ...] = ()
        self.warnings: tuple[str, ...] = ()

    @abstractmethod
    def fit(
        self,
        texts: Sequence[str],
        labels: Sequence[str],
        *,
        weights: Floats | None = None,
        progress: Progress | None = None,
    ) -> None:
        """Learn from `texts` and their `labels`; raise RecipeError where nothing can be learnt.

        `weights` says how much each row counts (default: 1).
        """

    @abstractmethod
    def predict_proba(self, texts: Sequence[str]) -> Floats:
        """Return a row per text and a column per label, in the order of `labels`; rows sum to 1."""

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write the model's files into `folder`; the same model gives the same bytes."""

    @classmethod
    @abstractmethod
    def load(cls, folder: Path) -> Self:
        """Return the model that `save` wrote; raise RecipeError if the files are not one."""

    @abstractmethod
    def describe(self) -> dict[str, Any]:
        """Return what a person may want to know of the trained model, ready for JSON."""


@dataclass(frozen=True)
class TrainingRows:
    """Checked training data: what a recipe's `fit` starts from."""

    labels: tuple[str, ...]
    targets: NDArray[np.int64]
    weights: Floats
    warnings: tuple[str, ...]


def check_rows(
    texts: Sequence[str], labels: Sequence[str], weights: Floats | None = None
) -> TrainingRows:
    """Return the label order (sorted), each row's label as an index, and its weight.

    Raises RecipeError for no rows, lists of unequal length, one label only, or bad weights.
    """
    if not texts:
        raise RecipeError("There are no labeled items to train on.")
    if len(texts) != len(labels):
        raise RecipeError(f"There are {len(texts)} texts for {len(labels)} labels.")
    order, targets, sizes = np.unique(np.asarray(labels), return_inverse=True, return_counts=True)
    if len(order) == 1:
        raise RecipeError(f"All {len(texts)} items carry the label “{order[0]}”; two are needed.")
    names = tuple(str(name) for name in order)
    single = (name for name, size in zip(names, sizes, strict=True) if size == 1)
    warnings = tuple(f"“{name}” has a single example: it can hardly be learnt." for name in single)
    return TrainingRows(names, targets.astype(np.int64), _weights(weights, len(texts)), warnings)


def _weights(weights: Floats | None, rows: int) -> Floats:
    if weights is None:
        return np.ones(rows)
    if weights.shape != (rows,):
        raise RecipeError(f"There are {weights.size} weights for {rows} items.")
    if not np.all(np.isfinite(weights)) or np.any(weights <= 0):
        raise RecipeError("Every weight must be a finite number above 0.")
    return weights.astype(np.float64)


def _checked(known: Any, value: object) -> object:
    kind = type(known.default)
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind:
        raise RecipeError(f"“{known.name}” must be a {kind.__name__}, not {value!r}.")
    low, high = known.metadata["low"], known.metadata["high"]
    if not low <= cast("float", value) <= high:
        raise RecipeError(f"“{known.name}” must lie between {low} and {high}, not at {value}.")
    return value
