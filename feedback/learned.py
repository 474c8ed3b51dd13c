"""From one answer of an annotator on to every model that learned from it or was measured by it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q
from django.http import Http404

from classifier.models import ModelVersion, RowUse, SnapshotRow
from labeling.models import Annotation, Project, Task, TaskState

MODELS_SHOWN = 100


@dataclass(frozen=True)
class Learned:
    """A model, and the row of its snapshot that the answer is behind.

    `counted` says that the row has the label of the answer.
    """

    model: ModelVersion
    row: SnapshotRow
    counted: bool

    @property
    def trained(self) -> bool:
        """Whether the model learned from the row; else it was measured by it, or left it out."""
        return self.row.split == RowUse.POOL


@dataclass(frozen=True)
class AnswerLineage:
    """An answer and the models behind whose snapshots it stood, the newest first.

    `cut` says that there are more than are shown. `hidden` says that the item still waits for
    somebody, who must not see the answers of others: nothing is told of this one.
    """

    annotation: Annotation
    learned: Sequence[Learned]
    cut: bool = False
    hidden: bool = False

    @property
    def superseded_by(self) -> Annotation | None:
        """The answer that took its place."""
        later: Annotation | None = getattr(self.annotation, "superseded_by", None)
        return later


def lineage_of_answer(project: Project, annotation_id: int) -> AnswerLineage:
    """Follow an answer of a project to the models that learned from it, in three queries.

    Raises:
        Http404: the project has no such answer.
    """
    waits = Task.objects.filter(~Q(state=TaskState.CLOSED), item=OuterRef("item"))
    answers = Annotation.objects.filter(project=project).annotate(waits=Exists(waits))
    annotation = (
        answers.select_related("annotator", "label", "guideline", "superseded_by__label", "item")
        .filter(pk=annotation_id)
        .first()
    )
    if annotation is None:
        raise Http404("There is no such answer in this project.")
    if getattr(annotation, "waits", False):
        return AnswerLineage(annotation, [], hidden=True)
    rows = _rows(annotation)
    models = list(
        project.model_versions.filter(snapshot__in=rows)
        .select_related("run", "snapshot", "evaluation")
        .defer("manifest")
        .order_by("-number")[: MODELS_SHOWN + 1]
    )
    learned = [_learned(model, rows[model.snapshot_id], annotation) for model in models]
    return AnswerLineage(annotation, learned[:MODELS_SHOWN], len(learned) > MODELS_SHOWN)


def _rows(annotation: Annotation) -> dict[int, SnapshotRow]:
    """Return the rows of the item, by snapshot, that were taken while the answer stood."""
    if annotation.label is None or annotation.checking:
        return {}
    rows = SnapshotRow.objects.filter(
        item=annotation.item_id, snapshot__created_at__gte=annotation.created_at
    )
    later: Annotation | None = getattr(annotation, "superseded_by", None)
    if later is not None:
        rows = rows.filter(snapshot__created_at__lt=later.created_at)
    return {row.snapshot_id: row for row in rows.defer("title", "body").order_by()}


def _learned(model: ModelVersion, row: SnapshotRow, annotation: Annotation) -> Learned:
    said = annotation.label.name if annotation.label else ""
    return Learned(model, row, counted=row.label == said)
