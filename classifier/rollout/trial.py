"""Putting a model beside the champion, changing how much it answers, and taking it away."""

from django.db import transaction
from django.http import Http404

from classifier.approve import obstacle_to
from classifier.models import ModelVersion, Outcome, Stage, Trial
from classifier.rollout.ending import end_trial, open_trial
from classifier.rollout.stages import announce, lock_models, locked, move, require
from labeling.access import Access
from labeling.errors import Conflict, Invalid
from labeling.events import record

LARGEST_LATENCY_MS = 600_000.0


@transaction.atomic
def start_trial(
    *,
    access: Access,
    number: int,
    share: float = 0.0,
    reason: str = "",
    error_limit: float = 0.02,
    latency_limit_ms: float = 500.0,
) -> Trial:
    """Put a candidate beside the champion: in shadow, or as a canary where it gets a share.

    Args:
        access: a manager of the project.
        number: of the candidate.
        share: of the texts that it answers, from 0 (shadow) to 1.
        reason: why; needed for a canary that the gate did not let pass.
        error_limit: share of texts on which a canary may fail before it is stopped.
        latency_limit_ms: what 95 of 100 of a canary's answers must not exceed.

    Raises:
        Http404: the project has no such model.
        Conflict: it is no candidate, there is no champion, or a trial is open.
        Invalid: a number out of its range, or a reason is needed.
    """
    _check(share, error_limit, latency_limit_ms)
    model, champion = locked(access.project, number)
    if champion is None:
        raise Conflict("There is no champion to compare with: approve a model first.")
    running = open_trial(access.project)
    if running is not None:
        raise Conflict(f"Model {running.challenger.number} is on trial: stop that one first.")
    require(model, (Stage.CANDIDATE,), "put on trial")
    _need_reason(model, champion, share, reason)
    trial = Trial.objects.create(
        project=access.project,
        challenger=model,
        champion=champion,
        share=share,
        error_limit=error_limit,
        latency_limit_ms=latency_limit_ms,
        started_by=access.user,
    )
    _put(access, trial, "", reason)
    return trial


@transaction.atomic
def change_share(*, access: Access, trial_id: int, share: float, reason: str = "") -> Trial:
    """Let the challenger answer for another share of the texts; 0 puts it in shadow.

    Raises:
        Http404: the project has no such trial.
        Conflict: it has ended.
        Invalid: no share from 0 to 1, or a reason is needed.
    """
    _check(share)
    trial = opened(access, trial_id)
    if trial.share == share:
        return trial
    _need_reason(trial.challenger, trial.champion, share, reason)
    before, trial.share = f"{trial.share:g}", share
    trial.save(update_fields=["share"])
    _put(access, trial, before, reason)
    return trial


@transaction.atomic
def stop_trial(*, access: Access, trial_id: int, reason: str) -> Trial:
    """Take the challenger away; it is a candidate again and may be tried another time.

    Raises:
        Http404: the project has no such trial.
        Conflict: it has ended.
        Invalid: no reason was given.
    """
    trial = opened(access, trial_id)
    if not reason.strip():
        raise Invalid("reason: say why the trial ends.")
    end_trial(trial, actor=access.user, outcome=Outcome.WITHDRAWN, reason=reason.strip())
    return trial


def opened(access: Access, trial_id: int) -> Trial:
    """Lock the project's models; return its trial of this id, which has not ended.

    Raises:
        Http404: the project has no such trial.
        Conflict: it has ended.
    """
    lock_models(access.project)
    trials = access.project.trials.select_related("project", "champion", "challenger__evaluation")
    trial = trials.filter(pk=trial_id).first()
    if trial is None:
        raise Http404("There is no such trial in this project.")
    if not trial.open:
        raise Conflict(f"This trial has ended: {trial.get_outcome_display()}.")
    return trial


def _put(access: Access, trial: Trial, before: str, reason: str) -> None:
    """Put the challenger in shadow or into the canary, and record with which share."""
    model, said = trial.challenger, reason.strip()
    stage, verb = (
        (Stage.CANARY, "became canary") if trial.share else (Stage.SHADOW, "went in shadow")
    )
    if model.stage != stage:
        move(access.project, access.user, model, stage, verb=verb, reason=said)
    record(
        project=access.project,
        actor=access.user,
        verb="set share" if before else "started",
        subject=trial,
        before=before,
        after=f"{trial.share:g}",
        reason=said,
    )
    announce(access.project)


def _check(share: float, error_limit: float = 0.0, latency_limit_ms: float = 1.0) -> None:
    if not 0.0 <= share <= 1.0:
        raise Invalid("share: it must lie between 0 (shadow) and 1.")
    if not 0.0 <= error_limit <= 1.0:
        raise Invalid("error_limit: it must lie between 0 and 1.")
    if not 0.0 < latency_limit_ms <= LARGEST_LATENCY_MS:
        raise Invalid(f"latency_limit_ms: it must lie above 0 and up to {LARGEST_LATENCY_MS:,.0f}.")


def _need_reason(model: ModelVersion, champion: ModelVersion, share: float, reason: str) -> None:
    """Refuse a canary whose gate did not pass where nobody says why it answers all the same."""
    obstacle = obstacle_to(model, champion) if share else ""
    if obstacle and not reason.strip() and model.stage != Stage.CANARY:
        raise Invalid(f"reason: {obstacle} Say why it should answer anybody all the same.")
