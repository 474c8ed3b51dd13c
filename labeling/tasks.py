"""What workers do for labeling. Running any of it twice does no harm."""

from celery import shared_task

from labeling.ordering import rank_what_is_due


@shared_task(name="labeling.tasks.rank_tasks")
def rank_tasks() -> None:
    """Rank what waits in the projects for which that was asked."""
    rank_what_is_due()
