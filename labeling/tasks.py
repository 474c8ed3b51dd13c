"""What workers do for labeling. Running any of it twice does no harm."""

from celery import shared_task

from accounts.models import User
from labeling import anchoring, consensus_job, intake_run
from labeling.export import job as export
from labeling.models import Project
from labeling.ordering import rank_what_is_due
from labeling.vigilance import judge


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


@shared_task(name="labeling.tasks.judge_annotator")
def judge_annotator(project_id: int, user_id: int) -> None:
    """Hold an annotator's gold results against the project's limits."""
    project = Project.objects.filter(pk=project_id).first()
    user = User.objects.filter(pk=user_id).first()
    if project is not None and user is not None:
        judge(project=project, user=user)


@shared_task(name="labeling.tasks.watch_anchoring")
def watch_anchoring() -> None:
    """Turn suggestions off where they draw annotators to them beyond the project's limit."""
    anchoring.watch()


@shared_task(name="labeling.tasks.run_consensus")
def run_consensus(job_id: int) -> None:
    """Weigh a project's votes and settle its items, if that still waits for a worker."""
    consensus_job.run_consensus(job_id)


@shared_task(name="labeling.tasks.tend_consensus")
def tend_consensus() -> None:
    """Take up weighings whose worker died, and have votes weighed anew where there are many new."""
    consensus_job.tend_consensus()
