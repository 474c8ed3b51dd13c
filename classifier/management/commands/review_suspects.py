"""`manage.py review_suspects PROJECT`: ask reviewers about the labels that a model doubts."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.http import Http404

from classifier.suspects import AT_ONCE, newest_model, review_suspects
from labeling.errors import DomainError
from labeling.models import Project


class Command(BaseCommand):
    """Send suspected labels to review."""

    help = "Send the least credible labels of a model's training set to the reviewers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the project, the model and how many."""
        parser.add_argument("project", help="the project's slug")
        parser.add_argument("--model", type=int, help="its number; else the newest with suspects")
        parser.add_argument("--limit", type=int, default=AT_ONCE, help="how many labels at most")

    def handle(self, *args: object, project: str, limit: int, **options: object) -> None:
        """Ask, and say how many."""
        found = Project.objects.filter(slug=project).first()
        if found is None:
            raise CommandError(f"There is no project '{project}'.")
        number = options["model"]
        newest = newest_model(found) if number is None else None
        if newest is not None:
            number = newest.number
        if not isinstance(number, int):
            raise CommandError(f"No model of {project} doubts a label.")
        try:
            sent = review_suspects(project=found, user=None, number=number, limit=limit)
        except Http404 as error:
            raise CommandError(f"There is no model {number} in {project}.") from error
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{sent} labels that model {number} doubts wait for review.")
