"""How far a project's labels can be trusted, from its votes."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean
from typing import NamedTuple

from labeling.models import Annotation, Label, Project
from labeling.statistics.agreement import Agreement, alpha_with_interval, count_matrix

# Older answers say little about how people label now, and reading all costs ever more.
ANSWERS_READ = 10_000


class Answer(NamedTuple):
    """An answer that nothing has superseded, and the label that its item has by now."""

    item_id: int
    label_id: int
    resolved_id: int | None
    username: str
    seconds: float | None
    created_at: datetime
    checking: bool

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
        return self.agreed / self.settled if self.settled else None


def newest_answers(project: Project) -> list[Answer]:
    """Return those of a project's newest 10,000 answers that count, the newest first."""
    newest = Annotation.objects.filter(project=project).order_by("-id").values("pk")
    answers = Annotation.objects.current().filter(pk__in=newest[:ANSWERS_READ]).order_by("-id")
    rows = answers.values_list(
        *("item_id", "label_id", "item__resolution__label_id", "annotator__username"),
        *("seconds", "created_at", "checking"),
    )
    return [Answer(*row) for row in rows]


def alpha_of(answers: Iterable[Answer], labels: Sequence[Label]) -> Agreement:
    """Return Krippendorff's alpha over the votes among answers, with its bootstrap interval.

    Args:
        answers: of one project.
        labels: all of its labels.
    """
    votes = [(one.item_id, one.label_id) for one in answers if not one.checking]
    return alpha_with_interval(count_matrix(votes, [label.pk for label in labels]))


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
