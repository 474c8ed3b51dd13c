"""Which tasks people saw because of what a model said of them, and which by chance alone."""

from django.db.models import Exists, OuterRef, Q

from classifier.models import PickKind, PriorityJob
from labeling.models import JobState

# As conditions on tasks. `DRAWN`: by chance alone, whatever else was said of the task.
DRAWN = Q(pick__isnull=False, pick__kind=PickKind.RANDOM)


def chosen_or_passed_over() -> Q:
    """Return the condition of tasks that a choice has led people to, or away from.

    Those are the picks that were not drawn, and what waited when a choice was written, was not
    picked, and was labeled later: it is easier than the rest.
    """
    written = PriorityJob.objects.filter(
        project=OuterRef("project"),
        state=JobState.SUCCEEDED,
        finished_at__gt=OuterRef("created_at"),
        finished_at__lt=OuterRef("item__resolution__resolved_at"),
    )
    return Q(pick__kind=PickKind.UNCERTAIN) | Q(Exists(written))
