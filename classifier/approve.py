"""Which model serves: a person approves, rejects or rolls back, and says why."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from classifier.metrics.gate import CheckState
from classifier.models import CHALLENGING, Evaluation, ModelVersion, Stage
from classifier.priorities import follow_champion
from classifier.promise_renewal import renew_promise
from classifier.rollout.ending import conclude, obstacle_in_trial
from classifier.rollout.stages import announce, locked, move, require
from labeling.access import Access
from labeling.errors import Invalid

APPROVAL = ("approved_by", "approved_at", "approval_comment", "overrode_gate", "approved_past")


@transaction.atomic
def approve(*, access: Access, number: int, comment: str) -> ModelVersion:
    """Make a candidate or the challenger the champion; the old champion retires.

    A gate that did not pass, or that compared with a model which is no longer the champion,
    takes a comment as the reason. That the gate was overridden is recorded on the model, with
    every check that had not passed, whether it held the gate or not. A challenger on trial takes
    one as well as long as the evidence does not call it better.

    Raises:
        Http404: the project has no such model.
        Conflict: the model is neither candidate nor challenger.
        Invalid: a reason is needed.
    """
    model, champion = locked(access.project, number)
    require(model, (Stage.CANDIDATE, *CHALLENGING), "approved")
    obstacle = obstacle_to(model, champion)
    untold = obstacle or obstacle_in_trial(model)
    if untold and not comment.strip():
        raise Invalid(f"comment: {untold} Say why it should be the champion all the same.")
    model.approved_by, model.approved_at = access.user, timezone.now()
    model.approval_comment, model.overrode_gate = comment.strip(), bool(obstacle)
    model.approved_past = [
        {"name": check["name"], "state": check["state"]} for check in unpassed(model.evaluation)
    ]
    model.save(update_fields=APPROVAL)
    _crown(access, model, champion, verb="approved", reason=comment.strip())
    return model


@transaction.atomic
def reject(*, access: Access, number: int, comment: str) -> ModelVersion:
    """Put a candidate aside for good.

    Raises:
        Http404: the project has no such model.
        Conflict: the model is no candidate.
    """
    model, _ = locked(access.project, number)
    require(model, (Stage.CANDIDATE,), "rejected")
    said = comment.strip()
    move(access.project, access.user, model, Stage.REJECTED, verb="rejected", reason=said)
    return model


@transaction.atomic
def rollback(*, access: Access, number: int, reason: str) -> ModelVersion:
    """Make a retired model the champion again; the present one retires.

    Raises:
        Http404: the project has no such model.
        Conflict: the model was never champion, or is it now.
        Invalid: no reason was given.
    """
    model, champion = locked(access.project, number)
    require(model, (Stage.RETIRED,), "rolled back to")
    if not reason.strip():
        raise Invalid("reason: say why the project goes back to this model.")
    _crown(access, model, champion, verb="rolled back to", reason=reason.strip())
    return model


def obstacle_to(model: ModelVersion, champion: ModelVersion | None) -> str:
    """Return why approving this candidate takes a reason, or nothing where the gate let it pass."""
    evaluation: Evaluation = model.evaluation
    if not evaluation.passed:
        return f"The gate has not let model {model.number} pass{_because(evaluation)}."
    if evaluation.champion_id != (champion.pk if champion else None):
        present = f"model {champion.number} is the champion" if champion else "there is none"
        return f"Model {model.number} was not compared with the present champion: now {present}."
    return ""


def unpassed(evaluation: Evaluation) -> list[dict[str, Any]]:
    """Return the checks that failed, then those that had not enough data to tell."""
    failed = [check for check in evaluation.checks if check["state"] == CheckState.FAIL]
    unknown = [c for c in evaluation.checks if c["state"] == CheckState.NOT_ENOUGH_DATA]
    return failed + unknown


def _because(evaluation: Evaluation) -> str:
    """Return what held the gate, as `: Weighted F1 failed, Latency has not enough data`."""
    words = {CheckState.FAIL: "failed", CheckState.NOT_ENOUGH_DATA: "has not enough data"}
    holding = [
        f"{check['name']} {words[CheckState(check['state'])]}"
        for check in unpassed(evaluation)
        if check["state"] == CheckState.FAIL or check["obligatory"]
    ]
    return f": {', '.join(holding)}" if holding else ""


def _crown(
    access: Access, model: ModelVersion, champion: ModelVersion | None, *, verb: str, reason: str
) -> None:
    project, user = access.project, access.user
    if champion is not None:
        said = f"model {model.number} serves"
        move(project, user, champion, Stage.RETIRED, verb="retired", reason=said)
    move(project, user, model, Stage.CHAMPION, verb=verb, reason=reason)
    conclude(project=project, actor=user, crowned=model)
    renew_promise(project=project, champion=model, user=user)
    announce(project)
    follow_champion(project, model, user)
