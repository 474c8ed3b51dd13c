"""Better parameters for a recipe, where a run has a budget for searching them."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from classifier.models import TrainingRun
from classifier.recipes import Parameters, Progress, Recipe
from classifier.recipes.base import Floats
from classifier.recipes.search import Search, search
from labeling import jobs

Rows = tuple[Sequence[str], Sequence[str]]


def search_parameters(
    run: TrainingRun,
    kind: type[Recipe[Any]],
    start: Parameters,
    rows: Rows,
    *,
    weights: Floats,
    progress: Progress,
) -> Search | None:
    """Search a recipe's parameters by cross-validation within the run's budget.

    None where there is nothing to search: no budget, no parameters that can be searched, or an
    earlier attempt of the run has chosen.
    """
    if not run.search_seconds or not kind.search_space or kind.name in run.found:
        return None
    return search(
        kind,
        *rows,
        seconds=run.search_seconds,
        start=start,
        seed=run.seed,
        weights=weights,
        progress=progress,
    )


@transaction.atomic
def keep(run: TrainingRun, recipe: str, parameters: Parameters) -> None:
    """Write the chosen parameters on the run: an attempt that goes on trains with the same ones.

    Raises:
        JobLost: this worker's claim is over.
    """
    jobs.check(run)
    run.found = {**run.found, recipe: parameters.to_dict()}
    run.save(update_fields=["found"])


def chosen_for(run: TrainingRun, kind: type[Recipe[Any]]) -> Parameters:
    """Return what a recipe of a run is trained with: what was found, else what was asked for."""
    return kind.parameters_type.from_dict(run.found.get(kind.name) or run.recipes[kind.name])
