"""Starting and stopping a training run: the one verb behind page, admin, REST and command."""

from collections.abc import Mapping

from celery import signature
from django.db import transaction
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
from labeling.models import JobState, Project
from labeling.models.job import ACTIVE

DEFAULT_RECIPES = ("keywords", "linear")
Settings = Mapping[str, object]


def retrain(
    *, project: Project, user: User | None, recipes: Mapping[str, Settings] | None = None
) -> TrainingRun:
    """Queue a run that trains one candidate model for each recipe, and return it.

    Args:
        recipes: recipe name to the parameters that differ from the recipe's own; None for the
            default ladder.

    Raises:
        Invalid: an unknown recipe or parameter, or too little labeled data.
        Conflict: a run is active; the message names it.
    """
    chosen = _checked({name: {} for name in DEFAULT_RECIPES} if recipes is None else recipes)
    require_enough(project)
    with transaction.atomic():
        Project.objects.select_for_update(no_key=True).get(pk=project.pk)
        _require_idle(project)
        latest = project.runs.first()
        run = TrainingRun.objects.create(
            project=project,
            number=latest.number + 1 if latest else 1,
            recipes=chosen,
            created_by=user,
        )
        record(project=project, actor=user, verb="retrained", subject=run, after=", ".join(chosen))
        # Without a broker the row still waits, and the schedule nudges again.
        transaction.on_commit(lambda: nudge(run), robust=True)
    return run


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
    before = run.state
    if not jobs.cancel(run):
        raise Conflict(f"Run {number} has ended already: {run.get_state_display()}.")
    record(
        project=access.project,
        actor=access.user,
        verb="cancelled",
        subject=run,
        before=before,
        after=JobState.CANCELLED,
    )
    run.refresh_from_db()
    return run


def _require_idle(project: Project) -> None:
    active = project.runs.filter(state__in=ACTIVE).first()
    if active is not None:
        raise Conflict(
            f"Run {active.number} is {active.get_state_display()}: wait for it, or cancel it first."
        )


def _checked(chosen: Mapping[str, Settings]) -> dict[str, dict[str, object]]:
    if not chosen:
        raise Invalid(f"recipes: choose at least one of {', '.join(RECIPES)}.")
    try:
        return {name: _parameters(name, settings) for name, settings in chosen.items()}
    except RecipeError as error:
        raise Invalid(f"recipes: {error}") from error


def _parameters(name: str, settings: Settings) -> dict[str, object]:
    return recipes.get(name).parameters_type.from_dict(settings).to_dict()
