"""What workers do. A task only names its job's row, so running it twice does no harm."""

from celery import shared_task

from classifier.batch import nudge_waiting, run_batch
from classifier.models import TrainingRun
from classifier.retrain import nudge
from classifier.train import run_training
from labeling import jobs


@shared_task(name="classifier.tasks.train")
def train(run_id: int) -> None:
    """Train the models of a run, if it still waits for a worker."""
    run_training(run_id)


@shared_task(name="classifier.tasks.tag_batch")
def tag_batch(batch_id: int) -> None:
    """Tag the unlabeled items of a batch, if it still waits for a worker."""
    run_batch(batch_id)


@shared_task(name="classifier.tasks.recover_stalled")
def recover_stalled() -> None:
    """Requeue or fail the jobs whose worker died, and nudge workers to those that wait."""
    for run in jobs.recover(TrainingRun):
        nudge(run)
    nudge_waiting()
