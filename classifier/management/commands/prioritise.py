"""`manage.py prioritise PROJECT`: choose what people label next, here and now."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from classifier.choose_next import run_choice
from classifier.priorities import prioritise
from labeling.errors import DomainError
from labeling.models import JobState, Project


class Command(BaseCommand):
    """Choose what people label next."""

    help = "Let the items that teach a project's model most come first in its queue."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the command line."""
        parser.add_argument("project", help="the project's slug")
        parser.add_argument(
            "--queue", action="store_true", help="leave the work to a worker and return at once"
        )

    def handle(self, *_: Any, **options: Any) -> None:
        """Make the choice, unless a worker has taken it up; fail where it fails."""
        project = Project.objects.filter(slug=options["project"]).first()
        if project is None:
            raise CommandError(f"There is no project '{options['project']}'.")
        try:
            job = prioritise(project=project, user=None)
        except DomainError as error:
            raise CommandError(error.message) from error
        if options["queue"]:
            self.stdout.write(f"Choice {job.pk} of {project.slug} is queued.")
            return
        run_choice(job.pk)
        job.refresh_from_db()
        if job.state == JobState.SUCCEEDED:
            self.stdout.write(
                f"{job.picked} of {job.candidates} items come first in {project.slug}, "
                f"{job.drawn} of them drawn at random."
            )
        elif job.active:
            self.stdout.write(f"A worker makes choice {job.pk} of {project.slug}.")
        else:
            raise CommandError(f"Choice {job.pk} {job.state}. {job.failure}".strip())
