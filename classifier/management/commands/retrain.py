"""`manage.py retrain PROJECT`: start a training run, and wait for it if asked to."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from classifier.models import TrainingRun
from classifier.retrain import retrain
from labeling.errors import DomainError
from labeling.models import JobState, Project

POLL_SECONDS = 0.5
Chosen = dict[str, dict[str, object]] | None


class Command(BaseCommand):
    """Retrain a project."""

    help = "Train candidate models of a project on what is labeled now."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the command line."""
        parser.add_argument("project", help="the project's slug")
        parser.add_argument(
            "--recipe", action="append", metavar="NAME", help="train this one; may be repeated"
        )
        parser.add_argument(
            "--wait", action="store_true", help="show the log and return when the run has ended"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        """Start the run; with --wait, fail where the run does not succeed."""
        project = Project.objects.filter(slug=options["project"]).first()
        if project is None:
            raise CommandError(f"There is no project '{options['project']}'.")
        names = options["recipe"]
        try:
            chosen: Chosen = {name: {} for name in names} if names else None
            run = retrain(project=project, user=None, recipes=chosen)
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"Run {run.number} of {project.slug} is queued.")
        if options["wait"]:
            self._wait(run)

    def _wait(self, run: TrainingRun) -> None:
        shown = 0
        while True:
            run.refresh_from_db()
            self.stdout.write(run.log[shown:], ending="")
            shown = len(run.log)
            if not run.active:
                break
            time.sleep(POLL_SECONDS)
        if run.state != JobState.SUCCEEDED:
            raise CommandError(f"Run {run.number} {run.state}. {run.failure}".strip())
        for model in run.model_versions.select_related("evaluation").order_by("number"):
            self.stdout.write(
                f"Model {model.number} ({model.recipe}): "
                f"weighted F1 {model.evaluation.weighted_f1:.3f}"
            )
