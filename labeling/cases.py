"""The cases that wait for a reviewer, each with its evidence and without names."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

from django.db.models import Case as Choice
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, When

from accounts.models import User
from labeling import facets
from labeling.beside_case import Beside, beside
from labeling.decided_before import decided_before
from labeling.models import (
    Adjudication,
    Annotation,
    Label,
    Project,
    Task,
    TaskReason,
    TaskState,
)
from labeling.opinion import Opinion, may_ask

LISTED = 50
REASONS = {
    TaskReason.NEW: "disagreement",
    TaskReason.LOW_CONFIDENCE: "low confidence",
    TaskReason.REPORT: "report",
    TaskReason.AUDIT: "audit",
    TaskReason.SUSPECT_LABEL: "suspected label",
    TaskReason.DRIFT: "drift",
    TaskReason.WEAK_SLICE: "weak slice",
}


@dataclass(frozen=True)
class Listed:
    """A case as it stands in the list."""

    task: Task
    reason: str
    value: str


@dataclass(frozen=True)
class Waiting:
    """The cases of one reviewer: the first of them, how many by reason, how many are not theirs."""

    cases: list[Listed]
    by_reason: list[tuple[str, str, int]]
    total: int
    others: int


@dataclass(frozen=True)
class Vote:
    """An answer without its giver's name."""

    voter: str
    label: Label | None
    seconds: float | None
    note: str
    flagged: bool
    earlier: bool
    guideline: int | None


@dataclass(frozen=True)
class Case:
    """What a reviewer sees of one task.

    `may_ask` tells that a model's opinion may be asked for; it stands in `beside` once it was.
    """

    task: Task
    votes: list[Vote]
    beside: Beside
    leading: Label | None
    may_ask: bool


@dataclass(frozen=True)
class Desk:
    """What a reviewer has in front: the list, one case, and what it takes to decide it.

    `own` tells that the reviewer gave an answer on the case's item, and so may not decide it.
    """

    waiting: Waiting
    case: Case | None
    own: bool
    labels: list[Label]
    beside: Beside


def desk_of(project: Project, user: User, *, reason: str = "", task_id: int = 0) -> Desk:
    """Return the cases that a reviewer may decide, and one of them with its evidence.

    Args:
        project: whose cases.
        user: the reviewer.
        reason: which cases to list; any where it is none of `TaskReason` and no facet.
        task_id: the case to show, whosoever may decide it; the most urgent one listed where it
            does not wait.
    """
    found = _found(project, user, reason, task_id)
    listed = [task for task in found if _is_listed(task, reason)][:LISTED]
    task = next((task for task in found if task.pk == task_id), next(iter(listed), None))
    labels = list(project.labels.all())
    answers = _answers(found)
    near = beside(project, user, task, labels)
    return Desk(
        waiting=_waiting(project, user, _listed(listed, answers)),
        case=None if task is None else _case(task, answers[task.item_id], near),
        own=task is not None and task.own,  # type: ignore[attr-defined]
        labels=labels,
        beside=near,
    )


def letters(answers: Iterable[Annotation]) -> list[str]:
    """Return a letter for each answer: the same for the same person, and no more than that."""
    names: dict[int, str] = {}
    for answer in answers:
        names.setdefault(answer.annotator_id, ascii_uppercase[len(names) % len(ascii_uppercase)])
    return [names[answer.annotator_id] for answer in answers]


def _in_review(project: Project, user: User) -> "QuerySet[Any]":
    own = Annotation.objects.filter(item=OuterRef("item"), annotator=user, label__isnull=False)
    tasks = Task.objects.filter(project=project, state=TaskState.REVIEW)
    barred = Choice(When(Q(Exists(own)) | decided_before(user), then=True), default=False)
    return facets.with_facets(tasks.annotate(own=barred))


def _found(project: Project, user: User, reason: str, task_id: int) -> list[Task]:
    """Return the first cases of a reviewer, and beside them the one that was asked for."""
    before = Adjudication.objects.filter(task=OuterRef("pk"))
    tasks = _in_review(project, user).annotate(reopened=Exists(before)).order_by("-priority", "id")
    first = facets.narrowed(tasks.filter(own=False), reason)[:LISTED]
    if task_id:
        first = tasks.filter(Q(pk=task_id) | Q(pk__in=first.values("pk")))
    return list(first.select_related("item", "suggestion"))


def _is_listed(task: Task, reason: str) -> bool:
    own: bool = task.own  # type: ignore[attr-defined]
    return not own and facets.has_reason(task, reason)


def _answers(tasks: Sequence[Task]) -> dict[int, list[Annotation]]:
    """Return the answers that count, the oldest first, by item."""
    found: dict[int, list[Annotation]] = {task.item_id: [] for task in tasks}
    given = Annotation.objects.live().filter(item__in=found).select_related("label", "assignment")
    for answer in given.annotate(version=F("guideline__version")).order_by("id"):
        found[answer.item_id].append(answer)
    return found


def _waiting(project: Project, user: User, cases: list[Listed]) -> Waiting:
    counted = _in_review(project, user).order_by().values("reason")
    finer = {
        f"of_{key}": Count("pk", filter=Q(own=False, **{facets.PREFIX + key: True}))
        for key in facets.facets
    }
    rows = list(counted.annotate(all=Count("pk"), mine=Count("pk", filter=Q(own=False)), **finer))
    counts = {row["reason"]: (row["mine"], row["all"] - row["mine"]) for row in rows}
    return Waiting(
        cases=cases,
        by_reason=[
            *((key.value, REASONS[key], counts[key][0]) for key in TaskReason if key in counts),
            *_finer(rows),
        ],
        total=sum(mine for mine, _ in counts.values()),
        others=sum(others for _, others in counts.values()),
    )


def _finer(rows: Sequence[dict[str, Any]]) -> list[tuple[str, str, int]]:
    """Return the finer reasons that some case has, with how many have it."""
    sums = {key: sum(row[f"of_{key}"] for row in rows) for key in facets.facets}
    return [(key, facets.facets[key].words, count) for key, count in sums.items() if count]


def _case(task: Task, answers: Sequence[Annotation], near: Beside) -> Case:
    """Gather what people said of a task's item; voters are letters, the same within a case."""
    votes = [
        Vote(
            voter=voter,
            label=answer.label,
            seconds=answer.seconds,
            note=answer.note,
            flagged=answer.flagged,
            earlier=answer.assignment.task_id != task.pk,
            guideline=answer.version,  # type: ignore[attr-defined]
        )
        for voter, answer in zip(letters(answers), answers, strict=True)
    ]
    return Case(task, votes, near, _leading(votes, task, near.opinion), may_ask(task))


def _listed(tasks: Sequence[Task], answers: dict[int, list[Annotation]]) -> list[Listed]:
    rows = []
    for task in tasks:
        own = [one for one in answers[task.item_id] if one.assignment.task_id == task.pk]
        flagged = any(one.flagged for one in own)
        rows.append(_row(task, [one.label_id for one in own], flagged=flagged))
    return rows


def _row(task: Task, votes: list[int | None], *, flagged: bool) -> Listed:
    reason = facets.words_of(task) or REASONS[TaskReason(task.reason)]
    if task.reopened:  # type: ignore[attr-defined]
        reason = "reopened"
    elif flagged:
        reason = "flagged"
    elif task.reason == TaskReason.NEW and len(set(votes)) <= 1:
        reason = "skipped"
    if votes:
        split = sorted(Counter(votes).values(), reverse=True)
        return Listed(task, reason, " : ".join(str(count) for count in split))
    # A suspected label is about another label than the one that the model is confident of.
    untold = task.keeps_secret or task.reason == TaskReason.SUSPECT_LABEL
    confidence = None if untold else task.suggestion_confidence
    return Listed(task, reason, "" if confidence is None else f"{confidence:.2f}")


def _leading(votes: Sequence[Vote], task: Task, opinion: Opinion | None) -> Label | None:
    """Return the answer to agree with: that of most votes on the task, else on earlier ones.

    A model's opinion that was asked for settles a tie, and stands where nobody voted, unless it
    is what was reported.
    """
    reported = task.reason == TaskReason.REPORT
    suggestion = None if opinion is None or reported else opinion.label
    counts = Counter(vote.label for vote in votes if vote.label and not vote.earlier)
    counts = counts or Counter(vote.label for vote in votes if vote.label)
    best = max(counts.values(), default=0)
    first = [label for label, count in counts.items() if count == best]
    if len(first) == 1:
        return first[0]
    return suggestion if not first or suggestion in first else None
