"""What the schedule and the workers run for this app. Running any of it twice does no harm."""

from celery import shared_task

from feedback import asking, online, promise_watch, reports, routing, second_look
from feedback.drift import checking
from feedback.triggers import proposals
from feedback.webhooks import deliver, outbox


@shared_task(name="feedback.tasks.route_predictions")
def route_predictions() -> None:
    """Route what came in and ask people about it. Running it twice at a time does no harm."""
    routing.route_predictions()
    asking.ask_people()


@shared_task(name="feedback.tasks.open_reports")
def open_reports() -> None:
    """Open cases of what waited for another day. Running it twice at a time does no harm."""
    reports.open_waiting()
    second_look.open_second_looks()


@shared_task(name="feedback.tasks.watch_promises")
def watch_promises() -> None:
    """Close accepting where audits refute the promise. Running it twice at a time does no harm."""
    promise_watch.watch_promises()


@shared_task(name="feedback.tasks.sweep_webhooks")
def sweep_webhooks() -> None:
    """Make deliveries of what has happened, and nudge workers to those that are due."""
    outbox.sweep()
    deliver.nudge_due()


@shared_task(name="feedback.tasks.forget_deliveries")
def forget_deliveries() -> None:
    """Remove the log of deliveries that ended long ago."""
    outbox.remove_old()


@shared_task(name="feedback.tasks.deliver_webhooks", soft_time_limit=60, time_limit=75)
def deliver_webhooks(webhook_id: int) -> None:
    """Send what is due for a webhook, unless another worker does so."""
    deliver.deliver_due(webhook_id)


@shared_task(name="feedback.tasks.check_drift")
def check_drift(check_id: int) -> None:
    """Make a look at drift, if it still waits for a worker."""
    checking.run_check(check_id)


@shared_task(name="feedback.tasks.tend_drift")
def tend_drift() -> None:
    """Take up looks at drift whose worker died, and ask for those that are due."""
    checking.tend()


@shared_task(name="feedback.tasks.online_evaluation")
def online_evaluation(job_id: int) -> None:
    """Compute how right a project's live models are, if that still waits for a worker."""
    online.run_online_evaluation(job_id)


@shared_task(name="feedback.tasks.tend_online_evaluations")
def tend_online_evaluations() -> None:
    """Take up evaluations whose worker died, and queue those that are due."""
    online.tend_online_evaluations()


@shared_task(name="feedback.tasks.propose_retraining")
def propose_retraining() -> None:
    """Write down which projects have a reason to retrain, and press where that is allowed."""
    proposals.tend()
