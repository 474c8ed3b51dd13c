"""How far a project's labels can be trusted, from its votes."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Avg, Count, F, Max, Q

from labeling.models import Annotation, Project
from labeling.statistics.agreement import Agreement, alpha_with_interval, count_matrix

VOTES_READ = 200_000


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


def project_alpha(project: Project) -> Agreement:
    """Return Krippendorff's alpha over the project's live votes, with its bootstrap interval."""
    votes = (
        Annotation.objects.live()
        .filter(project=project)
        .order_by("-id")
        .values_list("item_id", "label_id")[:VOTES_READ]
    )
    labels = list(project.labels.values_list("pk", flat=True))
    return alpha_with_interval(count_matrix(votes, labels))


def annotators(project: Project) -> list[AnnotatorRow]:
    """Return a row for everybody who has voted, the busiest first."""
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
        for row in Annotation.objects.current()
        .filter(project=project)
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
