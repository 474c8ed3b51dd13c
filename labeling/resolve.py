"""From votes and decisions to an item's label: the one function that derives it."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from labeling.events import record
from labeling.looks import add_look, bar_holders, withdraw, withdraw_open
from labeling.models import (
    Adjudication,
    Annotation,
    Assignment,
    Item,
    LookState,
    Project,
    Resolution,
    ResolutionMethod,
    Task,
    TaskState,
)
from labeling.statistics.consensus import Outcome, Verdict, decide
from labeling.status import restate

OPEN_LOOKS = (LookState.FREE, LookState.LEASED)


def settle(task: Task, *, actor: User | None) -> None:
    """Bring a locked task into the state that its votes call for, and its item's label with it.

    Agreement closes it, an exhausted disagreement goes to a reviewer, and otherwise there are as
    many open looks as are still wanted.
    """
    looks = list(task.assignments.all())
    verdict = _verdict(task, looks, votes_of(task))
    if verdict.outcome in {Outcome.AGREED, Outcome.REVIEW}:
        withdraw_open(task)
    else:
        _want_looks(task, looks, verdict)
        bar_holders(task)
    _move(task, _STATES[verdict.outcome], actor)
    derive(task.item)


def reopen(task: Task, *, actor: User | None) -> None:
    """Open a locked task for an answer that was taken back, whatever the other votes say."""
    looks = list(task.assignments.all())
    _want_looks(task, looks, _verdict(task, looks, votes_of(task)))
    bar_holders(task)
    _move(task, TaskState.OPEN, actor)
    derive(task.item)


_STATES = {
    Outcome.AGREED: TaskState.CLOSED,
    Outcome.REVIEW: TaskState.REVIEW,
    Outcome.WAITING: TaskState.OPEN,
    Outcome.ANOTHER_LOOK: TaskState.OPEN,
}


def votes_of(task: Task) -> list[Annotation]:
    """Return the answers to a task that count."""
    return list(
        Annotation.objects.live()
        .filter(assignment__task=task, assignment__state=LookState.DONE)
        .order_by("id")
    )


def close(task: Task, *, actor: User | None, reason: str = "") -> None:
    """End a locked task by decision: looks that were not given are withdrawn."""
    withdraw_open(task)
    _move(task, TaskState.CLOSED, actor, reason)


def derive(item: Item) -> Resolution | None:
    """Compute an item's label from its newest decision, else its newest agreed task, and store it.

    Returns None, and removes a stored label, where neither gives one or the item is deleted.
    """
    found = _resolution(item)
    if found is None:
        Resolution.objects.filter(item=item).delete()
    else:
        _store(item, found)
    restate(item)
    return found


@transaction.atomic
def recompute(*, project: Project) -> int:
    """Derive every label of a project again from its evidence; return how many changed."""
    before = dict(project.resolutions.values_list("item_id", "label_id"))
    for item in project.items.iterator(chunk_size=500):
        derive(item)
    after = dict(project.resolutions.values_list("item_id", "label_id"))
    return len(before.items() ^ after.items())


def _verdict(
    task: Task, looks: Sequence[Assignment], votes: Sequence[Annotation]
) -> Verdict[int | None]:
    given = [look for look in looks if look.state in {*OPEN_LOOKS, LookState.DONE}]
    limit = max(task.project.max_looks, task.wanted, len(given))
    return decide([vote.label_id for vote in votes], wanted=task.wanted, limit=limit)


def _want_looks(task: Task, looks: Sequence[Assignment], verdict: Verdict[int | None]) -> None:
    done = sum(look.state == LookState.DONE for look in looks)
    standing = sum(look.state in OPEN_LOOKS for look in looks)
    wanted = done + 1 if verdict.outcome is Outcome.ANOTHER_LOOK else task.wanted
    for _ in range(wanted - done - standing):
        add_look(task)
    _withdraw_surplus(task, done + standing - wanted)


def _withdraw_surplus(task: Task, surplus: int) -> None:
    """Call off free looks that an undone answer has made superfluous, the newest first."""
    if surplus > 0:
        free = task.assignments.filter(state=LookState.FREE).order_by("-slot")
        withdraw(task.assignments.filter(pk__in=list(free.values_list("pk", flat=True)[:surplus])))


def _move(task: Task, state: TaskState, actor: User | None, reason: str = "") -> None:
    if task.state == state:
        return
    before, task.state = task.state, state
    task.closed_at = timezone.now() if state == TaskState.CLOSED else None
    task.save(update_fields=["state", "closed_at"])
    record(
        project=task.project,
        actor=actor,
        verb="moved",
        subject=task,
        before=before,
        after=state,
        reason=reason,
    )


def _resolution(item: Item) -> Resolution | None:
    if item.deletion_id is not None:
        return None
    decision = Adjudication.objects.filter(item=item).order_by("id").last()
    return _agreed(item) if decision is None else _decided(decision)


def _store(item: Item, found: Resolution) -> None:
    Resolution.objects.update_or_create(
        item=item,
        defaults={
            "project_id": item.project_id,
            "label_id": found.label_id,
            "method": found.method,
            "votes": found.votes,
            "resolved_at": found.resolved_at,
        },
    )


def _decided(decision: Adjudication) -> Resolution | None:
    if decision.label_id is None:
        return None
    return Resolution(
        item=decision.item,
        label_id=decision.label_id,
        method=decision.method,
        votes=0,
        resolved_at=decision.created_at,
    )


def _agreed(item: Item) -> Resolution | None:
    for task in item.tasks.select_related("project").order_by("-id"):
        votes = votes_of(task)
        verdict = _verdict(task, list(task.assignments.all()), votes)
        if verdict.outcome is Outcome.AGREED and verdict.label is not None:
            return Resolution(
                item=item,
                label_id=verdict.label,
                method=ResolutionMethod.AGREEMENT,
                votes=len(votes),
                resolved_at=_latest(votes),
            )
    return None


def _latest(votes: Sequence[Annotation]) -> datetime:
    return max(vote.created_at for vote in votes)
