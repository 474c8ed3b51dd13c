"""`manage.py export_items PROJECT --format NAME`: write a project's items to a file."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from labeling.errors import DomainError
from labeling.export.download import check_format, write
from labeling.export.formats import FORMATS
from labeling.export.rows import Options
from labeling.forms.items import ItemFilter
from labeling.models import Project


class Command(BaseCommand):
    """Write a project's items to a file or to standard output."""

    help = "Export a project's items."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the project, the format and which items."""
        parser.add_argument("project", help="the project's slug")
        parser.add_argument("--format", choices=list(FORMATS), default="jsonl")
        parser.add_argument("--output", type=Path, help="a file; without it, standard output")
        parser.add_argument("--evidence", action="store_true", help="with votes and decisions")
        parser.add_argument("--pseudonyms", action="store_true", help="numbers for people's names")
        parser.add_argument(
            "--only",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="a filter of the list of items, such as label=mlops; can be repeated",
        )

    def handle(
        self,
        *args: object,
        project: str,
        format: str,  # noqa: A002 (argparse names it)
        output: Path | None,
        evidence: bool,
        pseudonyms: bool,
        only: list[str],
        **options: object,
    ) -> None:
        """Write the file; nothing is left of one that could not be finished."""
        found = Project.objects.filter(slug=project).first()
        if found is None:
            known = ", ".join(Project.objects.values_list("slug", flat=True)) or "none yet"
            raise CommandError(f"There is no project '{project}'. Projects: {known}.")
        sent = dict(part.partition("=")[::2] for part in only)
        filters = ItemFilter(sent, found).chosen
        if len(filters) < len(sent):
            unknown = ", ".join(sorted(set(sent) - set(filters)))
            raise CommandError(f"These filters are unknown or have no such value: {unknown}.")
        chosen = Options(evidence, pseudonyms)
        try:
            check_format(format, chosen)
            self._save(write(found, format, chosen, filters), output)
        except DomainError as error:
            raise CommandError(error.message) from error

    def _save(self, pieces: Iterator[bytes], output: Path | None) -> None:
        if output is None:
            for piece in pieces:
                sys.stdout.buffer.write(piece)
            return
        part = output.with_name(f"{output.name}.part")
        try:
            with part.open("wb") as file:
                file.writelines(pieces)
            part.replace(output)
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error.strerror}.") from error
        finally:
            part.unlink(missing_ok=True)
