"""Reading looks at drift: the newest, its groups with examples, and figures over time."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Prefetch, QuerySet

from classifier.models import Prediction
from feedback.drift.checking import TITLES
from feedback.models import DriftCheck, DriftFigure, DriftGroup
from labeling.models import JobState, Project

LOOKS_SHOWN = 30
EXAMPLES = 5


@dataclass(frozen=True)
class Shown:
    """A group with the predictions that are shown of it."""

    group: DriftGroup
    examples: list[Prediction]


def checks_of(project: Project) -> QuerySet[DriftCheck]:
    """Return a project's looks with their figures, the newest first."""
    rows = DriftCheck.objects.filter(project=project).select_related("model_version", "created_by")
    return rows.defer("model_version__manifest").prefetch_related("figures")


def latest(project: Project) -> list[DriftCheck]:
    """Return the newest looks that have succeeded, the oldest of them first."""
    return list(checks_of(project).filter(state=JobState.SUCCEEDED)[:LOOKS_SHOWN])[::-1]


def groups_of(check: DriftCheck) -> list[Shown]:
    """Return the groups of a look with examples, in two queries."""
    groups = list(check.groups.all())
    wanted = [pk for group in groups for pk in group.predictions[:EXAMPLES]]
    rows = Prediction.objects.filter(project=check.project_id, pk__in=wanted)
    found = {str(one.pk): one for one in rows.select_related("label")}
    return [
        Shown(group, [found[pk] for pk in group.predictions[:EXAMPLES] if pk in found])
        for group in groups
    ]


def with_groups(project: Project) -> QuerySet[DriftCheck]:
    """Return a project's looks with their figures and groups."""
    return checks_of(project).prefetch_related(Prefetch("groups", DriftGroup.objects.all()))


def over_time(looks: Sequence[DriftCheck]) -> dict[str, list[tuple[DriftCheck, DriftFigure]]]:
    """Return each figure with its look, by name, in the order of `looks`."""
    found: dict[str, list[tuple[DriftCheck, DriftFigure]]] = {name: [] for name in TITLES}
    for look in looks:
        for figure in look.figures.all():
            found.setdefault(figure.name, []).append((look, figure))
    return found
