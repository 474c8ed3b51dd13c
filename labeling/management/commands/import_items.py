"""`manage.py import_items PROJECT FILE`: take a file's rows in as items, in the foreground."""

import gc
from argparse import ArgumentParser
from pathlib import Path

from django.core.files.base import File
from django.core.management.base import BaseCommand, CommandError

from labeling.errors import DomainError
from labeling.intake import describe, start_import, upload
from labeling.intake_run import run_import
from labeling.models import ImportJob, JobState, Project
from labeling.readers import Field, Format, How
from labeling.readers.encoding import ENCODINGS

SHOWN = 1000


class Command(BaseCommand):
    """Take the rows of a file in as items of a project, without a worker.

    Killed, it leaves a job that the next worker goes on with.
    """

    help = "Import a file: CSV, TSV, JSON lines, JSON, xlsx, Parquet, Label Studio, doccano."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the project, the file and how it is read."""
        parser.add_argument("project", help="the project's slug")
        parser.add_argument("file", type=Path)
        parser.add_argument("--format", default="", choices=list(Format), help="else found out")
        parser.add_argument(
            "--encoding", default="", help=f"else found out: {', '.join(ENCODINGS)}"
        )
        parser.add_argument("--annotator", default="", help="whose labels an export of doccano has")
        parser.add_argument(
            "--add-labels", action="store_true", help="make labels that are missing"
        )
        parser.add_argument(
            "--map",
            nargs="*",
            default=[],
            metavar="COLUMN=FIELD",
            help=f"what a column becomes: {', '.join(Field)}",
        )

    def handle(self, *args: object, project: str, file: Path, **options: object) -> None:
        """Import, print the outcome and the refused rows; fail where the end was not reached."""
        found = Project.objects.filter(slug=project).first()
        if found is None:
            known = ", ".join(Project.objects.values_list("slug", flat=True)) or "none yet"
            raise CommandError(f"There is no project '{project}'. Projects: {known}.")
        try:
            job = self._prepare(found, file, options)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
        except DomainError as error:
            raise CommandError(error.message) from error
        # Code stays as long as the process: collections need not walk it.
        gc.freeze()
        run_import(job.pk, self._progress)
        job.refresh_from_db()
        self._tell(job)

    def _prepare(self, project: Project, file: Path, options: dict[str, object]) -> ImportJob:
        how = How(str(options["format"]), str(options["encoding"]), "", str(options["annotator"]))
        chosen = dict(str(pair).rpartition("=")[::2] for pair in options["map"])  # type: ignore[attr-defined]
        with file.open("rb") as stream:
            job = upload(
                project=project,
                user=None,
                file=File(stream),
                name=file.name,
                how=how,
                add_labels=bool(options["add_labels"]),
            )
        if chosen:
            describe(job, how, job.mapping | chosen)
        return start_import(job=job, user=None, wait_for_worker=False)

    def _progress(self, job: ImportJob) -> None:
        if self.stderr.isatty():
            share = f" ({job.done / job.total:.0%})" if job.total else ""
            self.stderr.write(f"\r{job.cursor:,} rows{share}", ending="")

    def _tell(self, job: ImportJob) -> None:
        for found in job.problems.all()[:SHOWN]:
            self.stderr.write(f"row {found.row}: {found.field}: {found.reason} {found.fix}")
        self.stdout.write(
            f"{job.added} added, {job.duplicates} known already, {job.refused} refused."
        )
        if job.state != JobState.SUCCEEDED:
            raise CommandError(job.failure or f"The import is {job.get_state_display()}.")
