"""What checks say about annotators: right on gold items, and the same answer twice.

The first answer to a check counts, also where it was taken back or changed: what follows may
follow from having been told. How fast somebody was is not asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db.models import F, OuterRef, QuerySet
from django.utils import timezone

from accounts.models import User
from labeling.access import Access
from labeling.counting import CountOf
from labeling.models import CHECKS, Annotation, Membership, Project, Role, TaskReason
from labeling.statistics.intervals import Share
from labeling.statistics.skill import Prior, Skill, fit_prior, repeat_consistency, skill


@dataclass(frozen=True)
class PersonSkill:
    """One member's figures; `skill` is None before the first gold item was answered."""

    user_id: int
    username: str
    membership_id: int
    skill: Skill | None
    consistency: Share
    warning: str
    warned_at: datetime | None
    review_since: datetime | None
    paused: bool
    paused_by_tagloop: bool

    @property
    def held_back(self) -> bool:
        """Whether there is something that a manager could lift."""
        return bool(self.warned_at or self.review_since or self.paused_by_tagloop)


def first_answers(project: Project, user: User | None = None) -> QuerySet[Annotation]:
    """Return the first answers to checks in a project, or one user's, the oldest first."""
    given = Annotation.objects.filter(project=project, checking=True, supersedes=None)
    if user is not None:
        given = given.filter(annotator=user)
    return given.filter(label__isnull=False).order_by("id")


def gold_results(project: Project, user: User) -> list[tuple[datetime, bool]]:
    """Return when a user answered gold items and whether right, the oldest first."""
    given = first_answers(project, user).filter(assignment__task__reason=TaskReason.GOLD)
    rows = given.values_list("created_at", "label_id", "assignment__task__expected_id")
    return [(when, label == expected) for when, label, expected in rows]


def prior_of(project: Project) -> Prior:
    """Return what is known of an annotator of the project before their first gold item."""
    return _prior(_members(project, None))


def people(
    project: Project, *, only: User | None = None, until: datetime | None = None
) -> list[PersonSkill]:
    """Return the figures of the members who were checked or are held back, by name.

    Args:
        project: which project.
        only: the one member that is wanted; listed in any case.
        until: answers from then on are left out.
    """
    members = _members(project, until)
    prior = _prior(members)
    if only is not None:
        return [_person(member, prior) for member in members if member.user_id == only.pk]
    found = [_person(member, prior) for member in members]
    return [one for one in found if one.skill is not None or one.consistency.total or one.held_back]


def people_seen_by(access: Access) -> list[PersonSkill]:
    """Return whose figures a member may see: a reviewer everybody's, an annotator their own."""
    if access.may(Role.REVIEWER):
        return people(access.project)
    return people(access.project, only=access.user, until=seen_until(access))


def person_seen_by(access: Access, member: Membership) -> PersonSkill:
    """Return one member's figures.

    Raises:
        PermissionDenied: an annotator asks for another's.
    """
    if member.user_id != access.user.pk and not access.may(Role.REVIEWER):
        raise PermissionDenied("Annotators see their own figures alone.")
    return people(access.project, only=member.user, until=seen_until(access))[0]


def seen_until(access: Access) -> datetime | None:
    """Return from when on a member may not know of checks yet; None where of all.

    Who is not told after each must not learn it from a figure that moves after an answer.
    """
    if access.may(Role.REVIEWER) or access.project.gold_show:
        return None
    return timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)


def _members(project: Project, until: datetime | None) -> list[Membership]:
    """Return the members by name, each with its results, in one query."""
    given = first_answers(project).order_by().filter(annotator=OuterRef("user"))
    if until is not None:
        given = given.filter(created_at__lt=until)
    as_expected = given.filter(label=F("assignment__task__expected"))
    counts = {
        f"{reason}_{name}": CountOf(answers.filter(assignment__task__reason=reason))
        for reason in CHECKS
        for name, answers in (("right", as_expected), ("answered", given))
    }
    members = project.memberships.select_related("user").annotate(**counts)
    return list(members.order_by("user__username"))


def _results(member: Membership, reason: TaskReason) -> tuple[int, int]:
    """Return how many answers of a member to one kind of check were as expected, of how many."""
    return getattr(member, f"{reason}_right"), getattr(member, f"{reason}_answered")


def _prior(members: Sequence[Membership]) -> Prior:
    results = [_results(member, TaskReason.GOLD) for member in members]
    return fit_prior([(right, answered) for right, answered in results if answered])


def _person(member: Membership, prior: Prior) -> PersonSkill:
    right, answered = _results(member, TaskReason.GOLD)
    same, repeated = _results(member, TaskReason.REPEAT)
    return PersonSkill(
        user_id=member.user_id,
        username=member.user.username,
        membership_id=member.pk,
        skill=skill(right, answered, prior=prior) if answered else None,
        consistency=repeat_consistency(same, repeated),
        warning=member.warning,
        warned_at=member.warned_at,
        review_since=member.review_since,
        paused=member.paused_at is not None,
        paused_by_tagloop=member.paused_at is not None and member.paused_by_id is None,
    )
