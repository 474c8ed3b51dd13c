"""Making proposals, pressing them, and putting them aside."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

import structlog
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone

from accounts.models import User
from classifier.retrain import retrain
from feedback.models import ProposalState, RetrainProposal, Trigger, TriggerPolicy
from feedback.triggers.reasons import Reason, policy_of, reasons_of
from labeling.access import Access
from labeling.errors import Conflict, DomainError, Invalid
from labeling.events import record
from labeling.models import Project
from labeling.models.job import ACTIVE

QUIET = timedelta(days=7)
PRESSED_EVERY = timedelta(days=1)
RULES = ("new_labels", "every_days", "on_drift", "slice_floor", "on_promise", "press")
LONGEST = 300
log = structlog.get_logger(__name__)


def proposals_of(project: Project) -> QuerySet[RetrainProposal]:
    """Return a project's proposals, the newest first."""
    rows = RetrainProposal.objects.filter(project=project)
    return rows.select_related("run", "decided_by")


def tend() -> None:
    """Look for reasons in every project that has trained before; twice at a time does no harm."""
    for project in Project.objects.filter(runs__isnull=False).distinct():
        propose(project)


def propose(project: Project) -> list[RetrainProposal]:
    """Write down each reason that is new, and press where the project's policy may.

    What was decided is not proposed again within a week, and nothing while a run is active.
    """
    policy = policy_of(project)
    if project.runs.filter(state__in=ACTIVE).exists():
        return []
    made = [one for reason in reasons_of(project, policy) if (one := _write(project, reason))]
    waiting = RetrainProposal.objects.filter(project=project, state=ProposalState.OPEN).first()
    rested = timezone.now() - PRESSED_EVERY
    if policy.press and waiting and not project.runs.filter(created_at__gt=rested).exists():
        with suppress(Conflict):
            _press(project, waiting, None)
    return made


def take(*, access: Access, proposal_id: int) -> RetrainProposal:
    """Start the run that a proposal asks for.

    Raises:
        Http404: the project has no such proposal.
        Conflict: it was decided meanwhile, or a run is active.
        Invalid: there are too few labels.
    """
    found = get_object_or_404(proposals_of(access.project), pk=proposal_id)
    return _press(access.project, found, access.user)


@transaction.atomic
def dismiss(*, access: Access, proposal_id: int) -> RetrainProposal:
    """Put a proposal aside; its reason is not proposed again within a week.

    Raises:
        Http404: the project has no such proposal.
        Conflict: it was decided meanwhile.
    """
    found = get_object_or_404(proposals_of(access.project), pk=proposal_id)
    _decide(found, ProposalState.DISMISSED, access.user)
    return found


@transaction.atomic
def set_policy(*, access: Access, changes: Mapping[str, Any]) -> TriggerPolicy:
    """Change a project's rules.

    Raises:
        Invalid: an unknown rule, or a value out of range.
    """
    unknown = sorted(set(changes) - set(RULES))
    if unknown:
        raise Invalid(f"{unknown[0]}: there is no such rule; choose among {', '.join(RULES)}.")
    policy, _ = TriggerPolicy.objects.get_or_create(project=access.project)
    for name, value in changes.items():
        setattr(policy, name, value)
    try:
        policy.full_clean(validate_unique=False)
    except ValidationError as error:
        name, problems = next(iter(error.message_dict.items()))
        raise Invalid(f"{name}: {problems[0]}") from error
    policy.save()
    said = ", ".join(f"{name} {getattr(policy, name)}" for name in RULES)
    record(
        project=access.project, actor=access.user, verb="changed triggers", subject=policy,
        after=said,
    )  # fmt: skip
    return policy


@transaction.atomic
def _write(project: Project, reason: Reason) -> RetrainProposal | None:
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    recent = Q(state=ProposalState.OPEN) | Q(decided_at__gt=timezone.now() - QUIET)
    if RetrainProposal.objects.filter(recent, project=project, trigger=reason.trigger).exists():
        return None
    made = RetrainProposal.objects.create(
        project=project,
        trigger=reason.trigger,
        reason=reason.said[:LONGEST],
        slice_name=reason.slice_name,
    )
    record(
        project=project,
        actor=None,
        verb="proposed to retrain",
        subject=made,
        after=reason.trigger,
        reason=made.reason,
    )
    return made


def _press(project: Project, found: RetrainProposal, user: User | None) -> RetrainProposal:
    try:
        with transaction.atomic():
            _decide(found, ProposalState.TAKEN, user)
            found.run = retrain(project=project, user=user)
            found.save(update_fields=["run"])
            others = RetrainProposal.objects.filter(project=project, state=ProposalState.OPEN)
            others.update(
                state=ProposalState.TAKEN,
                run=found.run,
                decided_by=user,
                decided_at=found.decided_at,
            )
    except DomainError as error:
        log.info("no run was started", proposal=found.pk, reason=error.message)
        if user is None and not isinstance(error, Conflict):
            return found
        raise
    return found


def _decide(found: RetrainProposal, state: ProposalState, user: User | None) -> None:
    now = timezone.now()
    open_still = RetrainProposal.objects.filter(pk=found.pk, state=ProposalState.OPEN)
    if not open_still.update(state=state, decided_by=user, decided_at=now):
        raise Conflict("This proposal was decided by somebody else meanwhile.")
    found.state, found.decided_by, found.decided_at = state, user, now
    record(
        project=found.project,
        actor=user,
        verb="decided",
        subject=found,
        before=ProposalState.OPEN,
        after=state,
        reason=f"{Trigger(found.trigger).label}: {found.reason}",
    )
