"""Telling the managers of a project something by e-mail."""

import structlog
from django.core.mail import send_mail
from django.db import transaction

from labeling.models import Project, Role

log = structlog.get_logger(__name__)


def tell_managers(project: Project, *, subject: str, text: str) -> None:
    """Write to every manager who has an address, once the transaction has been committed.

    A mail that cannot be sent is logged: the page and the record say the same.
    """
    transaction.on_commit(lambda: _send(project, subject, text), robust=True)


def _send(project: Project, subject: str, text: str) -> None:
    managers = project.memberships.filter(role=Role.MANAGER, user__is_active=True)
    addresses = managers.exclude(user__email="").values_list("user__email", flat=True)
    for address in addresses:
        try:
            send_mail(f"[Tagloop] {project.name}: {subject}", text, None, [address])
        except OSError as error:
            log.warning("a notice was not sent", project=project.slug, reason=str(error))
