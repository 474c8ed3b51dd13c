"""Estimating what a project's votes are worth, as a new version of its weights."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from django.db import transaction
from django.db.models import F, Max
from threadpoolctl import threadpool_limits

from labeling.counting import CountOf, read_together
from labeling.events import record
from labeling.models import (
    Adjudication,
    Annotation,
    AnnotatorWeight,
    ConsensusJob,
    Project,
    Resolution,
    ResolutionMethod,
    Split,
    TaskReason,
    Weighing,
)
from labeling.statistics.aggregation import Aggregate, Votes, aggregate
from labeling.statistics.gold import FEWEST_GOLD, Calibrated, Uncalibrated, calibrate
from labeling.statistics.weights import Weights, as_asked

# A new estimate is due once there is so much more evidence.
FEWEST_NEW, SHARE_NEW = 20, 0.02
DIGITS = 9
DECIDED = (ResolutionMethod.ADJUDICATION, ResolutionMethod.IMPORTED)
NO_VOTES = "There are no votes to weigh yet."


@dataclass(frozen=True)
class Given:
    """All votes of a project, one for each item and annotator, in a fixed order."""

    items: Sequence[int]
    annotators: Sequence[int]
    labels: Sequence[int]
    rows: Sequence[tuple[int, int, int]]

    def numbered(self) -> Votes:
        """Return the votes as numbers; the last annotator is one who gave none."""
        columns = np.array(self.rows, dtype=np.int64).reshape(-1, 3)
        places = (self.items, self.annotators, self.labels)
        item, annotator, label = (
            np.searchsorted(np.array(ids), columns[:, place]) for place, ids in enumerate(places)
        )
        sizes = len(self.items), len(self.annotators) + 1, len(self.labels)
        return Votes(item, annotator, label, *sizes)


@dataclass(frozen=True)
class Estimate:
    """What the votes are worth, and whether that may resolve items."""

    given: Given
    weights: Weights
    counts: dict[int, int]
    calibration: Calibrated | Uncalibrated
    missing: list[int]


def evidence_of(project: Project) -> int:
    """Return how many answers and decisions, also superseded ones, a project has."""
    found = read_together(
        project,
        answers=CountOf(Annotation.objects.filter(project=project)),
        decisions=CountOf(Adjudication.objects.filter(project=project)),
    )
    return int(found["answers"] + found["decisions"])


def is_due(project: Project) -> bool:
    """Tell whether there is so much new evidence that votes are to be weighed anew."""
    newest = project.weighings.first()
    before = 0 if newest is None else newest.evidence
    return evidence_of(project) - before >= max(FEWEST_NEW, SHARE_NEW * before)


def estimate(project: Project) -> Estimate | None:
    """Return what a project's votes are worth; None without a vote.

    Answers to gold items count as votes, because they tell most of who errs how. Gold labels are
    only told to the calibration, which sees as few votes of a gold item as other items get.
    """
    given = votes_of(project)
    if not given.rows:
        return None
    with threadpool_limits(1):
        # On so little, several threads would only wait for each other.
        found = aggregate(given.numbered())
        weights = _weights(given, found)
        calibration, missing = _calibrated(project, given, found, weights)
    if isinstance(calibration, Calibrated):
        offsets = tuple(_rounded(calibration.offsets))
        temperature = round(calibration.temperature, DIGITS)
        weights = replace(weights, temperature=temperature, offsets=offsets)
    counts: dict[int, int] = defaultdict(int)
    for _, annotator, _ in given.rows:
        counts[annotator] += 1
    return Estimate(given, weights, counts, calibration, missing)


@transaction.atomic
def put_in_force(*, job: ConsensusJob, found: Estimate | None, evidence: int) -> bool:
    """Store an estimate as the newest version; tell whether other weights are in force now.

    Only calibrated weights come into force. Where there are none, votes are counted again.

    Args:
        job: which asked for it.
        found: the estimate; None where there are no votes.
        evidence: what `evidence_of` said before the votes were read.
    """
    project = Project.objects.select_for_update(no_key=True).get(pk=job.project_id)
    number = project.weighings.aggregate(last=Max("number"))["last"] or 0
    made = _store(project, number + 1, found, evidence)
    before = project.weighing
    after = made if made.calibrated else None
    project.weighing = after
    project.save(update_fields=["weighing"])
    record(
        project=project,
        actor=job.created_by,
        verb="weighed votes",
        subject=made,
        before=str(before or "votes counted"),
        after=str(after or "votes counted"),
        reason=made.reason,
    )
    return before != after


def votes_of(project: Project) -> Given:
    """Return the votes that count and the first answers to gold items, in a fixed order."""
    rows: dict[tuple[int, int], int] = {}
    gold = Annotation.objects.filter(
        project=project,
        checking=True,
        supersedes=None,
        label__isnull=False,
        assignment__task__reason=TaskReason.GOLD,
    )
    live = Annotation.objects.live().filter(
        project=project, item__deletion=None, assignment__state="done"
    )
    for answers in (gold, live):
        named = answers.order_by().values_list("item_id", "annotator_id", "label_id")
        rows |= {(item, who): label for item, who, label in named.iterator() if label is not None}
    ordered = sorted((item, who, label) for (item, who), label in rows.items())
    labels = sorted(project.labels.values_list("pk", flat=True))
    items, people = ({row[place] for row in ordered} for place in (0, 1))
    return Given(sorted(items), sorted(people), labels, ordered)


def _weights(given: Given, found: Aggregate) -> Weights:
    matrices = [[_rounded(row) for row in matrix] for matrix in found.confusion.tolist()]
    return Weights(
        labels=tuple(given.labels),
        prior=tuple(_rounded(found.prior.tolist())),
        said=dict(zip(given.annotators, matrices, strict=False)),
        anybody=matrices[-1],
    )


def _rounded(row: Iterable[float]) -> list[float]:
    return [float(f"{share:.{DIGITS}g}") for share in row]


def _calibrated(
    project: Project, given: Given, found: Aggregate, weights: Weights
) -> tuple[Calibrated | Uncalibrated, list[int]]:
    """Return the calibration on gold, and the labels without any gold."""
    truth = _gold(project)
    votes: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for item, annotator, label in given.rows:
        if item in truth:
            votes[item].append((annotator, label))
    posterior = np.empty((len(votes), len(given.labels)))
    for place, (item, cast) in enumerate(votes.items()):
        asked = as_asked(item, cast, wanted=project.overlap, limit=project.max_looks)
        posterior[place] = list((weights.probabilities(asked) or {}).values())
    place_of = {label: place for place, label in enumerate(given.labels)}
    labels = np.array([place_of[truth[item]] for item in votes], dtype=np.int64)
    of_gold = replace(found, posterior=posterior)
    seen = {truth[item] for item in votes}
    missing = [label for label in given.labels if label not in seen]
    return calibrate(of_gold, np.arange(len(labels)), labels), missing


def _gold(project: Project) -> dict[int, int]:
    """Return the labels of the gold holdout that a person decided or an import brought."""
    known = Resolution.objects.filter(
        project=project, item__split=Split.HOLDOUT, item__deletion=None, method__in=DECIDED
    )
    return dict(known.values_list(F("item_id"), F("label_id")))


def _store(project: Project, number: int, found: Estimate | None, evidence: int) -> Weighing:
    made = Weighing(
        project=project, number=number, evidence=evidence, gold_wanted=FEWEST_GOLD,
        votes=0, items=0, annotators=0, labels=[], prior=[], calibrated=False, gold=0,
        reason=NO_VOTES,
    )  # fmt: skip
    if found is None:
        made.save(force_insert=True)
        return made
    _fill(made, project, found)
    made.save(force_insert=True)
    rows = [(pk, found.counts[pk], said) for pk, said in found.weights.said.items()]
    AnnotatorWeight.objects.bulk_create(
        [
            AnnotatorWeight(weighing=made, annotator_id=pk, votes=votes, said=said)
            for pk, votes, said in [*rows, (None, 0, found.weights.anybody)]
        ]
    )
    return made


def _fill(made: Weighing, project: Project, found: Estimate) -> None:
    given, calibration = found.given, found.calibration
    names = dict(project.labels.values_list("pk", "name"))
    made.votes, made.items = len(given.rows), len(given.items)
    made.annotators, made.labels = len(given.annotators), list(given.labels)
    made.prior, made.offsets = list(found.weights.prior), list(found.weights.offsets)
    made.gold = calibration.gold
    made.labels_without_gold = [names[pk] for pk in found.missing if pk in names]
    if isinstance(calibration, Uncalibrated):
        made.reason = calibration.reason
        return
    made.calibrated, made.reason = True, ""
    made.temperature = found.weights.temperature
    made.error_before, made.error_after = calibration.error_before, calibration.error_after
