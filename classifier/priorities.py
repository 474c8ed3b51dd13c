"""What people label next: the rules of a project, and asking for a new choice by them."""

from contextlib import suppress

from celery import signature
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.http import Http404

from accounts.models import User
from classifier.deploy import champion_of
from classifier.models import ModelVersion, PriorityJob, PriorityPolicy, Stage
from labeling import jobs
from labeling.access import Access
from labeling.errors import Conflict, Invalid
from labeling.events import record
from labeling.models import JobState, Project
from labeling.models.job import ACTIVE

FIELDS = ("automatic", "strategy", "size", "random_share")
NO_CHAMPION = "There is no model in service to ask: approve one on the Models page first."


def policy_of(project: Project) -> PriorityPolicy:
    """Return how a project chooses what people label next: its own rules or the defaults."""
    return PriorityPolicy.objects.filter(project=project).first() or PriorityPolicy(project=project)


def rules_and_champion(project: Project) -> tuple[PriorityPolicy, int | None]:
    """Return by which rules a project chooses, and the number of its champion, in one query."""
    champions = ModelVersion.objects.filter(project=OuterRef("pk"), stage=Stage.CHAMPION)
    found = (
        Project.objects.select_related("priority_policy")
        .annotate(champion=Subquery(champions.values("number")[:1]))
        .get(pk=project.pk)
    )
    policy = getattr(found, "priority_policy", None) or PriorityPolicy(project=project)
    return policy, found.champion


@transaction.atomic
def set_policy(*, access: Access, **changes: object) -> PriorityPolicy:
    """Change how the next choices are made; what is in the queue stays until the next one.

    Args:
        access: a manager's.
        changes: any of `automatic`, `strategy`, `size` and `random_share`.

    Raises:
        Invalid: a value out of range.
    """
    PriorityPolicy.objects.get_or_create(project=access.project)
    policy = PriorityPolicy.objects.select_for_update().get(project=access.project)
    before = _terms(policy)
    for name, value in changes.items():
        setattr(policy, name, value)
    try:
        policy.full_clean(exclude=["project"])
    except ValidationError as error:
        raise Invalid(
            " ".join(f"{field}: {' '.join(said)}" for field, said in error.message_dict.items())
        ) from error
    if _terms(policy) != before:
        policy.save()
        record(
            project=access.project,
            actor=access.user,
            verb="changed what is labeled next",
            subject=policy,
            before=before,
            after=_terms(policy),
        )
    return policy


@transaction.atomic
def prioritise(*, project: Project, user: User | None) -> PriorityJob:
    """Queue a new choice of what people label next, by the champion and the project's rules.

    Raises:
        Conflict: there is no champion, or a choice is being made.
    """
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    champion = champion_of(project)
    if champion is None:
        raise Conflict(NO_CHAMPION)
    active = project.priority_jobs.filter(state__in=ACTIVE).first()
    if active is not None:
        raise Conflict("A choice is being made: wait for it, or cancel it first.")
    return _queue(project, champion, user)


def follow_champion(project: Project, champion: ModelVersion, user: User) -> PriorityJob | None:
    """Queue a choice by a new champion where the project wants that; an older one is called off.

    Call it inside the transaction that makes the champion, under the project's lock.
    """
    if not policy_of(project).automatic:
        return None
    outdated = f"model {champion.number} is the champion now"
    for job in project.priority_jobs.filter(state__in=ACTIVE):
        with suppress(Conflict):
            jobs.call_off(job, project, user, named=f"Choice {job.pk}", reason=outdated)
    return _queue(project, champion, user)


@transaction.atomic
def cancel(*, access: Access, job_id: int) -> PriorityJob:
    """End a choice that has not ended; the queue stays as it is.

    Raises:
        Http404: the project has no such choice.
        Conflict: it has ended already.
    """
    job = access.project.priority_jobs.filter(pk=job_id).first()
    if job is None:
        raise Http404("There is no such choice in this project.")
    jobs.call_off(job, access.project, access.user, named=f"Choice {job.pk}")
    return job


def nudge_waiting() -> None:
    """Requeue or fail the choices whose worker died, and tell workers of all that wait."""
    for job in jobs.recover(PriorityJob):
        nudge(job)


def nudge(job: PriorityJob) -> None:
    """Tell a worker that a choice waits."""
    signature("classifier.tasks.choose_next", args=(job.pk,)).apply_async()


def _queue(project: Project, champion: ModelVersion, user: User | None) -> PriorityJob:
    policy = policy_of(project)
    job = PriorityJob.objects.create(
        project=project,
        model_version=champion,
        strategy=policy.strategy,
        size=policy.size,
        random_share=policy.random_share,
        created_by=user,
    )
    record(
        project=project,
        actor=user,
        verb="asked what to label next",
        subject=job,
        after=JobState.QUEUED,
        reason=f"model {champion.number}; {_terms(policy)}",
    )
    # Without a broker the row still waits, and the schedule nudges again.
    transaction.on_commit(lambda: nudge(job), robust=True)
    return job


def _terms(policy: PriorityPolicy) -> str:
    word = "automatic" if policy.automatic else "by hand"
    return f"{word}, {policy.strategy}, {policy.size} items, {policy.random_share:g} at random"
