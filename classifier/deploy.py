"""From which confidence on a project's model answers by itself."""

from django.db import transaction

from classifier.models import Deployment
from labeling.access import Access
from labeling.errors import Invalid
from labeling.events import record
from labeling.models import Project


def threshold_of(project: Project) -> float:
    """Return from which confidence on a project's predictions are accepted."""
    deployment: Deployment = getattr(project, "deployment", None) or Deployment()
    return deployment.accept_threshold


@transaction.atomic
def set_threshold(*, access: Access, threshold: float, reason: str = "") -> Deployment:
    """Change the accept threshold; every serving process follows within seconds.

    Raises:
        Invalid: it is not between 0 and 1.
    """
    if not 0.0 <= threshold <= 1.0:
        raise Invalid("threshold: it must lie between 0 and 1.")
    Deployment.objects.get_or_create(project=access.project)
    deployment = Deployment.objects.select_for_update().get(project=access.project)
    before, deployment.accept_threshold = deployment.accept_threshold, threshold
    if before == threshold:
        return deployment
    deployment.revision += 1
    deployment.save(update_fields=["accept_threshold", "revision", "updated_at"])
    record(
        project=access.project,
        actor=access.user,
        verb="set threshold",
        subject=deployment,
        before=f"{before:g}",
        after=f"{threshold:g}",
        reason=reason.strip(),
    )
    return deployment
