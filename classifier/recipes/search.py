"""Better parameters for a recipe, by cross-validation within a budget of time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

import numpy as np

from classifier.recipes.base import (
    Floats,
    Parameters,
    Piece,
    Progress,
    Recipe,
    RecipeError,
    TrainingStopped,
)
from classifier.recipes.folds import OutOfFold, out_of_fold
from classifier.recipes.space import draw

_FLOOR = 1e-12
Check = Callable[[Parameters, Progress], OutOfFold | None]


@dataclass(frozen=True)
class Trial:
    """Parameters that were tried, what they reached out of fold, and how long that took.

    A trial that could not be trained has its reason as `failure` and no figures.
    """

    parameters: Parameters
    f1: float
    log_loss: float
    seconds: float
    failure: str = ""


@dataclass(frozen=True)
class Search:
    """The trials in their order, the recipe's defaults (or what was given) first.

    The best trial's F1 is a little too high, being the highest of several: judge the model that is
    trained with its parameters on data that the search has not seen.
    """

    trials: tuple[Trial, ...]

    @property
    def best(self) -> Trial:
        """The trial with the highest F1; of equals the one with the lower loss, then the first."""
        return max(self.trials, key=lambda trial: (trial.f1, -trial.log_loss))


def search(
    recipe: type[Recipe[Any]],
    texts: Sequence[str],
    labels: Sequence[str],
    *,
    seconds: float,
    tries: int = 30,
    start: Parameters | None = None,
    seed: int = 0,
    folds: int = 5,
    weights: Floats | None = None,
    progress: Progress | None = None,
    clock: Callable[[], float] = monotonic,
) -> Search:
    """Try the start (by default the recipe's defaults), then draws from `Recipe.search_space`.

    The same seed draws the same parameters in the same order; the budget only decides how many are
    tried: none is begun that would not end in time, going by the longest so far. The first is
    always tried.

    Raises:
        RecipeError: the recipe has no search space, nothing can be held out, or nothing could be
            trained at all.
    """
    if not recipe.search_space:
        raise RecipeError(f"The recipe “{recipe.name}” has no parameters to search.")

    def check(parameters: Parameters, part: Progress) -> OutOfFold | None:
        return out_of_fold(
            recipe,
            parameters,
            texts,
            labels,
            folds=folds,
            seed=seed,
            weights=weights,
            progress=part,
        )

    begun, trials, report = clock(), list[Trial](), progress or Progress()
    for place, parameters in enumerate(_candidates(recipe, start, tries, seed)):
        longest = max((trial.seconds for trial in trials), default=0.0)
        if trials and clock() - begun + longest > seconds:
            break
        part = Piece(report, place / tries, (place + 1) / tries, folder=f"trial-{place + 1}")
        trials.append(_tried(parameters, part, check, clock))
    if all(trial.failure for trial in trials):
        raise RecipeError(trials[0].failure)
    return Search(tuple(trials))


def _candidates(
    recipe: type[Recipe[Any]], start: Parameters | None, tries: int, seed: int
) -> Iterator[Parameters]:
    first = start or recipe.parameters_type()
    yield first
    rng = np.random.default_rng(seed)
    for _ in range(tries - 1):
        values = first.to_dict() | draw(recipe.search_space, rng)
        yield recipe.parameters_type.from_dict(values)


def _tried(
    parameters: Parameters, part: Progress, check: Check, clock: Callable[[], float]
) -> Trial:
    begun = clock()
    try:
        held_out = check(parameters, part)
    except TrainingStopped:
        raise
    except RecipeError as error:
        return Trial(parameters, -np.inf, np.inf, clock() - begun, failure=str(error))
    if held_out is None:
        reason = "Nothing can be held out to compare parameters: every label but one has one item."
        return Trial(parameters, -np.inf, np.inf, clock() - begun, failure=reason)
    f1, loss = _reached(held_out)
    return Trial(parameters, f1, loss, clock() - begun)


def _reached(held_out: OutOfFold) -> tuple[float, float]:
    """Return the weighted F1 and the mean negative log-likelihood on the rows held out."""
    from sklearn.metrics import f1_score

    targets = held_out.targets[held_out.held_out]
    probabilities = held_out.probabilities[held_out.held_out]
    answers = probabilities.argmax(axis=1)
    truth = probabilities[np.arange(len(targets)), targets]
    loss = -np.mean(np.log(np.maximum(truth, _FLOOR)))
    return float(f1_score(targets, answers, average="weighted", zero_division=0)), float(loss)
