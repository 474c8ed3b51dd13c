"""What workers do. A task only names its job's row, so running it twice does no harm."""

from celery import shared_task

from classifier import priorities, promise_renewal
from classifier.batch import nudge_waiting
from classifier.batch_work import run_batch
from classifier.choose_next import run_choice
from classifier.file_batch import start_owed
from classifier.learning_curve import nudge_waiting_curves, run_learning_curve
from classifier.models import TrainingRun
from classifier.retrain import nudge
from classifier.rollout import guard
from classifier.train import run_training
from labeling import jobs


@shared_task(name="classifier.tasks.train")
def train(run_id: int) -> None:
    """Train the models of a run, if it still waits for a worker."""
    run_training(run_id)


@shared_task(name="classifier.tasks.tag_batch")
def tag_batch(batch_id: int) -> None:
    """Take part in a batch, if there is something left to do in it."""
    run_batch(batch_id)


@shared_task(name="classifier.tasks.choose_next")
def choose_next(job_id: int) -> None:
    """Choose what people label next, if that still waits for a worker."""
    run_choice(job_id)


@shared_task(name="classifier.tasks.learning_curve")
def learning_curve(curve_id: int) -> None:
    """Measure a learning curve, if it still waits for a worker."""
    run_learning_curve(curve_id)


@shared_task(name="classifier.tasks.recover_stalled")
def recover_stalled() -> None:
    """Requeue or fail the jobs whose worker died, and nudge workers to those that wait.

    Batches that are to follow an import that has ended are started as well.
    """
    for run in jobs.recover(TrainingRun):
        nudge(run)
    start_owed()
    nudge_waiting()
    priorities.nudge_waiting()
    nudge_waiting_curves()


@shared_task(name="classifier.tasks.renew_promises")
def renew_promises() -> None:
    """Let promises follow the labels that came in."""
    promise_renewal.renew_promises()


@shared_task(name="classifier.tasks.watch_trials")
def watch_trials() -> None:
    """Stop canaries that do harm, and propose challengers that won."""
    guard.watch_trials()
