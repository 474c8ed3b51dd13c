"""What a project's policy makes of the votes on a task."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from labeling.looks import STANDING
from labeling.models import AnnotatorWeight, Consensus, LookState, Project, TaskState, Weighing
from labeling.statistics.consensus import (
    Outcome,
    Verdict,
    decide,
    decide_unanimous,
    decide_weighted,
)
from labeling.statistics.weights import Matrix, Weights

GIVEN = frozenset({*STANDING, LookState.DONE})


class Ballot(NamedTuple):
    """A vote that counts."""

    annotator: int
    label: int
    flagged: bool


@dataclass(frozen=True)
class Policy:
    """When votes settle a label; without weights, votes are counted.

    `weighing` is the id of the weights.
    """

    rule: Consensus
    max_looks: int
    sure_enough: float
    weights: Weights | None = None
    weighing: int | None = None

    def verdict(
        self, ballots: Sequence[Ballot], *, wanted: int, states: Collection[str]
    ) -> Verdict[int]:
        """Return what follows for a task.

        Two that agree do not settle what one of them flagged: a reviewer sees it once no look is
        given out any more. Weights that may not resolve leave votes to be counted, ties open.

        Args:
            ballots: its votes.
            wanted: looks wanted at first.
            states: the states of its looks.
        """
        given = sum(state in GIVEN for state in states)
        wanted = max(wanted, 1)
        found = self._decide(ballots, wanted, max(self.max_looks, wanted, given))
        if found.outcome is Outcome.AGREED and any(ballot.flagged for ballot in ballots):
            waits = any(state in STANDING for state in states)
            return Verdict(Outcome.ANOTHER_LOOK if waits else Outcome.REVIEW)
        return found

    def _decide(self, ballots: Sequence[Ballot], wanted: int, limit: int) -> Verdict[int]:
        votes = [ballot.label for ballot in ballots]
        if self.rule == Consensus.UNANIMOUS:
            return decide_unanimous(votes, wanted=wanted, limit=limit)
        if self.weights is None or len(votes) < wanted:
            return decide(votes, wanted=wanted, limit=limit)
        likely = self.weights.probabilities((one.annotator, one.label) for one in ballots)
        if likely is None:
            return decide(votes, wanted=wanted, limit=limit)
        return decide_weighted(
            votes, likely, wanted=wanted, limit=limit, sure_enough=self.sure_enough
        )


class Next(NamedTuple):
    """The state that a task comes to, and how many free looks it lacks; below zero, has too many.

    `nobody_left` says that it lacks looks that nobody could have.
    """

    state: TaskState
    looks: int = 0
    nobody_left: bool = False


def next_of(
    verdict: Verdict[int],
    *,
    wanted: int,
    states: Collection[str],
    anybody_left: Callable[[], bool],
) -> Next:
    """Return what becomes of a task by the verdict on its votes.

    Args:
        verdict: what its votes come to.
        wanted: looks wanted at first.
        states: the states of its looks.
        anybody_left: tells whether somebody is left who may have one more look.
    """
    if verdict.outcome is Outcome.AGREED:
        return Next(TaskState.CLOSED)
    if verdict.outcome is Outcome.REVIEW:
        return Next(TaskState.REVIEW)
    missing = missing_looks(verdict, wanted=wanted, states=states)
    if missing > 0 and not anybody_left():
        # Whoever still holds a look may answer it, but nobody could have one more.
        standing = any(state in STANDING for state in states)
        return Next(TaskState.OPEN) if standing else Next(TaskState.REVIEW, 0, nobody_left=True)
    return Next(TaskState.OPEN, missing)


def missing_looks(verdict: Verdict[int], *, wanted: int, states: Collection[str]) -> int:
    """Return how many looks a task lacks to stay open; below zero, how many are too many."""
    done = sum(state == LookState.DONE for state in states)
    standing = sum(state in STANDING for state in states)
    total = done + 1 if verdict.outcome is Outcome.ANOTHER_LOOK else wanted
    return total - done - standing


def policy_of(project: Project, annotators: Iterable[int] | None = None) -> Policy:
    """Return a project's policy, with the weights in force if it weighs votes.

    Which weights those are is asked anew: under the lock of a task, so that nobody settles it by
    weights that were replaced before.

    Args:
        project: whose policy.
        annotators: whose weights are wanted; None: everybody's.
    """
    rule = Consensus(project.consensus)
    plain = Policy(rule, project.max_looks, project.sure_enough)
    if rule != Consensus.WEIGHTED:
        return plain
    of_projects = Project.objects.filter(pk=project.pk).values("weighing")
    weighing = Weighing.objects.filter(pk__in=of_projects).first()
    if weighing is None:
        return plain
    weights = weights_of(weighing, annotators)
    return Policy(rule, project.max_looks, project.sure_enough, weights, weighing.pk)


def weights_of(weighing: Weighing, annotators: Iterable[int] | None = None) -> Weights:
    """Return stored weights, of these annotators or of all."""
    rows = AnnotatorWeight.objects.filter(weighing=weighing)
    if annotators is not None:
        rows = rows.filter(annotator__in=list(annotators)) | rows.filter(annotator=None)
    said: dict[int | None, Matrix] = dict(rows.values_list("annotator_id", "said"))
    anybody = said[None]
    return Weights(
        labels=tuple(weighing.labels),
        prior=tuple(weighing.prior),
        said={pk: matrix for pk, matrix in said.items() if pk is not None},
        anybody=anybody,
        temperature=weighing.temperature or 1.0,
        offsets=tuple(weighing.offsets),
    )
