"""`manage.py retrain PROJECT`: start a training run, and wait for it if asked to."""

import json
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from classifier.models import TrainingRun
from classifier.retrain import DEFAULT_RECIPES, retrain
from classifier.run_figures import seconds_left
from labeling.errors import Conflict, DomainError
from labeling.models import JobState, Project

POLL_SECONDS = 0.5
REFUSED, FAILED, CANCELLED, BUSY = 2, 1, 3, 4
INTERRUPTED = 130
Chosen = dict[str, dict[str, object]]


class Command(BaseCommand):
    """Retrain a project.

    Ends with 0 where the run succeeded or, without --wait, is queued; 1 where it failed, 2 where
    what was asked for cannot be done, 3 where it was cancelled, 4 where another run is active.
    """

    help = (
        "Train candidate models of a project on what is labeled now. Exit code: 0 done or queued, "
        "1 the run failed, 2 refused, 3 the run was cancelled, 4 another run is active."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the command line."""
        parser.add_argument("project", help="the project's slug")
        parser.add_argument(
            "--recipe", action="append", metavar="NAME", help="train this one; may be repeated"
        )
        parser.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="a parameter of the recipe, RECIPE.NAME=VALUE where there are several; "
            "may be repeated",
        )
        parser.add_argument("--seed", type=int, default=0, help="what every draw is made from")
        parser.add_argument(
            "--search", type=int, default=0, metavar="SECONDS", help="search better parameters"
        )
        parser.add_argument(
            "--wait",
            action="store_true",
            help="show the log and the progress, and return when the run has ended",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        """Start the run; with --wait, fail where the run does not succeed."""
        project = Project.objects.filter(slug=options["project"]).first()
        if project is None:
            raise CommandError(f"There is no project '{options['project']}'.", returncode=REFUSED)
        chosen = chosen_of(options["recipe"] or DEFAULT_RECIPES, options["set"])
        try:
            run = retrain(
                project=project,
                user=None,
                recipes=chosen,
                seed=options["seed"],
                search_seconds=options["search"],
            )
        except Conflict as error:
            raise CommandError(error.message, returncode=BUSY) from error
        except DomainError as error:
            raise CommandError(error.message, returncode=REFUSED) from error
        self.stdout.write(f"Run {run.number} of {project.slug} is queued.")
        if options["wait"]:
            self._wait(run)

    def _wait(self, run: TrainingRun) -> None:
        try:
            self._follow(run)
        except KeyboardInterrupt as stop:
            note = f"Run {run.number} goes on; its page shows how far it is."
            raise CommandError(note, returncode=INTERRUPTED) from stop
        if run.state != JobState.SUCCEEDED:
            code = CANCELLED if run.state == JobState.CANCELLED else FAILED
            raise CommandError(
                f"Run {run.number} {run.state}. {run.failure}".strip(), returncode=code
            )
        for model in run.model_versions.select_related("evaluation").order_by("number"):
            self.stdout.write(
                f"Model {model.number} ({model.recipe}): "
                f"weighted F1 {model.evaluation.weighted_f1:.3f}"
            )

    def _follow(self, run: TrainingRun) -> None:
        """Show the log as it grows, and how far the run is whenever that changes."""
        shown, said = 0, ""
        while True:
            run.refresh_from_db()
            self.stdout.write(run.log[shown:], ending="")
            shown = len(run.log)
            if not run.active:
                return
            if (progress := progress_of(run)) != said:
                self.stderr.write(progress)
                said = progress
            time.sleep(POLL_SECONDS)


def progress_of(run: TrainingRun) -> str:
    """Return in a line how far a run is."""
    if run.state == JobState.QUEUED:
        return "waits for a training worker"
    left = seconds_left(run)
    rest = "" if left is None else f", about {left} s left"
    return f"{run.done} of {run.total} %: {run.stage}{rest}"


def chosen_of(names: Sequence[str], assignments: Sequence[str]) -> Chosen:
    """Return the parameters of each recipe from what the command line sets.

    Raises:
        CommandError: an assignment is none, or does not say which recipe it is for.
    """
    chosen: Chosen = {name: {} for name in names}
    for assignment in assignments:
        target, found, value = assignment.partition("=")
        recipe, dot, parameter = target.rpartition(".")
        if not dot and len(chosen) == 1:
            recipe = next(iter(chosen))
        if not found or not parameter or recipe not in chosen:
            raise CommandError(
                f"--set {assignment}: write RECIPE.NAME=VALUE, where RECIPE is one of "
                f"{', '.join(chosen)}.",
                returncode=REFUSED,
            )
        chosen[recipe][parameter] = _value(value)
    return chosen


def _value(text: str) -> object:
    """Return a number or a yes-no as what it is, and everything else as text."""
    try:
        value: object = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, bool | int | float) else text
