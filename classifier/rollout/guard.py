"""Watching the open trials: a canary that does harm stops by itself, one that won is proposed."""

from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from classifier.models import Outcome, Pair, Prediction, Source, Trial
from classifier.rollout.ending import end_trial
from classifier.rollout.evidence import Standing, standing_of
from classifier.rollout.stages import lock_models
from labeling.errors import DomainError
from labeling.events import record

LATEST, LEAST = 200, 20
RECENT = timedelta(minutes=10)
SLOWEST = 0.95
log = structlog.get_logger(__name__)


def watch_trials() -> None:
    """Look at every open trial once. Running it twice at a time does no harm."""
    for pk in Trial.objects.filter(ended_at=None).values_list("pk", flat=True):
        try:
            watch(pk)
        except DomainError as error:
            log.info("trial not watched", trial=pk, reason=error.message)


@transaction.atomic
def watch(trial_id: int) -> None:
    """Stop a canary that fails, is slow or is worse; propose a challenger that is better."""
    found = Trial.objects.select_related("project", "challenger", "champion")
    trial = found.get(pk=trial_id)
    lock_models(trial.project)
    trial = found.get(pk=trial_id)
    if not trial.open:
        return
    standing = standing_of(trial)
    trouble = trouble_of(trial, standing) if trial.share else ""
    if trouble:
        end_trial(trial, actor=None, outcome=Outcome.STOPPED, reason=trouble)
    elif standing.now.won() and trial.proposed_at is None:
        _propose(trial, standing)


def trouble_of(trial: Trial, standing: Standing) -> str:
    """Return why a canary must stop, or nothing: its errors, its latency, its wins."""
    if standing.now.lost():
        wins, losses = standing.now.wins, standing.now.losses
        return f"It is worse: right alone on {wins} items, the champion on {losses}."
    failures, texts = failures_of(trial)
    if texts >= LEAST and failures / texts > trial.error_limit:
        return (
            f"It failed on {failures} of the latest {texts} texts; "
            f"the limit is {trial.error_limit:.1%}."
        )
    slow = latency_of(trial)
    if slow is not None and slow > trial.latency_limit_ms:
        return (
            f"One in twenty of its latest answers took more than {slow:,.0f} ms; "
            f"the limit is {trial.latency_limit_ms:,.0f} ms."
        )
    return ""


def failures_of(trial: Trial) -> tuple[int, int]:
    """Return on how many of the latest texts the challenger failed, and how many those are."""
    silent = list(
        Pair.objects.filter(trial=trial)
        .order_by("-pk")
        .values_list("model_version_id", "label_id")[:LATEST]
    )
    failed = sum(model == trial.challenger_id and label is None for model, label in silent)
    return failed, len(silent)


def latency_of(trial: Trial) -> float | None:
    """Return what 95 of 100 of the challenger's latest answers did not exceed, in milliseconds.

    None where it gave too few answers of late to say.
    """
    times = (
        Prediction.objects.filter(
            Q(latency_ms__isnull=False),
            project=trial.project_id,
            model_version=trial.challenger_id,
            source=Source.REALTIME,
            created_at__gte=max(timezone.now() - RECENT, trial.started_at),
        )
        .order_by("-created_at", "-id")
        .values_list("latency_ms", flat=True)[:LATEST]
    )
    known = sorted(took for took in times if took is not None)
    return known[int(SLOWEST * len(known))] if len(known) >= LEAST else None


def _propose(trial: Trial, standing: Standing) -> None:
    trial.proposed_at = timezone.now()
    trial.save(update_fields=["proposed_at"])
    record(
        project=trial.project,
        actor=None,
        verb="proposed",
        subject=trial,
        reason=(
            f"It is better: right alone on {standing.now.wins} items, "
            f"the champion on {standing.now.losses}."
        ),
    )
