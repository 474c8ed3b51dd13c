"""The queue of wanted looks: asking for some, and who gets which next."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from labeling.checks import Checks
from labeling.dossier import Dossier, read
from labeling.errors import Conflict, Invalid, Missing
from labeling.events import record
from labeling.hiding import draw_hiding, stop_hiding
from labeling.leasing import (
    MISSING,
    lease_best,
    leases_of,
    locked,
    renew,
    without_closed_tabs,
)
from labeling.looks import bar_holders, lock_task, release
from labeling.models import (
    SKIP_REASONS,
    AfterSkip,
    Assignment,
    Item,
    Label,
    LookState,
    Order,
    Project,
    Split,
    Task,
    TaskReason,
    TaskState,
)
from labeling.ordering import rank_of
from labeling.resolve import add_look, another_look, close, send_to_review, settle
from labeling.status import restate

SKIPS_BEFORE_REVIEW = 2
AT_ONCE, TABS = 3, 3
TAB_LIMIT = 32
GONE = "This item has gone back to the queue."
TAKEN_WHILE_UNTOUCHED = (
    "reason",
    "blind",
    "suggestion",
    "suggestion_confidence",
    "suggestion_source",
    "suggestion_hidden",
    "hidden_share",
)


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

    Raises:
        Conflict: the item was deleted.
    """
    item = Item.with_deleted.select_for_update(no_key=True).get(pk=item.pk)
    if item.deletion_id is not None:
        raise Conflict("This item was deleted; a manager can restore it.")
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
    draw_hiding(wish)
    if confidence is not None:
        item.confidence = confidence
        item.save(update_fields=["confidence"])
    if live is None:
        wish.rank = rank_of(Order(project.order), item)
        return _open(wish, review=review, actor=actor)
    return _raise(lock_task(live.pk), wish, review=review, actor=actor)


def claim(*, project: Project, user: User, tab: str = "") -> Assignment | None:
    """Lease the best look that this user may have, or return the one that the tab holds.

    Best is the highest priority, then the project's order, then the oldest. The cost does not
    grow with the project nor with what the user has done.

    Returns:
        The look with its task, item and suggestion; None where nothing waits for this user.

    Raises:
        Conflict: the user works in too many tabs.
    """
    return next(iter(claim_many(project=project, user=user, tab=tab, wanted=1)), None)


def claim_many(
    *, project: Project, user: User, tab: str, wanted: int, gold_looks: int | None = None
) -> list[Assignment]:
    """Return the looks that this tab of a user holds, the oldest lease first, and lease more.

    A tab is any place where somebody works, named by at most 32 characters; a program that names
    none is one too. No two tabs hold the same item. What other tabs hold is left to them.

    Args:
        project: whose queue.
        user: a member of the project.
        tab: which tab.
        wanted: up to how many looks it is to hold, 1 to 3.
        gold_looks: how many gold items the user was given, where the caller has read that.

    Returns:
        Looks with their task, item and suggestion; none where nothing waits for this user.

    Raises:
        Invalid: a wrong number or name.
        Conflict: the user works in too many tabs.
    """
    if not 1 <= wanted <= AT_ONCE:
        raise Invalid(f"ahead: a tab holds 1 to {AT_ONCE} items.")
    if len(tab) > TAB_LIMIT:
        raise Invalid(f"tab: its name has at most {TAB_LIMIT} characters.")
    # Each step is a transaction of its own: locks that pile up over several could deadlock.
    mine = without_closed_tabs(project, user, leases_of(project, user), tab)
    _must_have_room(mine, tab)
    held = renew(project, user, [look.pk for look in mine if look.tab == tab])
    checks = Checks(project, user, tab, gold_looks)
    while len(held) < wanted:
        look = checks.lease() or lease_best(project, user, tab)
        if look is None:
            break
        held.append(look)
    return held


def extend(*, project: Project, user: User, assignment_id: int, token: str) -> Assignment:
    """Keep a lease for another full period while its page is open.

    Raises:
        Missing: there is no such look in this project.
        Conflict: the lease was lost.
    """
    expires = timezone.now() + timedelta(minutes=project.lease_minutes)
    looks = Assignment.objects.filter(project=project, pk=assignment_id)
    mine = looks.filter(annotator=user, token=token, state=LookState.LEASED)
    won = mine.update(lease_expires_at=expires)
    look = looks.first()
    if look is None:
        raise Missing(MISSING)
    if not won:
        raise Conflict(GONE)
    return look


@transaction.atomic
def release_look(*, project: Project, user: User, assignment_id: int, token: str) -> None:
    """Give a look back at once, as when its page is closed.

    Raises:
        Missing: there is no such look in this project.
        Conflict: the lease was lost.
    """
    task, look, known = held_look(project, user, assignment_id, token)
    if not release(look):
        raise Conflict(GONE)
    settle(task, actor=user, known=known)


@transaction.atomic
def skip(
    *,
    project: Project,
    user: User,
    assignment_id: int,
    token: str,
    reason: str,
    note: str = "",
) -> AfterSkip:
    """Pass a look on; the project says to whom for each reason.

    It goes to another annotator, to a reviewer, or to nobody: then the task ends without a label.
    Twice skipped, or with nobody left to look, a task goes to a reviewer.

    Returns:
        Whom the item went to.

    Raises:
        Invalid: an unknown reason.
        Missing: there is no such look in this project.
        Conflict: the lease was lost.
    """
    if reason not in SKIP_REASONS:
        raise Invalid(f"reason: choose one of {', '.join(SKIP_REASONS)}.")
    task, look, known = held_look(project, user, assignment_id, token)
    look.state, look.skip_reason, look.lease_expires_at = LookState.SKIPPED, reason, None
    look.save(update_fields=["state", "skip_reason", "lease_expires_at"])
    said = f"{reason}: {note}" if note else reason
    record(project=project, actor=user, verb="skipped", subject=task, reason=said)
    return _follow(task, known, user, AfterSkip(project.skip_rules.get(reason, "another")))


def held_look(
    project: Project, user: User, assignment_id: int, token: str
) -> tuple[Task, Assignment, Dossier]:
    """Lock the task of a look that the user holds, and return both with what is known.

    Raises:
        Missing: there is no such look in this project.
        Conflict: the lease was lost.
    """
    task, known = locked(project, assignment_id)
    look = known.look(assignment_id)
    if look.state != LookState.LEASED or look.annotator_id != user.pk or look.token != token:
        raise Conflict(GONE)
    return task, look, known


def _follow(task: Task, known: Dossier, user: User, then: AfterSkip) -> AfterSkip:
    if task.is_check:
        return then
    skips = sum(look.state == LookState.SKIPPED for look in known.looks_of(task))
    if then == AfterSkip.NOBODY:
        close(task, actor=user, reason="skipped", known=known)
    elif then == AfterSkip.REVIEWER or skips >= SKIPS_BEFORE_REVIEW:
        send_to_review(task, actor=user, known=known)
    else:
        another_look(task, actor=user, known=known)
    if then == AfterSkip.ANOTHER and task.state == TaskState.REVIEW:
        return AfterSkip.REVIEWER
    return then


def _open(task: Task, *, review: bool, actor: User | None) -> tuple[Task, str]:
    task.state = TaskState.REVIEW if review else TaskState.OPEN
    task.save()
    known = read(task.item_id, task)
    for _ in range(0 if review else task.wanted):
        add_look(task, known)
    bar_holders(task, known.looks)
    restate(task.item, known)
    record(project=task.project, actor=actor, verb="opened", subject=task, after=task.reason)
    return task, "opened a review task" if review else "opened a task"


def _raise(task: Task, wish: Task, *, review: bool, actor: User | None) -> tuple[Task, str]:
    task.note = "\n".join(filter(None, [task.note, wish.note]))
    task.priority = max(task.priority, wish.priority)
    untouched = not task.assignments.exclude(state=LookState.FREE).exists()
    if untouched:
        for name in TAKEN_WHILE_UNTOUCHED:
            setattr(task, name, getattr(wish, name))
    elif wish.reason == TaskReason.REPORT:
        stop_hiding(task)
    task.save()
    task.assignments.filter(state=LookState.FREE).update(priority=task.priority)
    if review and untouched and task.state == TaskState.OPEN:
        send_to_review(task, actor=actor)
    record(project=task.project, actor=actor, verb="raised", subject=task, after=wish.reason)
    return task, "raised the task that was waiting"


def _must_have_room(mine: list[Assignment], tab: str) -> None:
    tabs = {look.tab for look in mine}
    if tab not in tabs and len(tabs) >= TABS:
        raise Conflict(
            f"You label in {TABS} tabs already: close one, or wait until its items have gone back."
        )
