"""What the schedule runs for this app."""

from celery import shared_task

from feedback.routing import route_predictions as route_waiting


@shared_task(name="feedback.tasks.route_predictions")
def route_predictions() -> None:
    """Send uncertain predictions to people. Running it twice at a time does no harm."""
    route_waiting()
