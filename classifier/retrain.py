"""Starting and stopping a training run: the one verb behind page, admin, REST and command."""

from collections.abc import Mapping
from dataclasses import fields

from celery import signature
from django.db import IntegrityError, transaction
from django.shortcuts import get_object_or_404

from accounts.models import User
from classifier import recipes
from classifier.models import TrainingRun
from classifier.recipes import RECIPES, RecipeError
from classifier.snapshot import require_enough
from labeling import jobs
from labeling.access import Access
from labeling.errors import Conflict, Invalid
from labeling.events import record
from labeling.models import Project
from labeling.models.job import ACTIVE

DEFAULT_RECIPES = ("keywords", "linear")
LARGEST_SEED = 2**31 - 1
LONGEST_SEARCH = 86_400
Settings = Mapping[str, object]


def retrain(
    *,
    project: Project,
    user: User | None,
    recipes: Mapping[str, Settings] | None = None,
    seed: int = 0,
    search_seconds: int = 0,
) -> TrainingRun:
    """Queue a run that trains one candidate model for each recipe, and return it.

    Args:
        recipes: recipe name to the parameters that differ from the recipe's own; None for the
            default ladder.
        seed: what every draw is made from, 0 to 2^31 - 1; a recipe that has a parameter `seed` gets
            it there, unless that was given by itself.
        search_seconds: how long better parameters are searched for each recipe that says which of
            its own can be searched, beginning with the given ones; 0 for not at all.

    Raises:
        Invalid: an unknown recipe or parameter, or too little labeled data.
        Conflict: a run is active; the message names it.
    """
    if not 0 <= seed <= LARGEST_SEED:
        raise Invalid(f"seed: it must lie between 0 and {LARGEST_SEED}.")
    if not 0 <= search_seconds <= LONGEST_SEARCH:
        raise Invalid(f"search_seconds: it must lie between 0 and {LONGEST_SEARCH}.")
    given = {name: {} for name in DEFAULT_RECIPES} if recipes is None else recipes
    chosen = _checked(given, seed)
    require_enough(project)
    try:
        return _queue(project, user, chosen, {"seed": seed, "search_seconds": search_seconds})
    except IntegrityError as error:
        raise Conflict(
            "Another run was started at this moment: look at the list of runs."
        ) from error


def nudge(run: TrainingRun) -> None:
    """Tell a training worker that a run waits."""
    signature("classifier.tasks.train", args=(run.pk,)).apply_async()


@transaction.atomic
def cancel_run(*, access: Access, number: int) -> TrainingRun:
    """End a run that has not ended; its worker stops at its next report.

    Raises:
        Http404: the project has no such run.
        Conflict: the run has ended already.
    """
    run: TrainingRun = get_object_or_404(access.project.runs, number=number)
    jobs.call_off(run, access.project, access.user, named=f"Run {number}")
    return run


@transaction.atomic
def _queue(
    project: Project,
    user: User | None,
    chosen: dict[str, dict[str, object]],
    how: Mapping[str, int],
) -> TrainingRun:
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    _require_idle(project)
    latest = project.runs.first()
    run = TrainingRun.objects.create(
        project=project,
        number=latest.number + 1 if latest else 1,
        recipes=chosen,
        created_by=user,
        **how,
    )
    record(project=project, actor=user, verb="retrained", subject=run, after=", ".join(chosen))
    # Without a broker the row still waits, and the schedule nudges again.
    transaction.on_commit(lambda: nudge(run), robust=True)
    return run


def _require_idle(project: Project) -> None:
    active = project.runs.filter(state__in=ACTIVE).first()
    if active is not None:
        raise Conflict(
            f"Run {active.number} is {active.get_state_display()}: wait for it, or cancel it first."
        )


def _checked(chosen: Mapping[str, Settings], seed: int) -> dict[str, dict[str, object]]:
    if not chosen:
        raise Invalid(f"recipes: choose at least one of {', '.join(RECIPES)}.")
    try:
        return {name: _parameters(name, settings, seed) for name, settings in chosen.items()}
    except RecipeError as error:
        raise Invalid(f"recipes: {error}") from error


def _parameters(name: str, settings: Settings, seed: int) -> dict[str, object]:
    kind = recipes.get(name).parameters_type
    seeded = {"seed": seed} if any(each.name == "seed" for each in fields(kind)) else {}
    parameters = kind.from_dict({**seeded, **settings})
    parameters.require_allowed()
    return parameters.to_dict()
