"""Weighing a project's votes and settling its items by its policy, in the background.

One job a project is at work at a time; whoever asks meanwhile gets one more round of it.
"""

from collections.abc import Callable

import structlog
from celery import signature
from django.db import transaction
from django.db.models import F

from accounts.models import User
from labeling import jobs
from labeling.events import record
from labeling.models import Consensus, ConsensusJob, ImportJob, Item, JobState, Project, Task
from labeling.models.job import ACTIVE
from labeling.settle_many import settle_many
from labeling.weighing import Estimate, estimate, evidence_of, is_due, put_in_force

AT_ONCE = 1000
log = structlog.get_logger(__name__)


@transaction.atomic
def ask_for_consensus(
    *, project: Project, user: User | None, settle: bool, nudge_worker: bool = True
) -> ConsensusJob:
    """Have votes weighed anew where the policy weighs them, and items settled by it.

    Where such work is going on already, it makes one more round.

    Args:
        project: whose votes.
        user: who asks; None is Tagloop itself.
        settle: whether items are to be settled even if the same weights stay in force.
        nudge_worker: whether a worker is told at once.
    """
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    job = project.consensus_jobs.filter(state__in=ACTIVE).first()
    if job is not None:
        # One that waits has not begun its round; whether it has by now is for its end to see.
        job.again, job.settle = True, job.settle or settle
        job.save(update_fields=["again", "settle"])
        return job
    job = ConsensusJob.objects.create(project=project, created_by=user, settle=settle)
    if nudge_worker:
        transaction.on_commit(lambda: nudge(job), robust=True)
    return job


def run_consensus(job_id: int) -> None:
    """Do the work of a job if it waits for a worker; its row tells how that went."""
    job = ConsensusJob.objects.select_related("project").filter(pk=job_id).first()
    if job is None or not jobs.claim(job):
        return
    with jobs.working(job, job.project):
        while not _round(job):
            log.info("consensus goes round again", job=job.pk)


def tend_consensus() -> None:
    """Take up jobs whose worker died, and start those that are due.

    Votes are weighed anew where there are many new ones, and counted where their import ended too
    early for that.
    """
    for job in jobs.recover(ConsensusJob):
        nudge(job)
    busy = ConsensusJob.objects.filter(state__in=ACTIVE).values("project")
    projects = Project.objects.exclude(pk__in=busy)
    for project in projects.filter(consensus=Consensus.WEIGHTED):
        if is_due(project):
            ask_for_consensus(project=project, user=None, settle=False)
    importing = ImportJob.objects.filter(state__in=ACTIVE).values("project")
    left = Task.objects.filter(unsettled=True).order_by().values("project").distinct()
    for project in projects.filter(pk__in=left).exclude(pk__in=importing):
        ask_for_consensus(project=project, user=None, settle=False)


def nudge(job: ConsensusJob) -> None:
    """Tell a worker that a job waits."""
    signature("labeling.tasks.run_consensus", args=(job.pk,)).apply_async()


def settle_unsettled(project: Project, why: str, check: Callable[[], None]) -> None:
    """Settle the items whose tasks have votes that were not counted yet.

    Args:
        project: whose items.
        why: what caused it, for the record.
        check: called in each transaction; raises where this process may not go on.
    """
    waiting = Task.objects.filter(project=project, unsettled=True).order_by("item_id")
    last = 0
    while items := list(waiting.filter(item__gt=last).values_list("item_id", flat=True)[:AT_ONCE]):
        last = items[-1]
        with transaction.atomic():
            check()
            settle_many(project=project, items=items, why=why)


def _round(job: ConsensusJob) -> bool:
    """Weigh and settle; False where something changed meanwhile, so that it takes another round."""
    project = job.project
    if not job.weighed:
        _begin(job)
        project.refresh_from_db()
        _weigh(job)
    settle_unsettled(project, "Votes that came in.", lambda: jobs.check(job))
    if job.settle:
        _settle_all(job)
    with transaction.atomic():
        Project.objects.select_for_update(no_key=True).get(pk=project.pk)
        jobs.check(job)
        job.refresh_from_db()
        if job.again:
            job.weighed, job.cursor = False, 0
            job.save(update_fields=["weighed", "cursor"])
            return False
        jobs.finish(job, state=JobState.SUCCEEDED)
        record(
            project=project,
            actor=job.created_by,
            verb="settled",
            subject=job,
            after=f"{job.changed:,} labels changed",
        )
    return True


@transaction.atomic
def _begin(job: ConsensusJob) -> None:
    jobs.check(job)
    ConsensusJob.objects.filter(pk=job.pk).update(again=False, cursor=0, stage="weighing")
    job.again, job.cursor = False, 0


def _weigh(job: ConsensusJob) -> None:
    project, other = job.project, False
    if project.consensus == Consensus.WEIGHTED:
        evidence = evidence_of(project)
        found = estimate(project)
        other = _keep(job, found, evidence)
    job.weighed, job.settle = True, job.settle or other
    job.save(update_fields=["weighed", "settle"])


@transaction.atomic
def _keep(job: ConsensusJob, found: Estimate | None, evidence: int) -> bool:
    jobs.check(job)
    return put_in_force(job=job, found=found, evidence=evidence)


def _settle_all(job: ConsensusJob) -> None:
    project = job.project
    voted = Item.objects.filter(project=project, vote_count__gt=0).order_by("pk")
    total, why = voted.count(), _why(project)
    jobs.report(job, stage="settling", done=0, total=total)
    while items := list(voted.filter(pk__gt=job.cursor).values_list("pk", flat=True)[:AT_ONCE]):
        with transaction.atomic():
            jobs.check(job)
            changed = settle_many(project=project, items=items, why=why)
            job.cursor = items[-1]
            ConsensusJob.objects.filter(pk=job.pk).update(
                cursor=job.cursor, changed=F("changed") + changed, done=F("done") + len(items)
            )


def _why(project: Project) -> str:
    """Return by what the items are settled, for the record."""
    weighing = Project.objects.select_related("weighing").get(pk=project.pk).weighing
    if project.consensus == Consensus.WEIGHTED and weighing is not None:
        return f"Votes weighed by {weighing}, {project.sure_enough:g} or more."
    if project.consensus == Consensus.UNANIMOUS:
        return "Votes have to be unanimous."
    return "Votes are counted."
