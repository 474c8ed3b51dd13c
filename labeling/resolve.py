"""From votes and decisions to an item's label: the one function that derives it."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from labeling.dossier import Dossier, read, tasks_of
from labeling.events import record
from labeling.looks import (
    STANDING,
    anybody_left,
    bar_holders,
    keep_for_checked,
    withdraw,
    withdraw_open,
)
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
from labeling.statistics.consensus import Outcome, Verdict
from labeling.status import restate
from labeling.verdicts import Ballot, Policy, missing_looks, next_of, policy_of

NOBODY_LEFT = "Everybody who may look at it has had a look."

_STORED = ("label", "method", "votes", "confidence", "weighing", "resolved_at")
_COMPARED = ("label_id", "method", "votes", "confidence", "weighing_id", "resolved_at")


def settle(task: Task, *, actor: User | None, known: Dossier | None = None) -> None:
    """Bring a locked task into the state that its votes call for, and its item's label with it.

    Agreement closes it, an exhausted disagreement or a flag goes to a reviewer, and otherwise
    there are as many open looks as are still wanted, while anybody is left to have them. A check
    changes nothing of its item.

    Args:
        task: a locked task.
        actor: who caused the change; None where nobody did.
        known: what was read of its item under the lock, if it was.
    """
    known = known or read(task.item_id, task)
    if task.is_check:
        keep_for_checked(task, known.looks_of(task))
        return
    then = next_of(
        _verdict(task, known),
        wanted=task.wanted,
        states=_states(task, known),
        anybody_left=lambda: anybody_left(task, known.looks),
    )
    if then.nobody_left:
        _note(task, NOBODY_LEFT)
    if then.state == TaskState.OPEN:
        _add_looks(task, known, then.looks)
        bar_holders(task, known.looks)
    else:
        withdraw_open(task, known.looks)
    _move(task, known, then.state, actor)
    _derive(known)


def reopen(task: Task, *, actor: User | None, known: Dossier) -> None:
    """Open a locked task for an answer that was taken back, whatever the other votes say."""
    if task.is_check:
        return
    verdict, states = _verdict(task, known), _states(task, known)
    _add_looks(task, known, missing_looks(verdict, wanted=task.wanted, states=states))
    bar_holders(task, known.looks)
    _move(task, known, TaskState.OPEN, actor)
    _derive(known)


def another_look(task: Task, *, actor: User | None, known: Dossier) -> None:
    """Ask for one more look at a locked task; a reviewer gets it where nobody is left for that."""
    if anybody_left(task, known.looks):
        add_look(task, known)
        bar_holders(task, known.looks)
        return
    if _standing(task, known):
        return
    _note(task, NOBODY_LEFT)
    send_to_review(task, actor=actor, known=known)


def add_look(task: Task, known: Dossier) -> None:
    """Add one free look to a locked task, whoever may have it."""
    slots = [look.slot for look in known.looks_of(task)]
    added = Assignment.objects.create(
        project_id=task.project_id,
        task=task,
        slot=max(slots, default=0) + 1,
        priority=task.priority,
        rank=task.rank,
    )
    known.looks.append(added)


def send_to_review(task: Task, *, actor: User | None, known: Dossier | None = None) -> None:
    """Leave a locked task to a reviewer: looks that were not given are withdrawn."""
    known = known or read(task.item_id, task)
    withdraw_open(task, known.looks)
    _move(task, known, TaskState.REVIEW, actor)
    restate(known.item, known)


def close(
    task: Task, *, actor: User | None, reason: str = "", known: Dossier | None = None
) -> None:
    """End a locked task by decision: looks that were not given are withdrawn."""
    known = known or read(task.item_id, task)
    withdraw_open(task, known.looks)
    _move(task, known, TaskState.CLOSED, actor, reason)
    _derive(known)


def votes_of(task: Task) -> list[Annotation]:
    """Return the answers to a task that count."""
    return list(
        Annotation.objects.live()
        .filter(assignment__task=task, assignment__state=LookState.DONE)
        .order_by("id")
    )


def derive(item: Item) -> Resolution | None:
    """Compute an item's label from its newest decision, else its newest agreed task, and store it.

    Returns None, and removes a stored label, where neither gives one or the item is deleted.
    """
    return _derive(read(item.pk))


@transaction.atomic
def recompute(*, project: Project) -> int:
    """Derive every label of a project again from its evidence; return how many changed."""
    before = _labels(project)
    for item in project.items.iterator(chunk_size=500):
        derive(item)
    return len(before ^ _labels(project))


def _labels(project: Project) -> set[tuple[object, ...]]:
    return set(project.resolutions.values_list("item_id", *_COMPARED))


def _verdict(task: Task, known: Dossier) -> Verdict[int]:
    return _policy(task.project, known).verdict(
        [
            Ballot(vote.annotator_id, vote.label_id, vote.flagged)
            for vote in known.votes_of(task)
            if vote.label_id is not None
        ],
        wanted=task.wanted,
        states=_states(task, known),
    )


def _states(task: Task, known: Dossier) -> list[str]:
    return [look.state for look in known.looks_of(task)]


def _policy(project: Project, known: Dossier) -> Policy:
    if known.policy is None:
        known.policy = policy_of(project, {end.annotator_id for end in known.ends})
    return known.policy


def _standing(task: Task, known: Dossier) -> int:
    return sum(look.state in STANDING for look in known.looks_of(task))


def _add_looks(task: Task, known: Dossier, missing: int) -> None:
    for _ in range(missing):
        add_look(task, known)
    _withdraw_surplus(known.looks_of(task), -missing)


def _withdraw_surplus(looks: Sequence[Assignment], surplus: int) -> None:
    """Call off free looks that an undone answer has made superfluous, the newest first."""
    free = [look for look in looks if look.state == LookState.FREE]
    withdraw(sorted(free, key=lambda look: -look.slot)[: max(surplus, 0)])


def _note(task: Task, sentence: str) -> None:
    if sentence not in task.note:
        task.note = "\n".join(filter(None, [task.note, sentence]))
        task.save(update_fields=["note"])


def _move(
    task: Task, known: Dossier, state: TaskState, actor: User | None, reason: str = ""
) -> None:
    if task.state == state:
        return
    before, task.state = task.state, state
    known.live = None if state == TaskState.CLOSED else state
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


def _derive(known: Dossier) -> Resolution | None:
    found, stored = _resolution(known), known.label
    if found is None and stored is not None:
        Resolution.objects.filter(item=known.item.pk).delete()
    if found is not None and not _same(found, stored):
        Resolution.objects.bulk_create(
            [found], update_conflicts=True, unique_fields=["item"], update_fields=_STORED
        )
    known.label = found
    restate(known.item, known)
    return found


def _same(found: Resolution, stored: Resolution | None) -> bool:
    return stored is not None and all(getattr(found, n) == getattr(stored, n) for n in _COMPARED)


def _resolution(known: Dossier) -> Resolution | None:
    if known.item.deletion_id is not None:
        return None
    return _agreed(known) if known.decided is None else _decided(known, known.decided)


def _decided(known: Dossier, decision_id: int) -> Resolution | None:
    decision = Adjudication.objects.get(pk=decision_id)
    if decision.label_id is None:
        return None
    return Resolution(
        project_id=known.item.project_id,
        item_id=known.item.pk,
        label_id=decision.label_id,
        method=decision.method,
        votes=0,
        resolved_at=decision.created_at,
    )


def _agreed(known: Dossier) -> Resolution | None:
    for task in tasks_of(known.looks):
        verdict = _verdict(task, known)
        if verdict.outcome is Outcome.AGREED and verdict.label is not None:
            votes = known.votes_of(task)
            weighed = verdict.probability is not None
            return Resolution(
                project_id=known.item.project_id,
                item_id=known.item.pk,
                label_id=verdict.label,
                method=ResolutionMethod.WEIGHTED if weighed else ResolutionMethod.AGREEMENT,
                votes=len(votes),
                confidence=verdict.probability,
                weighing_id=_policy(task.project, known).weighing if weighed else None,
                resolved_at=max(vote.created_at for vote in votes),
            )
    return None
