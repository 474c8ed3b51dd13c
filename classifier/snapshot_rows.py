"""Reading snapshots: which there are, what is in one, and its rows."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.http import Http404

from classifier.models import DatasetSnapshot, RowUse, SnapshotRow
from labeling.models import Project
from labeling.models.resolution import ResolutionMethod

LARGEST_NUMBER = 2**31 - 1


@dataclass(frozen=True)
class Share:
    """How many rows of a snapshot have a label, by what they are for."""

    label: str
    training: int
    holdout: int
    left_out: int


@dataclass(frozen=True)
class Mix:
    """What a snapshot is made of: its rows by label and use, and by how the label was reached."""

    labels: list[Share]
    methods: list[tuple[str, str, int]]


def snapshots_of(project: Project) -> QuerySet[DatasetSnapshot]:
    """Return a project's snapshots, the newest first."""
    return project.snapshots.select_related("created_by")


def snapshot_of(project: Project, number: int) -> DatasetSnapshot:
    """Return a snapshot by its number.

    Raises:
        Http404: the project has no such snapshot.
    """
    found = snapshots_of(project).filter(number=min(number, LARGEST_NUMBER)).first()
    if found is None:
        raise Http404("There is no such snapshot in this project.")
    return found


def before(snapshot: DatasetSnapshot) -> DatasetSnapshot | None:
    """Return the snapshot that was taken before this one."""
    return DatasetSnapshot.objects.filter(
        project=snapshot.project_id, number__lt=snapshot.number
    ).first()


def pair_of(
    project: Project, number: int, other: int | None
) -> tuple[DatasetSnapshot, DatasetSnapshot | None]:
    """Return a snapshot and another one, by default the one before it, in one query.

    Raises:
        Http404: the project has no such snapshots.
    """
    snapshots = snapshots_of(project)
    if other is None:
        found = list(snapshots.filter(number__lte=min(number, LARGEST_NUMBER))[:2])
    else:
        wanted = {min(each, LARGEST_NUMBER) for each in (number, other)}
        found = list(snapshots.filter(number__in=wanted))
    by_number = {snapshot.number: snapshot for snapshot in found}
    if number not in by_number or (other is not None and other not in by_number):
        raise Http404("There is no such snapshot in this project.")
    after = by_number.pop(number)
    return after, after if other == number else next(iter(by_number.values()), None)


def rows_of(snapshot: DatasetSnapshot, chosen: Mapping[str, str]) -> QuerySet[SnapshotRow]:
    """Return the rows of a snapshot that have the chosen `label`, `split` and `method`."""
    return snapshot.rows.filter(**chosen)


def mix_of(snapshot: DatasetSnapshot) -> Mix:
    """Return what a snapshot is made of."""
    counted = (
        snapshot.rows.order_by()
        .values_list("label", "split", "method")
        .annotate(rows=Count("id"))
        .order_by("label", "split", "method")
    )
    by_use: dict[str, dict[str, int]] = {label: {} for label in snapshot.labels}
    by_method: dict[str, int] = {}
    for label, split, method, rows in counted:
        uses = by_use.setdefault(label, {})
        uses[split] = uses.get(split, 0) + rows
        by_method[method] = by_method.get(method, 0) + rows
    return Mix(
        labels=[
            Share(label, *(uses.get(use, 0) for use in RowUse.values))
            for label, uses in by_use.items()
        ],
        methods=[(name, _word(name), rows) for name, rows in sorted(by_method.items())],
    )


def _word(method: str) -> str:
    return str(ResolutionMethod(method).label if method in ResolutionMethod.values else method)
