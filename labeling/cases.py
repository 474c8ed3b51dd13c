"""The cases that wait for a reviewer, each with its evidence and without names."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from string import ascii_uppercase

from django.db.models import Count, Exists, OuterRef, QuerySet

from accounts.models import User
from labeling.events import history
from labeling.models import (
    SKIP_REASONS,
    Adjudication,
    Annotation,
    Label,
    Project,
    Task,
    TaskReason,
    TaskState,
)

LISTED = 50
REASONS = {
    TaskReason.NEW: "disagreement",
    TaskReason.LOW_CONFIDENCE: "low confidence",
    TaskReason.REPORT: "report",
    TaskReason.AUDIT: "audit",
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


@dataclass(frozen=True)
class Case:
    """What a reviewer sees of one task."""

    task: Task
    votes: list[Vote]
    skips: list[str]
    decisions: list[Adjudication]
    leading: Label | None


def waiting_cases(project: Project, user: User, reason: str = "") -> Waiting:
    """Return the cases that this reviewer may decide, the most urgent first, at most 50."""
    tasks, theirs = _in_review(project), ~Exists(_own_answers(user))
    counts = {
        row["reason"]: (row["mine"], row["all"] - row["mine"])
        for row in tasks.order_by()
        .values("reason")
        .annotate(all=Count("pk"), mine=Count("pk", filter=theirs))
    }
    shown = tasks.filter(theirs, reason__in=[reason] if reason in TaskReason else TaskReason)
    found = list(shown.select_related("item", "suggestion").order_by("-priority", "id")[:LISTED])
    return Waiting(
        cases=_listed(found),
        by_reason=[(key, REASONS[key], counts[key][0]) for key in TaskReason if key in counts],
        total=sum(mine for mine, _ in counts.values()),
        others=sum(others for _, others in counts.values()),
    )


def find_case(project: Project, task_id: int) -> Task | None:
    """Return a task of the project that waits for a reviewer, whosoever may decide it."""
    return _in_review(project).select_related("item", "suggestion").filter(pk=task_id).first()


def answered(task: Task, user: User) -> bool:
    """Tell whether the user gave an answer on the task's item, and so may not decide it."""
    return Annotation.objects.filter(
        item=task.item_id, annotator=user, label__isnull=False
    ).exists()


def evidence(task: Task) -> Case:
    """Gather what people said of a task's item; voters are letters, the same within a case."""
    answers = list(
        Annotation.objects.live()
        .filter(item=task.item_id)
        .select_related("label", "assignment")
        .order_by("id")
    )
    votes = [
        Vote(
            voter=voter,
            label=answer.label,
            seconds=answer.seconds,
            note=answer.note,
            flagged=answer.flagged,
            earlier=answer.assignment.task_id != task.pk,
        )
        for voter, answer in zip(letters(answers), answers, strict=True)
    ]
    skipped = history(task).filter(verb="skipped").values_list("reason", flat=True)
    decisions = Adjudication.objects.filter(item=task.item_id).select_related("label")
    return Case(
        task=task,
        votes=votes,
        skips=[_skip_words(reason) for reason in skipped],
        decisions=list(decisions.order_by("id")),
        leading=_leading(votes, task),
    )


def letters(answers: Iterable[Annotation]) -> list[str]:
    """Return a letter for each answer: the same for the same person, and no more than that."""
    names: dict[int, str] = {}
    for answer in answers:
        names.setdefault(answer.annotator_id, ascii_uppercase[len(names) % len(ascii_uppercase)])
    return [names[answer.annotator_id] for answer in answers]


def _in_review(project: Project) -> QuerySet[Task]:
    return Task.objects.filter(project=project, state=TaskState.REVIEW)


def _own_answers(user: User) -> QuerySet[Annotation]:
    return Annotation.objects.filter(item=OuterRef("item"), annotator=user, label__isnull=False)


def _skip_words(said: str) -> str:
    """Return `out_of_scope: a note` as people read it."""
    reason, colon, note = said.partition(":")
    return SKIP_REASONS.get(reason, reason) + colon + note


def _listed(tasks: Sequence[Task]) -> list[Listed]:
    votes: dict[int, list[int | None]] = defaultdict(list)
    flagged = set()
    rows = Annotation.objects.live().filter(assignment__task__in=tasks)
    for task_id, label_id, flag in rows.values_list("assignment__task", "label", "flagged"):
        votes[task_id].append(label_id)
        flagged |= {task_id} if flag else set()
    return [_row(task, votes[task.pk], flagged=task.pk in flagged) for task in tasks]


def _row(task: Task, votes: list[int | None], *, flagged: bool) -> Listed:
    reason = REASONS[TaskReason(task.reason)]
    if flagged:
        reason = "flagged"
    elif task.reason == TaskReason.NEW and len(set(votes)) <= 1:
        reason = "skipped"
    if votes:
        split = sorted(Counter(votes).values(), reverse=True)
        return Listed(task, reason, " : ".join(str(count) for count in split))
    confidence = None if task.keeps_secret else task.suggestion_confidence
    return Listed(task, reason, "" if confidence is None else f"{confidence:.2f}")


def _leading(votes: Sequence[Vote], task: Task) -> Label | None:
    """Return the answer to agree with: that of most votes on the task, else on earlier ones.

    The suggestion settles a tie, and stands where nobody voted, unless it is what was reported.
    """
    suggestion = None if task.reason == TaskReason.REPORT else task.revealed
    counts = Counter(vote.label for vote in votes if vote.label and not vote.earlier)
    counts = counts or Counter(vote.label for vote in votes if vote.label)
    best = max(counts.values(), default=0)
    first = [label for label, count in counts.items() if count == best]
    if len(first) == 1:
        return first[0]
    return suggestion if not first or suggestion in first else None
