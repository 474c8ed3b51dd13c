"""How right the live models are: computed by a worker once a day, and whenever somebody asks."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from celery import signature
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import User
from classifier.models import Prediction
from classifier.slices import ensure_slices
from feedback.models import OnlineEvaluation
from feedback.online_read import cells_of, drawn_of, looks_of, proxies_of, since_of
from feedback.statistics.live import PERIODS, table
from feedback.statistics.strata import Cell, Look
from labeling import jobs
from labeling.errors import Conflict
from labeling.events import record
from labeling.models import JobState, Project
from labeling.models.job import ACTIVE

EVERY = timedelta(days=1)
# The audit planner takes the mix of so many days for that of the next ones.
MIX_DAYS = PERIODS[1]


@transaction.atomic
def ask_online_evaluation(*, project: Project, user: User | None) -> OnlineEvaluation:
    """Queue an online evaluation of a project; `user` None is Tagloop itself.

    Raises:
        Conflict: one is being computed.
    """
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    if project.online_evaluations.filter(state__in=ACTIVE).exists():
        raise Conflict("The online evaluation is being computed: wait for it.")
    job = OnlineEvaluation.objects.create(project=project, created_by=user)
    record(project=project, actor=user, verb="asked for", subject=job)
    transaction.on_commit(lambda: nudge(job), robust=True)
    return job


def run_online_evaluation(job_id: int) -> None:
    """Compute an evaluation if it waits for a worker; its row tells how that went."""
    job = OnlineEvaluation.objects.select_related("project").filter(pk=job_id).first()
    if job is None or not jobs.claim(job):
        return
    with jobs.working(job, job.project):
        _keep(job, figures_of(job.project))


def tend_online_evaluations() -> None:
    """Take up those whose worker died, and queue one where the last is a day old."""
    for job in jobs.recover(OnlineEvaluation):
        nudge(job)
    since = timezone.now() - EVERY
    recent = OnlineEvaluation.objects.filter(project=OuterRef("pk"), created_at__gte=since)
    newest = Prediction.objects.filter(
        project=OuterRef("pk"), created_at__gte=timezone.now() - timedelta(days=max(PERIODS))
    )
    for project in Project.objects.filter(~Exists(recent), Exists(newest)):
        ask_online_evaluation(project=project, user=None)


def nudge(job: OnlineEvaluation) -> None:
    """Tell a worker that an evaluation waits."""
    signature("feedback.tasks.online_evaluation", args=(job.pk,)).apply_async()


def newest_of(project: Project) -> tuple[OnlineEvaluation | None, OnlineEvaluation | None]:
    """Return the newest evaluation that has figures, and the newest of all, in one query."""
    # Each that succeeds clears those before it away.
    found = list(project.online_evaluations.order_by("-id")[:10])
    done = next((job for job in found if job.state == JobState.SUCCEEDED), None)
    return done, found[0] if found else None


def figures_of(project: Project) -> dict[str, Any]:
    """Compute a project's figures now, ready for JSON."""
    since, today = since_of(project), timezone.localdate()
    slices = ensure_slices(project)
    cells, looks = cells_of(project, since), looks_of(project, since, slices)
    labels = list(project.labels.values_list("name", flat=True))
    names = [each.name for each in slices]
    rows = table(cells, looks, today=today, labels=labels, slices=names)
    return {
        "since": since.date().isoformat(),
        "until": today.isoformat(),
        "rows": [_plain(row) for row in rows],
        "strata": _strata(project, cells, looks, today - timedelta(days=MIX_DAYS - 1)),
        "proxies": [_plain(row) for row in proxies_of(project, since, cells, looks, today)],
    }


def _strata(
    project: Project, cells: Sequence[Cell], looks: Sequence[Look], first: date
) -> list[dict[str, Any]]:
    """Return the last 28 days by route and band: answers, expected right, drawn and looked at."""
    drawn = {(one.route, one.band): one.drawn for one in drawn_of(project, first)}
    found: dict[tuple[str, int], dict[str, Any]] = {}
    for cell in (cell for cell in cells if cell.day >= first):
        key = cell.route, cell.band
        row = found.setdefault(key, _empty(*key, drawn.get(key, 0)))
        row["answers"] += cell.answers
        row["expected"] += cell.expected
    for look in (look for look in looks if look.day >= first):
        row = found.get((look.route, look.band), {"looks": 0, "right": 0})
        row["looks"] += 1
        row["right"] += look.said == look.truth
    return [found[key] for key in sorted(found)]


def _empty(route: str, band: int, drawn: int) -> dict[str, Any]:
    counts = {"answers": 0, "expected": 0.0, "drawn": drawn, "looks": 0, "right": 0}
    return {"route": route, "band": band, **counts}


def _plain(row: Any) -> dict[str, Any]:
    plain: dict[str, Any] = asdict(row)
    dates = {name: plain[name].isoformat() for name in ("since", "until") if name in plain}
    return plain | dates


@transaction.atomic
def _keep(job: OnlineEvaluation, figures: dict[str, Any]) -> None:
    jobs.check(job)
    whole = (row for row in figures["rows"] if row["kind"] == "all" and row["days"] == MIX_DAYS)
    # All models together come first.
    headline = next(whole)["accuracy"]
    OnlineEvaluation.objects.filter(pk=job.pk).update(figures=figures, headline=headline)
    jobs.end(job, job.project, state=JobState.SUCCEEDED)
    # The newest tells all: its weeks reach back as far as those before it.
    job.project.online_evaluations.filter(pk__lt=job.pk).exclude(state__in=ACTIVE).delete()
