"""What checks say about annotators: right on gold items, and the same answer twice.

The first answer to a check counts, also where it was taken back or changed: what follows may
follow from having been told. How fast somebody was is not asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from labeling.access import Access
from labeling.models import Annotation, Membership, Project, Role, TaskReason
from labeling.statistics.intervals import Share
from labeling.statistics.skill import Prior, Skill, fit_prior, repeat_consistency, skill

Counts = Mapping[tuple[int, str], tuple[int, int]]


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
    return _prior(_counts(project, None))


def people(
    project: Project, *, only: User | None = None, until: datetime | None = None
) -> list[PersonSkill]:
    """Return the figures of the members who were checked or are held back, by name.

    Args:
        project: which project.
        only: the one member that is wanted; listed in any case.
        until: answers from then on are left out.
    """
    counts = _counts(project, until)
    prior = _prior(counts)
    members = project.memberships.select_related("user").order_by("user__username")
    if only is not None:
        return [_person(member, counts, prior) for member in members.filter(user=only)]
    checked = {user_id for user_id, _ in counts}
    found = [_person(member, counts, prior) for member in members]
    return [person for person in found if person.user_id in checked or person.held_back]


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


def _counts(project: Project, until: datetime | None) -> Counts:
    """Return (as expected, answered) by user and kind of check, in one query."""
    given = first_answers(project)
    if until is not None:
        given = given.filter(created_at__lt=until)
    as_expected = Q(label=F("assignment__task__expected"))
    rows = (
        given.order_by()
        .values_list("annotator_id", "assignment__task__reason")
        .annotate(right=Count("pk", filter=as_expected), total=Count("pk"))
    )
    return {(user, reason): (right, total) for user, reason, right, total in rows}


def _prior(counts: Counts) -> Prior:
    return fit_prior([found for (_, reason), found in counts.items() if reason == TaskReason.GOLD])


def _person(member: Membership, counts: Counts, prior: Prior) -> PersonSkill:
    right, answered = counts.get((member.user_id, TaskReason.GOLD.value), (0, 0))
    same, repeated = counts.get((member.user_id, TaskReason.REPEAT.value), (0, 0))
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
