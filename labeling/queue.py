"""The queue of wanted looks: opening tasks, and who gets which next."""

from datetime import timedelta

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from labeling.errors import Conflict, Invalid
from labeling.events import record
from labeling.looks import add_look, bar_holders, lease, lock_task, release, withdraw_open
from labeling.models import (
    Assignment,
    Item,
    Label,
    LookState,
    Project,
    Split,
    Task,
    TaskReason,
    TaskState,
)
from labeling.resolve import settle
from labeling.status import restate

EXPIRED_AT_ONCE = 50
SKIPS_BEFORE_REVIEW = 2
TAKEN_WHILE_UNTOUCHED = (
    "reason",
    "blind",
    "suggestion",
    "suggestion_confidence",
    "suggestion_source",
)
SKIP_REASONS = {
    "unclear": "unclear",
    "out_of_scope": "out of scope",
    "broken": "broken",
    "other": "other",
}

WITH_CASE = Assignment.objects.select_related("task__item", "task__suggestion", "task__project")

HEADS = """
WITH RECURSIVE free_group(audience) AS (
    SELECT MIN(audience) FROM labeling_assignment WHERE project_id = %(project)s AND state = 'free'
    UNION ALL
    SELECT (SELECT MIN(a.audience) FROM labeling_assignment a
            WHERE a.project_id = %(project)s AND a.state = 'free'
              AND a.audience > free_group.audience)
    FROM free_group WHERE free_group.audience IS NOT NULL
)
SELECT head.audience FROM free_group JOIN labeling_assignment head ON head.id = (
    SELECT a.id FROM labeling_assignment a
    WHERE a.project_id = %(project)s AND a.state = 'free' AND a.audience = free_group.audience
    ORDER BY a.priority DESC, a.rank, a.id LIMIT 1
)
WHERE free_group.audience NOT LIKE %(without)s
  AND (free_group.audience NOT LIKE '+%%' OR free_group.audience LIKE %(only)s)
ORDER BY head.priority DESC, head.rank, head.id
"""


@transaction.atomic
def want_look(
    *,
    project: Project,
    item: Item,
    reason: TaskReason,
    looks: int,
    priority: int,
    actor: User | None = None,
    suggestion: Label | None = None,
    confidence: float | None = None,
    source: str = "",
    note: str = "",
    review: bool = False,
) -> tuple[Task, str]:
    """Ask for human looks at an item, and return the task with what was done, in words.

    An item has one live task at most: where one waits it is raised instead, and takes the
    suggestion only if nobody has looked yet. With `review` the task goes to a reviewer at once.
    Looks at holdout items and audits are blind, and stay so when raised.
    """
    item = Item.objects.select_for_update(no_key=True).get(pk=item.pk)
    live = Task.objects.filter(item=item).exclude(state=TaskState.CLOSED).first()
    blind = item.split == Split.HOLDOUT or reason == TaskReason.AUDIT
    blind = blind or (live is not None and live.blind)
    wish = Task(
        project=project,
        item=item,
        reason=reason,
        priority=priority,
        wanted=looks,
        note=note,
        blind=blind,
        suggestion=None if blind else suggestion,
        suggestion_confidence=None if blind else confidence,
        suggestion_source="" if blind else source,
    )
    if live is None:
        return _open(wish, review=review, actor=actor)
    return _raise(lock_task(live.pk), wish, review=review, actor=actor)


def claim(*, project: Project, user: User) -> Assignment | None:
    """Lease the best look that this user may have, or return the one that the user holds.

    Best is the highest priority, then the oldest. Free looks are grouped by their audience;
    only the heads of the groups that the user belongs to are read, so the cost does not grow
    with the project nor with what the user has done.

    Returns:
        The look with its task, item and suggestion; None where nothing waits for this user.
    """
    # Each step is a transaction of its own: locks that pile up over several could deadlock.
    _release_expired(project)
    return _held_by(project, user) or _lease_best(project, user)


def extend(*, project: Project, user: User, assignment_id: int, token: str) -> Assignment:
    """Keep a lease for another full period while its page is open.

    Raises:
        Conflict: the lease was lost.
    """
    expires = timezone.now() + timedelta(minutes=project.lease_minutes)
    won = Assignment.objects.filter(
        project=project, pk=assignment_id, annotator=user, token=token, state=LookState.LEASED
    ).update(lease_expires_at=expires)
    if not won:
        raise Conflict("This item has gone back to the queue.")
    return Assignment.objects.get(pk=assignment_id)


@transaction.atomic
def skip(*, project: Project, user: User, assignment_id: int, token: str, reason: str) -> None:
    """Pass a look on to another annotator; twice skipped, a task goes to a reviewer.

    Raises:
        Invalid: an unknown reason.
        Conflict: the lease was lost.
    """
    if reason not in SKIP_REASONS:
        raise Invalid(f"reason: choose one of {', '.join(SKIP_REASONS)}.")
    look, task = locked_look(project=project, assignment_id=assignment_id)
    if look.state != LookState.LEASED or look.annotator_id != user.pk or look.token != token:
        raise Conflict("This item has gone back to the queue.")
    look.state, look.skip_reason, look.lease_expires_at = LookState.SKIPPED, reason, None
    look.save(update_fields=["state", "skip_reason", "lease_expires_at"])
    record(project=project, actor=user, verb="skipped", subject=task, reason=reason)
    if task.assignments.filter(state=LookState.SKIPPED).count() >= SKIPS_BEFORE_REVIEW:
        _send_to_review(task, user)
    else:
        add_look(task)
        bar_holders(task)


def locked_look(*, project: Project, assignment_id: int) -> tuple[Assignment, Task]:
    """Lock the task of a look and return both as they are now.

    Raises:
        Conflict: there is no such look in this project.
    """
    task_id = (
        Assignment.objects.filter(project=project, pk=assignment_id)
        .values_list("task_id", flat=True)
        .first()
    )
    if task_id is None:
        raise Conflict("This item is no longer in the queue.")
    task = lock_task(task_id)
    return Assignment.objects.get(pk=assignment_id), task


def _open(task: Task, *, review: bool, actor: User | None) -> tuple[Task, str]:
    task.state = TaskState.REVIEW if review else TaskState.OPEN
    task.save()
    for _ in range(0 if review else task.wanted):
        add_look(task)
    bar_holders(task)
    restate(task.item)
    record(project=task.project, actor=actor, verb="opened", subject=task, after=task.reason)
    return task, "opened a review task" if review else "opened a task"


def _raise(task: Task, wish: Task, *, review: bool, actor: User | None) -> tuple[Task, str]:
    task.note = "\n".join(filter(None, [task.note, wish.note]))
    task.priority = max(task.priority, wish.priority)
    untouched = not task.assignments.exclude(state=LookState.FREE).exists()
    if untouched:
        for name in TAKEN_WHILE_UNTOUCHED:
            setattr(task, name, getattr(wish, name))
    task.save()
    task.assignments.filter(state=LookState.FREE).update(priority=task.priority)
    if review and untouched and task.state == TaskState.OPEN:
        _send_to_review(task, actor)
    record(project=task.project, actor=actor, verb="raised", subject=task, after=wish.reason)
    return task, "raised the task that was waiting"


def _send_to_review(task: Task, actor: User | None) -> None:
    withdraw_open(task)
    before, task.state = task.state, TaskState.REVIEW
    task.save(update_fields=["state"])
    restate(task.item)
    record(
        project=task.project,
        actor=actor,
        verb="moved",
        subject=task,
        before=before,
        after=TaskState.REVIEW,
    )


def _release_expired(project: Project) -> None:
    expired = Assignment.objects.filter(
        project=project, state=LookState.LEASED, lease_expires_at__lte=timezone.now()
    )
    due = expired.order_by("lease_expires_at").values_list("pk", flat=True)[:EXPIRED_AT_ONCE]
    for pk in list(due):
        _release_if_expired(pk)


@transaction.atomic
def _release_if_expired(pk: int) -> None:
    look = _lock(Assignment.objects.filter(pk=pk))
    if look is not None and look.state == LookState.LEASED and not look.live and release(look):
        settle(look.task, actor=None)


def _held_by(project: Project, user: User) -> Assignment | None:
    mine = WITH_CASE.filter(project=project, annotator=user, state=LookState.LEASED)
    look = mine.order_by("lease_expires_at").first()
    if look is None:
        return None
    look.lease_expires_at = timezone.now() + timedelta(minutes=project.lease_minutes)
    still = mine.filter(pk=look.pk).update(lease_expires_at=look.lease_expires_at)
    return look if still else None


@transaction.atomic
def _lease_best(project: Project, user: User) -> Assignment | None:
    for group in _groups_for(project, user):
        look = _lock_head(project, group)
        if look is not None:
            leased = lease(look, user, project.lease_minutes)
            bar_holders(look.task)
            return leased
    return None


def _groups_for(project: Project, user: User) -> list[str]:
    with connection.cursor() as cursor:
        without, only = f"%-{user.pk},%", f"%+{user.pk},%"
        cursor.execute(HEADS, {"project": project.pk, "without": without, "only": only})
        return [audience for (audience,) in cursor.fetchall()]


def _lock_head(project: Project, group: str) -> Assignment | None:
    free = Assignment.objects.filter(project=project, state=LookState.FREE, audience=group)
    look = _lock(free.order_by("-priority", "rank", "id"))
    # The row was read before its task was locked: only what it holds now counts.
    while look is not None and (look.state != LookState.FREE or look.audience != group):
        look = _lock(free.order_by("-priority", "rank", "id"))
    return look


def _lock(looks: QuerySet[Assignment]) -> Assignment | None:
    """Lock the task of the first look whose task nobody has locked, and read the look anew."""
    found = looks.select_related("task").select_for_update(of=("task",), skip_locked=True).first()
    return None if found is None else WITH_CASE.get(pk=found.pk)
