"""What workers do for labeling. Running any of it twice does no harm."""

from celery import shared_task

from labeling import anchoring, intake_run
from labeling.export import job as export
from labeling.ordering import rank_what_is_due


@shared_task(name="labeling.tasks.rank_tasks")
def rank_tasks() -> None:
    """Rank what waits in the projects for which that was asked."""
    rank_what_is_due()


@shared_task(name="labeling.tasks.run_import")
def run_import(job_id: int) -> None:
    """Read the file of an import, if it still waits for a worker."""
    intake_run.run_import(job_id)


@shared_task(name="labeling.tasks.recover_imports")
def recover_imports() -> None:
    """Take up the imports whose worker died, and clear away what nobody started."""
    intake_run.nudge_waiting()


@shared_task(name="labeling.tasks.run_export")
def run_export(job_id: int) -> None:
    """Write the file of an export, if it still waits for a worker."""
    export.run_export(job_id)


@shared_task(name="labeling.tasks.tend_exports")
def tend_exports() -> None:
    """Take up the exports whose worker died, and remove the files that are old."""
    export.nudge_waiting()
    export.remove_expired()


@shared_task(name="labeling.tasks.watch_anchoring")
def watch_anchoring() -> None:
    """Turn suggestions off where they draw annotators to them beyond the project's limit."""
    anchoring.watch()
