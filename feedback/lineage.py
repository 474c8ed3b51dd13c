"""From one prediction back to what it rests on, and on to what people made of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.core.cache import cache
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.http import Http404

from classifier.models import DatasetSnapshot, Prediction
from feedback.models import Report, Routing
from feedback.nearest import Neighbour, nearest
from labeling.models import Annotation, Item, Project, Resolution, Split, Task

KEPT_SECONDS = 24 * 60 * 60


@dataclass(frozen=True)
class Teacher:
    """An annotator whose answers the model learned from, with the guideline that was in force."""

    annotator: str
    guideline: int | None
    answers: int


@dataclass(frozen=True)
class Lineage:
    """A prediction with its past and its future."""

    prediction: Prediction
    teachers: Sequence[Teacher]
    nearest: Sequence[Neighbour]
    routing: Routing | None
    reports: Sequence[Report]
    task: Task | None
    item: Item | None
    resolution: Resolution | None


def lineage_of(project: Project, prediction_id: UUID) -> Lineage:
    """Follow one prediction of a project both ways.

    Raises:
        Http404: the project has no such prediction.
    """
    prediction = _predictions(project).filter(pk=prediction_id).first()
    if prediction is None:
        raise Http404("There is no such prediction in this project.")
    routing: Routing | None = getattr(prediction, "routing", None)
    reports = list(_reports(prediction))
    task = next((made.task for made in [*reports, routing] if made and made.task), None)
    item = prediction.item or (routing and routing.item) or (task.item if task else None)
    return Lineage(
        prediction=prediction,
        teachers=teachers_of(prediction.model_version.snapshot),
        nearest=nearest(prediction),
        routing=routing,
        reports=reports,
        task=task,
        item=item,
        resolution=getattr(item, "resolution", None),
    )


def teachers_of(snapshot: DatasetSnapshot) -> list[Teacher]:
    """Return whose votes, under which guideline, gave the training labels of a snapshot.

    Neither a snapshot nor what stood when it was taken changes, so that this is counted once a day.
    """
    key = f"teachers:{snapshot.pk}:{snapshot.created_at.timestamp()}"
    rows = cache.get(key)
    if rows is None:
        rows = _count_teachers(snapshot)
        cache.set(key, rows, KEPT_SECONDS)
    return [Teacher(*row) for row in rows]


def _count_teachers(snapshot: DatasetSnapshot) -> list[tuple[str, int | None, int]]:
    # Looked up in an index, since few answers supersede another; as a join SQLite would read all
    # answers for each row.
    over = Annotation.objects.filter(
        supersedes__isnull=False,
        supersedes=OuterRef("pk"),
        created_at__lte=snapshot.created_at,
    )
    votes = Annotation.objects.filter(
        ~Exists(over),
        label__isnull=False,
        checking=False,
        created_at__lte=snapshot.created_at,
        item__snapshots__snapshot=snapshot,
        item__snapshots__split=Split.POOL,
    )
    counted = votes.order_by().values_list("annotator__username", "guideline__version")
    found = counted.annotate(answers=Count("pk")).order_by("-answers", "annotator__username")
    return list(found)


def _predictions(project: Project) -> QuerySet[Prediction]:
    return Prediction.objects.filter(project=project).select_related(
        "label",
        "requested_by",
        "model_version__run",
        "model_version__snapshot",
        "model_version__evaluation",
        "model_version__approved_by",
        "item__resolution__label",
        "routing__task__item__resolution__label",
        "routing__item__resolution__label",
    )


def _reports(prediction: Prediction) -> QuerySet[Report]:
    return Report.objects.filter(prediction=prediction).select_related(
        "claimed_label", "reported_by", "task__item__resolution__label"
    )
