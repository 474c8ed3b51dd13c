"""How far a project's labels can be trusted, from its votes."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean
from typing import NamedTuple

from labeling.models import Annotation, ItemStatus, Label, Project
from labeling.statistics.agreement import Agreement, Counts, alpha_with_interval, count_matrix
from labeling.statistics.intervals import Share, share_of

# Older answers say little about how people label now, and reading all costs ever more.
ANSWERS_READ = 10_000
UNSETTLED = "No vote on an item that has a label."


class Answer(NamedTuple):
    """An answer that nothing has superseded, and the label that its item has by now."""

    item_id: int
    label_id: int
    resolved_id: int | None
    username: str
    seconds: float | None
    created_at: datetime
    checking: bool
    imported: bool
    guideline_id: int | None
    import_id: int | None
    status: str

    @property
    def finished(self) -> bool:
        """Whether it is a vote on an item that has a label and waits for nobody."""
        return self.settled and self.status == ItemStatus.LABELED

    @property
    def settled(self) -> bool:
        """Whether it is a vote on an item that has a label."""
        return self.resolved_id is not None and not self.checking

    @property
    def agrees(self) -> bool:
        """Whether it is a vote for the label that the item has."""
        return self.settled and self.resolved_id == self.label_id


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
        return self.share.value

    @property
    def share(self) -> Share:
        """The same with its interval."""
        return share_of(self.agreed, self.settled, nothing=UNSETTLED)


def newest_answers(project: Project) -> list[Answer]:
    """Return those of a project's newest 10,000 answers that count, the newest first.

    Answers to items that somebody has deleted do not.
    """
    newest = Annotation.objects.filter(project=project).order_by("-id").values("pk")
    answers = Annotation.objects.current().filter(pk__in=newest[:ANSWERS_READ]).order_by("-id")
    rows = answers.filter(item__deletion=None).values_list(
        *("item_id", "label_id", "item__resolution__label_id", "annotator__username"),
        *("seconds", "created_at", "checking", "imported", "guideline_id"),
        *("item__import_job_id", "item__status"),
    )
    return [Answer(*row) for row in rows]


def alpha_of(answers: Iterable[Answer], labels: Sequence[Label]) -> Agreement:
    """Return Krippendorff's alpha over the votes among answers, with its bootstrap interval.

    Args:
        answers: of one project.
        labels: all of its labels.
    """
    return alpha_with_interval(counts_of(answers, labels))


def counts_of(answers: Iterable[Answer], labels: Sequence[Label]) -> Counts:
    """Return the items x labels counts of the votes among answers."""
    votes = [(one.item_id, one.label_id) for one in answers if not one.checking]
    return count_matrix(votes, [label.pk for label in labels])


def annotators_of(answers: Iterable[Answer]) -> list[AnnotatorRow]:
    """Return a row for everybody who gave some of these answers, the busiest first.

    Answers to checks are in the count, or a person could tell them by it.
    """
    given: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        given[answer.username].append(answer)
    return sorted(
        (_row(username, own) for username, own in given.items()), key=lambda row: -row.votes
    )


def _row(username: str, own: Sequence[Answer]) -> AnnotatorRow:
    timed = [one.seconds for one in own if one.seconds is not None]
    return AnnotatorRow(
        username=username,
        votes=len(own),
        seconds=fmean(timed) if timed else None,
        settled=sum(one.settled for one in own),
        agreed=sum(one.agrees for one in own),
        last_at=max(one.created_at for one in own),
    )
