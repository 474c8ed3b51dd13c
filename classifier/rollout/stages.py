"""Moving models between stages, one model of a project at a time."""

from django.db.models import F
from django.shortcuts import get_object_or_404
from django.utils import timezone

from accounts.models import User
from classifier.models import Deployment, ModelVersion, Stage
from labeling.errors import Conflict
from labeling.events import record
from labeling.models import Project


def lock_models(project: Project) -> None:
    """Lock the project, so that one of its models moves at a time."""
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)


def locked(project: Project, number: int) -> tuple[ModelVersion, ModelVersion | None]:
    """Lock the project's models; return that of this number and the champion.

    Raises:
        Http404: the project has no such model.
    """
    lock_models(project)
    models = project.model_versions.select_related("evaluation")
    model: ModelVersion = get_object_or_404(models, number=number)
    return model, models.filter(stage=Stage.CHAMPION).first()


def require(model: ModelVersion, stages: tuple[Stage, ...], done: str) -> None:
    """Refuse what is done to a model that is in none of these stages.

    Raises:
        Conflict: it is elsewhere; the message says where.
    """
    if model.stage not in stages:
        *others, last = (stage.label for stage in stages)
        allowed = f"{', '.join(others)} or {last}" if others else last
        raise Conflict(
            f"Model {model.number} is {model.get_stage_display()}; "
            f"only a {allowed} model can be {done}."
        )


def move(
    project: Project,
    actor: User | None,
    model: ModelVersion,
    stage: Stage,
    *,
    verb: str,
    reason: str,
) -> None:
    """Put a model into another stage, with its event.

    Raises:
        Conflict: it was moved meanwhile.
    """
    before = model.stage
    moved = ModelVersion.objects.filter(pk=model.pk, stage=before).update(stage=stage)
    if not moved:
        raise Conflict(f"Model {model.number} was moved by somebody else: look again.")
    model.stage = stage
    record(
        project=project,
        actor=actor,
        verb=verb,
        subject=model,
        before=before,
        after=stage,
        reason=reason,
    )


def announce(project: Project) -> None:
    """Let every serving process know that what it serves has changed."""
    Deployment.objects.get_or_create(project=project)
    Deployment.objects.filter(project=project).update(
        revision=F("revision") + 1, updated_at=timezone.now()
    )
