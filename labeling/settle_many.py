"""Bringing many items into the state that their votes call for, in a handful of statements.

It decides by the same functions as `labeling.resolve`, which does so for one item, and writes for
all of them at once. What a person decided stays, and so does what a reviewer has for another
reason than that votes differ.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from django.db import transaction

from labeling.looks import audience_of
from labeling.many_cases import Asked, Case, Look, Stored, lock_cases
from labeling.models import (
    LookState,
    Project,
    ResolutionMethod,
    Task,
    TaskReason,
    TaskState,
)
from labeling.resolve import NOBODY_LEFT
from labeling.set_wise import Among
from labeling.settle_write import Changes
from labeling.statistics.consensus import Outcome, Verdict
from labeling.status import agreement_of, status_of
from labeling.verdicts import Policy, next_of, policy_of

# Cases with another reason are a reviewer's whatever the votes say.
BY_VOTES = frozenset(
    {
        TaskReason.NEW,
        TaskReason.LOW_CONFIDENCE,
        TaskReason.AUDIT,
        TaskReason.DRIFT,
        TaskReason.WEAK_SLICE,
    }
)
STATED = ("status", "vote_count", "agreement")
STORED = ("label", "method", "votes", "confidence", "weighing", "resolved_at")
_new_looks = count(-1, -1)


@transaction.atomic
def settle_many(*, project: Project, items: Sequence[int], why: str) -> int:
    """Settle items by their votes; return how many have another label than before, or none now.

    Args:
        project: whose items.
        items: their ids; some 1,000 at once.
        why: what caused it, for the record.
    """
    cases = lock_cases(project, items)
    # Only now: what was put in force before the lock was had counts.
    fresh = Project.objects.get(pk=project.pk)
    voters = {one.annotator for case in cases for task in case.tasks for one in task.ballots}
    changes = Changes(fresh)
    settling = Settling(policy_of(fresh, voters), _members(fresh), changes)
    for case in cases:
        if not case.deleted:
            settling.settle(case)
    changes.write(why)
    unsettled = [task.pk for case in cases for task in case.tasks if task.unsettled]
    Task.objects.filter(Among("pk", unsettled)).update(unsettled=False)
    return len(changes.changed)


@dataclass
class Settling:
    """Looks at one item after the other, and notes what has to be written."""

    policy: Policy
    members: set[int]
    changes: Changes

    def settle(self, case: Case) -> None:
        """Look at one item, and note what has to be written."""
        task = self._to_settle(case)
        if task is not None:
            self._settle_task(case, task)
        self._bar_holders(case)
        found = self._label(case)
        self._note_label(case, found)
        live = case.live
        counts = Counter(ballot.label for task in case.tasks for ballot in task.ballots)
        stated = (
            status_of(
                None if live is None else TaskState(live.state),
                labeled=found is not None,
                decided=case.decision is not None,
            ).value,
            counts.total(),
            agreement_of(Counter[int | None](counts)),
        )
        if stated != case.stated:
            self.changes.stated[stated].append(case.pk)

    def _to_settle(self, case: Case) -> Asked | None:
        """Return the task whose state follows from its votes; None where nothing is to follow."""
        live = case.live
        if live is not None:
            return live if _may_settle(live) else None
        if case.decision is not None or any(self._agreed(task) for task in case.tasks):
            return None
        by_votes = case.stored is not None
        voted = (task for task in case.tasks if task.ballots and (by_votes or task.unsettled))
        return next(voted, None)

    def _settle_task(self, case: Case, task: Asked) -> None:
        then = next_of(
            self._verdict(task),
            wanted=task.wanted,
            states=task.states,
            anybody_left=lambda: self._anybody_left(case, task),
        )
        if task.state == TaskState.REVIEW and then.state != TaskState.CLOSED:
            return
        if then.nobody_left and NOBODY_LEFT not in task.note:
            self.changes.notes[task.pk] = "\n".join(filter(None, [task.note, NOBODY_LEFT]))
        if then.state != TaskState.OPEN:
            self._withdraw(task.standing)
        elif then.looks < 0:
            free = [look for look in task.standing if look.state == LookState.FREE]
            self._withdraw(sorted(free, key=lambda look: -look.slot)[: -then.looks])
        else:
            self._add(task, then.looks)
        if task.state != then.state:
            self.changes.moved[task.pk] = (task.state, then.state)
            task.state = then.state

    def _agreed(self, task: Asked) -> bool:
        return self._verdict(task).outcome is Outcome.AGREED

    def _verdict(self, task: Asked) -> Verdict[int]:
        """Return what a task's votes come to; agreement does not depend on looks that end."""
        if task.verdict is None:
            task.verdict = self.policy.verdict(task.ballots, wanted=task.wanted, states=task.states)
        return task.verdict

    def _anybody_left(self, case: Case, task: Asked) -> bool:
        able = self.members & set(task.reserved) if task.reserved else self.members
        return bool(able - {look.annotator_id for look in case.looks} - set(task.barred))

    def _withdraw(self, looks: Sequence[Look]) -> None:
        for look in looks:
            look.state, look.annotator_id = LookState.WITHDRAWN, None
            self.changes.withdrawn.append(look.pk)

    def _add(self, task: Asked, looks: int) -> None:
        last = max((look.slot for look in task.looks), default=0)
        for slot in range(last + 1, last + looks + 1):
            look = Look(next(_new_looks), slot, LookState.FREE, None, "")
            task.looks.append(look)
            self.changes.added.append((task, look))

    def _bar_holders(self, case: Case) -> None:
        holders = [look.annotator_id for look in case.looks if look.annotator_id is not None]
        for task in case.tasks:
            audience = audience_of(task.reserved, [*holders, *task.barred])
            for look in task.looks:
                if look.state == LookState.FREE and look.audience != audience:
                    look.audience = audience
                    if look.pk > 0:
                        self.changes.audiences[look.pk] = audience

    def _label(self, case: Case) -> Stored | None:
        if case.decision is not None:
            label, method, when = case.decision
            return None if label is None else Stored(label, method, 0, None, None, when)
        for task in case.tasks:
            verdict = self._verdict(task)
            if verdict.outcome is Outcome.AGREED and verdict.label is not None and task.latest:
                weighed = verdict.probability is not None
                return Stored(
                    label=verdict.label,
                    method=ResolutionMethod.WEIGHTED if weighed else ResolutionMethod.AGREEMENT,
                    votes=len(task.ballots),
                    confidence=verdict.probability,
                    weighing=self.policy.weighing if weighed else None,
                    resolved_at=task.latest,
                )
        return None

    def _note_label(self, case: Case, found: Stored | None) -> None:
        before, after = (None if one is None else one.label for one in (case.stored, found))
        if before != after:
            self.changes.changed[case.pk] = (before, after)
        if found is None and case.stored is not None:
            self.changes.removed.append(case.pk)
        if found is not None and found != case.stored:
            self.changes.stored[case.pk] = found


def _members(project: Project) -> set[int]:
    """Return who may be asked for a look."""
    able = project.memberships.filter(paused_at=None, user__is_active=True)
    return set(able.values_list("user_id", flat=True))


def _may_settle(live: Asked) -> bool:
    """Tell whether the votes on a live task say what becomes of it."""
    if not live.ballots:
        return False
    if live.state == TaskState.OPEN:
        # Whoever holds a look settles it with the answer, or when it goes back.
        return not any(look.state == LookState.LEASED for look in live.looks)
    differ = len({ballot.label for ballot in live.ballots}) > 1 or NOBODY_LEFT in live.note
    return (
        differ
        and live.wanted > 0
        and live.reason in BY_VOTES
        and LookState.SKIPPED not in live.states
    )
