"""How far a project's labels can be trusted, from its votes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Avg, Count, F, Max, Q

from labeling.models import Annotation, Label, Project
from labeling.models.task import AnnotationQuerySet
from labeling.statistics.agreement import Agreement, alpha_with_interval, count_matrix

# Older answers say little about how people label now, and reading all costs ever more.
ANSWERS_READ = 10_000


@dataclass(frozen=True)
class AnnotatorRow:
    """One annotator's count, mean pace in seconds and agreement with the resolutions."""

    username: str
    votes: int
    seconds: float | None
    settled: int
    agreed: int
    last_at: datetime

    @property
    def agreement(self) -> float | None:
        """Share of the annotator's settled votes that equal the item's label."""
        return self.agreed / self.settled if self.settled else None


def project_alpha(project: Project, labels: Sequence[Label]) -> Agreement:
    """Return Krippendorff's alpha over the newest votes, with its bootstrap interval.

    Args:
        project: whose votes.
        labels: all of its labels.
    """
    votes = _newest(project).live().values_list("item_id", "label_id").order_by("-id")
    return alpha_with_interval(count_matrix(votes, [label.pk for label in labels]))


def annotators(project: Project) -> list[AnnotatorRow]:
    """Return a row for everybody among the newest answers, the busiest first."""
    # Answers to checks are in the count of answers, or a person could tell them by it.
    settled = Q(item__resolution__isnull=False, checking=False)
    agreed = Q(item__resolution__label=F("label"), checking=False)
    return [
        AnnotatorRow(
            username=row["annotator__username"],
            votes=row["votes"],
            seconds=row["pace"],
            settled=row["settled"],
            agreed=row["agreed"],
            last_at=row["last_at"],
        )
        for row in _newest(project)
        .current()
        .order_by()
        .values("annotator__username")
        .annotate(
            votes=Count("pk"),
            pace=Avg("seconds"),
            settled=Count("pk", filter=settled),
            agreed=Count("pk", filter=agreed),
            last_at=Max("created_at"),
        )
        .order_by("-votes")
    ]


def _newest(project: Project) -> AnnotationQuerySet:
    answers = Annotation.objects.filter(project=project).order_by("-id").values("pk")
    return Annotation.objects.filter(pk__in=answers[:ANSWERS_READ])
