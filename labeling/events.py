"""Writing the record of state changes."""

import structlog
from django.db.models import Model, QuerySet

from accounts.models import User
from labeling.models import Event, Project


def subject_of(subject: Model) -> dict[str, str]:
    """Return how an event names this object."""
    return {"subject_type": subject._meta.model_name or "", "subject_id": str(subject.pk)}


def record(
    *,
    project: Project,
    actor: User | None,
    verb: str,
    subject: Model,
    before: str = "",
    after: str = "",
    reason: str = "",
) -> Event:
    """Append one event, with the request's id where there is a request."""
    request_id = structlog.contextvars.get_contextvars().get("request_id", "")
    return Event.objects.create(
        project=project,
        actor=actor,
        verb=verb,
        before=str(before),
        after=str(after),
        reason=reason,
        request_id=str(request_id),
        **subject_of(subject),
    )


def history(subject: Model) -> QuerySet[Event]:
    """Return the events of one object, the oldest first."""
    return Event.objects.filter(**subject_of(subject)).select_related("actor").order_by("id")
