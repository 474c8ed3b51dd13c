"""What every recipe is: five verbs and a typed parameter object."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar, Generic, Self, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from classifier.recipes.agreement import Agreement
from classifier.recipes.space import Space

Floats = NDArray[np.float64]


class RecipeError(Exception):
    """Training cannot be done as asked; the message is for the person who asked."""


class TrainingStopped(RecipeError):
    """`Progress.should_stop` said yes; what was learnt so far is in the checkpoint."""


class Progress:
    """What a recipe tells of its training while it trains. This one tells nobody.

    A caller overrides what it wants to know. `__call__` and `step` may raise to cancel: whatever
    they raise leaves `fit` as it is. They are called from the thread that called `fit`.
    """

    checkpoint_dir: Path | None = None
    """Where a recipe may keep what it needs to go on after a kill; it outlives the process.

    Whoever trains gives the same folder again to go on, and deletes it after the end. A recipe
    uses what it finds there only if it was left by the same training: see `checkpoint.py`. With
    None, a training that is killed starts anew.
    """

    def __call__(self, stage: str, done: float) -> None:
        """Take the name of the current stage and the share of the whole that is done, 0 to 1."""

    def step(self, done: float, **figures: float) -> None:
        """Take a point of the curves, by name, at the share of the whole that is done, 0 to 1.

        Names in use: `loss` (training, per optimiser step), `validation_loss` and `f1` (weighted,
        on the validation rows, per epoch), `memory_mb` (peak of the device).
        """

    def should_stop(self) -> bool:
        """Tell whether to stop soon: the recipe keeps a checkpoint and raises TrainingStopped."""
        return False


class Piece(Progress):
    """The stretch of a training, between two shares of it, that one piece of work fills."""

    def __init__(self, whole: Progress, low: float, high: float, *, folder: str = "") -> None:
        """Fill `whole` from `low` to `high`, with checkpoints in a `folder` of its own."""
        self._whole, self._low, self._width = whole, low, high - low
        parent = whole.checkpoint_dir
        self.checkpoint_dir = parent / folder if parent and folder else parent

    def __call__(self, stage: str, done: float) -> None:
        """See `Progress`."""
        self._whole(stage, self._low + self._width * done)

    def step(self, done: float, **figures: float) -> None:
        """See `Progress`."""
        self._whole.step(self._low + self._width * done, **figures)

    def should_stop(self) -> bool:
        """See `Progress`."""
        return self._whole.should_stop()


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

    def require_allowed(self) -> None:
        """Raise RecipeError where a setting names what this machine does not allow to train with.

        A trained model is read without it: it carries all that it needs.
        """
        for each in fields(self):
            names = each.metadata["allowed"]() if "allowed" in each.metadata else ()
            if names and getattr(self, each.name) not in names:
                known, given = ", ".join(names), getattr(self, each.name)
                raise RecipeError(f"“{each.name}” must be one of {known} here, not {given!r}.")

    def to_dict(self) -> dict[str, Any]:
        """Return the settings by name, ready for JSON."""
        return asdict(self)


P = TypeVar("P", bound=Parameters)


def setting(default: Any, *, label: str, explanation: str, low: float, high: float) -> Any:
    """Return a number or yes-no parameter with what a form needs: its label and its range."""
    metadata = {"label": label, "explanation": explanation, "low": low, "high": high}
    return field(default=default, metadata=metadata)


def choice(default: str, *, label: str, explanation: str, choices: Sequence[str]) -> Any:
    """Return a parameter that is one of `choices`; metadata: label, explanation, choices."""
    metadata = {"label": label, "explanation": explanation, "choices": tuple(choices)}
    return field(default=default, metadata=metadata)


def free_text(default: str, *, label: str, explanation: str, longest: int = 500) -> Any:
    """Return a parameter that is one line of text; metadata: label, explanation, longest."""
    metadata = {"label": label, "explanation": explanation, "longest": longest}
    return field(default=default, metadata=metadata)


def allowed_name(
    default: str, *, label: str, explanation: str, allowed: Callable[[], Sequence[str]]
) -> Any:
    """Return a parameter that is one of the names that `allowed` gives on this machine, now."""
    metadata = {"label": label, "explanation": explanation, "longest": 500, "allowed": allowed}
    return field(default=default, metadata=metadata)


class Recipe(ABC, Generic[P]):
    """A way to train a text classifier; an instance is one model of it.

    After `fit` or `load`, `labels` is the order of the columns of `predict_proba` and `warnings`
    holds what the person who trains should know, such as a label with a single example.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    parameters_type: ClassVar[type[Parameters]]
    needs: ClassVar[tuple[str, ...]] = ()
    """Modules of an extra that `fit` imports; `missing` says which are not installed."""
    folds_checked: ClassVar[int] = 5
    """How many of five folds are held out for the temperature; each costs one more training."""
    search_space: ClassVar[Space] = {}
    """Which values `search.py` may try, by parameter."""
    agreement: Agreement | None = None
    """After `fit` or `load`: how often 8 bits gave the label of 32, where that was compared."""
    held_out: Sequence[str] = ()
    """Texts that `fit` compares 8 bits with 32 on: see `compare_on`."""

    def __init__(self, parameters: P | None = None) -> None:
        """Take the settings, by default the recipe's own."""
        self.parameters: P = parameters or cast("P", self.parameters_type())
        self.labels: tuple[str, ...] = ()
        self.warnings: tuple[str, ...] = ()

    @classmethod
    def missing(cls) -> tuple[str, ...]:
        """Return the modules that training needs and this machine does not have."""
        return tuple(name for name in cls.needs if find_spec(name) is None)

    def compare_on(self, texts: Sequence[str]) -> None:
        """Take the texts of the holdout before `fit`, for a check that needs no labels.

        A recipe whose model serves with weights of 8 bits compares them with the full ones on
        these texts. It learns nothing of them: their labels are not told. Others ignore them.
        """
        self.held_out = texts

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
    if problem := _problem(known.metadata, value):
        raise RecipeError(f"“{known.name}” must {problem}.")
    return value


def _problem(limits: Mapping[str, Any], value: Any) -> str:
    """Return what a value of the right type must do that it does not; empty if it is fine."""
    if "choices" in limits:
        known = ", ".join(limits["choices"])
        return "" if value in limits["choices"] else f"be one of {known}, not {value!r}"
    if "longest" in limits:
        fits = value.isprintable() and 0 < len(value.strip()) <= limits["longest"]
        return "" if fits else f"be one line of 1 to {limits['longest']} characters"
    low, high = limits["low"], limits["high"]
    return "" if low <= value <= high else f"lie between {low} and {high}, not at {value}"
