"""What workers do. A task only names its job's row, so running it twice does no harm."""

from celery import shared_task

from labeling.intake_run import nudge_waiting
from labeling.intake_run import run_import as run


@shared_task(name="labeling.tasks.run_import")
def run_import(job_id: int) -> None:
    """Read the file of an import, if it still waits for a worker."""
    run(job_id)


@shared_task(name="labeling.tasks.recover_imports")
def recover_imports() -> None:
    """Take up the imports whose worker died, and clear away what nobody started."""
    nudge_waiting()
