"""Which model serves: a person approves, rejects or rolls back, and says why."""

from django.db import transaction
from django.db.models import F
from django.shortcuts import get_object_or_404
from django.utils import timezone

from classifier.models import Deployment, Evaluation, ModelVersion, Stage
from labeling.access import Access
from labeling.errors import Conflict, Invalid
from labeling.events import record
from labeling.models import Project


@transaction.atomic
def approve(*, access: Access, number: int, comment: str) -> ModelVersion:
    """Make a candidate the champion; the old champion retires.

    A gate that did not pass, or that compared with a model which is no longer the champion,
    takes a comment as the reason; that the gate was overridden is recorded on the model.

    Raises:
        Http404: the project has no such model.
        Conflict: the model is no candidate.
        Invalid: a reason is needed.
    """
    model, champion = _locked(access.project, number)
    _require(model, Stage.CANDIDATE, "approved")
    obstacle = obstacle_to(model, champion)
    if obstacle and not comment.strip():
        raise Invalid(f"comment: {obstacle} Say why it should be the champion all the same.")
    model.approved_by, model.approved_at = access.user, timezone.now()
    model.approval_comment, model.overrode_gate = comment.strip(), bool(obstacle)
    model.save(update_fields=["approved_by", "approved_at", "approval_comment", "overrode_gate"])
    _crown(access, model, champion, verb="approved", reason=comment.strip())
    return model


@transaction.atomic
def reject(*, access: Access, number: int, comment: str) -> ModelVersion:
    """Put a candidate aside for good.

    Raises:
        Http404: the project has no such model.
        Conflict: the model is no candidate.
    """
    model, _ = _locked(access.project, number)
    _require(model, Stage.CANDIDATE, "rejected")
    _move(access, model, Stage.REJECTED, verb="rejected", reason=comment.strip())
    return model


@transaction.atomic
def rollback(*, access: Access, number: int, reason: str) -> ModelVersion:
    """Make a retired model the champion again; the present one retires.

    Raises:
        Http404: the project has no such model.
        Conflict: the model was never champion, or is it now.
        Invalid: no reason was given.
    """
    model, champion = _locked(access.project, number)
    _require(model, Stage.RETIRED, "rolled back to")
    if not reason.strip():
        raise Invalid("reason: say why the project goes back to this model.")
    _crown(access, model, champion, verb="rolled back to", reason=reason.strip())
    return model


def obstacle_to(model: ModelVersion, champion: ModelVersion | None) -> str:
    """Return why approving this candidate takes a reason, or nothing where the gate let it pass."""
    evaluation: Evaluation = model.evaluation
    if not evaluation.passed:
        return f"The gate has not let model {model.number} pass."
    if evaluation.champion_id != (champion.pk if champion else None):
        present = f"model {champion.number} is the champion" if champion else "there is none"
        return f"Model {model.number} was not compared with the present champion: now {present}."
    return ""


def _locked(project: Project, number: int) -> tuple[ModelVersion, ModelVersion | None]:
    """Lock the project, so that one model moves at a time; return the model and the champion."""
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    models = project.model_versions.select_related("evaluation")
    model: ModelVersion = get_object_or_404(models, number=number)
    return model, models.filter(stage=Stage.CHAMPION).first()


def _require(model: ModelVersion, stage: Stage, done: str) -> None:
    if model.stage != stage:
        raise Conflict(
            f"Model {model.number} is {model.get_stage_display()}; "
            f"only a {stage.label} model can be {done}."
        )


def _crown(
    access: Access, model: ModelVersion, champion: ModelVersion | None, *, verb: str, reason: str
) -> None:
    if champion is not None:
        _move(
            access, champion, Stage.RETIRED, verb="retired", reason=f"model {model.number} serves"
        )
    _move(access, model, Stage.CHAMPION, verb=verb, reason=reason)
    Deployment.objects.get_or_create(project=access.project)
    Deployment.objects.filter(project=access.project).update(
        revision=F("revision") + 1, updated_at=timezone.now()
    )


def _move(access: Access, model: ModelVersion, stage: Stage, *, verb: str, reason: str) -> None:
    before = model.stage
    moved = ModelVersion.objects.filter(pk=model.pk, stage=before).update(stage=stage)
    if not moved:
        raise Conflict(f"Model {model.number} was moved by somebody else: look again.")
    model.stage = stage
    record(
        project=access.project,
        actor=access.user,
        verb=verb,
        subject=model,
        before=before,
        after=stage,
        reason=reason,
    )
