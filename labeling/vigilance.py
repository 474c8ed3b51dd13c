"""What follows from gold items: a warning, answers that go to a reviewer, a pause.

An annotator is judged by a worker right after the answer, not within its request: that would take
longer than other answers do, and so give gold items away. Each judgement reads all results anew,
so that running it twice, late or once for two answers comes to the same.
"""

from celery import signature
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from labeling.access import Access
from labeling.errors import Conflict, Missing
from labeling.events import record
from labeling.models import Membership, Project
from labeling.pausing import resume, stop
from labeling.skills import gold_results, prior_of
from labeling.statistics.skill import Skill, skill
from labeling.statistics.watch import watch

# On fewer results nobody is judged, whatever the interval says.
FEWEST = 10


def ask_to_judge(project: Project, user: User) -> None:
    """Have a worker judge a user once the transaction is through.

    Where no broker takes it, the next answer to a gold item asks again.
    """
    task = signature("labeling.tasks.judge_annotator", args=(project.pk, user.pk))
    transaction.on_commit(task.apply_async, robust=True)


@transaction.atomic
def judge(*, project: Project, user: User) -> list[str]:
    """Hold a member's gold results against the project's limits, and act; return what was done.

    A limit is broken when the whole 95 % interval of the share right lies below it; with fewer
    than ten results none is. A drop against the member's own results so far warns as well.
    """
    members = project.memberships.select_for_update(of=("self",)).select_related("user", "project")
    member = members.filter(user=user).first()
    if member is None:
        return []
    results = gold_results(project, user)
    since = member.judged_from
    fresh = [right for when, right in results if since is None or when > since]
    done = _watch_for_a_drop(member, [right for _, right in results])
    if len(fresh) < FEWEST:
        return done
    return done + _act(member, skill(sum(fresh), len(fresh), prior=prior_of(project)))


@transaction.atomic
def lift(*, access: Access, membership_id: int) -> Membership:
    """Take back what followed from gold items; only those answered from now on count against.

    Raises:
        Missing: the person is no member.
        Conflict: nothing followed that could be lifted.
    """
    found = access.project.memberships.select_for_update(of=("self",)).select_related("user")
    member = found.filter(pk=membership_id).first()
    if member is None:
        raise Missing("This person is no longer a member.")
    paused = member.paused_at is not None and member.paused_by_id is None
    if not (paused or member.warned_at or member.review_since):
        raise Conflict(f"Nothing was held against {member.user}.")
    if paused:
        member = resume(access=access, membership_id=membership_id)
    member.warned_at, member.warning, member.review_since = None, "", None
    member.judged_from = timezone.now()
    member.save(update_fields=["warned_at", "warning", "review_since", "judged_from"])
    record(
        project=access.project,
        actor=access.user,
        verb="lifted",
        subject=member,
        after=member.user.username,
    )
    return member


def _act(member: Membership, found: Skill) -> list[str]:
    project, done = member.project, []
    if found.high < project.skill_warn and member.warned_at is None:
        done.append(_warn(member, _reason(found, project.skill_warn)))
    if found.high < project.skill_review and member.review_since is None:
        member.review_since = timezone.now()
        member.save(update_fields=["review_since"])
        reason = _reason(found, project.skill_review)
        done.append(_note(member, "sent to review", reason))
    if found.high < project.skill_pause and member.paused_at is None:
        stop(member, actor=None, reason=_reason(found, project.skill_pause))
        done.append("paused")
    return done


def _watch_for_a_drop(member: Membership, results: list[bool]) -> list[str]:
    alarms = watch(results).alarms
    if not alarms or alarms[-1] <= member.alarms_seen:
        return []
    member.alarms_seen = alarms[-1]
    member.save(update_fields=["alarms_seen"])
    return [_warn(member, f"The share right dropped; noticed at gold item {alarms[-1]:,}.")]


def _warn(member: Membership, reason: str) -> str:
    member.warned_at, member.warning = timezone.now(), reason
    member.save(update_fields=["warned_at", "warning"])
    return _note(member, "warned of", reason)


def _note(member: Membership, verb: str, reason: str) -> str:
    record(
        project=member.project,
        actor=None,
        verb=verb,
        subject=member,
        after=member.user.username,
        reason=reason,
    )
    return verb


def _reason(found: Skill, limit: float) -> str:
    return (
        f"Right on gold items: {found.mean:.2f} [{found.low:.2f}, {found.high:.2f}] "
        f"of {found.answered:,}; the limit is {limit:.2f}."
    )
