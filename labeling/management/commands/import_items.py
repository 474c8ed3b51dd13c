"""`manage.py import_items PROJECT FILE`: take a CSV file's rows in as items."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from labeling.errors import DomainError
from labeling.intake import add_items
from labeling.models import ImportJob, Project
from labeling.readers import read_csv


class Command(BaseCommand):
    """Take the rows of a CSV file in as items of a project."""

    help = "Import a CSV file (columns: title; optional body, external_id, url, label, split)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the project and the file."""
        parser.add_argument("project", help="the project's slug")
        parser.add_argument("file", type=Path, help="a CSV file in UTF-8")

    def handle(self, *args: object, project: str, file: Path, **options: object) -> None:
        """Import, print the outcome and each refused row; fail where nothing could be read."""
        found = Project.objects.filter(slug=project).first()
        if found is None:
            known = ", ".join(Project.objects.values_list("slug", flat=True)) or "none yet"
            raise CommandError(f"There is no project '{project}'. Projects: {known}.")
        try:
            with file.open("rb") as stream:
                job = add_items(project=found, user=None, rows=read_csv(stream), source=file.name)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        except DomainError as error:
            raise CommandError(error.message) from error
        self._tell(job)

    def _tell(self, job: ImportJob) -> None:
        for problem in job.problems:
            self.stderr.write(f"row {problem['row']}: {problem['field']}: {problem['reason']}")
        self.stdout.write(
            f"{job.added} added, {job.duplicates} known already, {job.refused} refused."
        )
