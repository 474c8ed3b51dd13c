"""The end of a trial, whoever brings it about."""

from django.utils import timezone

from accounts.models import User
from classifier.models import CHALLENGING, ModelVersion, Outcome, Stage, Trial
from classifier.rollout.evidence import standing_of
from classifier.rollout.stages import announce, move
from labeling.errors import Conflict
from labeling.events import record
from labeling.models import Project


def open_trial(project: Project) -> Trial | None:
    """Return the project's trial that has not ended."""
    return project.trials.filter(ended_at=None).select_related("challenger", "champion").first()


def end_trial(trial: Trial, *, actor: User | None, outcome: Outcome, reason: str) -> None:
    """End a trial; a challenger that was not promoted is a candidate again.

    Call it inside a transaction that holds the lock on the project's models.

    Raises:
        Conflict: it has ended already.
    """
    ended = Trial.objects.filter(pk=trial.pk, ended_at=None).update(
        ended_at=timezone.now(), outcome=outcome, reason=reason
    )
    if not ended:
        raise Conflict("This trial has ended already.")
    trial.refresh_from_db(fields=["ended_at", "outcome", "reason"])
    challenger = ModelVersion.objects.get(pk=trial.challenger_id)
    if challenger.stage in CHALLENGING:
        verb = outcome.label
        move(trial.project, actor, challenger, Stage.CANDIDATE, verb=verb, reason=reason)
    record(
        project=trial.project,
        actor=actor,
        verb="ended",
        subject=trial,
        before="open",
        after=outcome,
        reason=reason,
    )
    announce(trial.project)


def conclude(*, project: Project, actor: User | None, crowned: ModelVersion) -> None:
    """End the open trial, if there is one, because a model has become the champion."""
    trial = open_trial(project)
    if trial is None:
        return
    promoted = trial.challenger_id == crowned.pk
    outcome = Outcome.PROMOTED if promoted else Outcome.OVERTAKEN
    end_trial(trial, actor=actor, outcome=outcome, reason=f"Model {crowned.number} serves.")


def obstacle_in_trial(model: ModelVersion) -> str:
    """Return why promoting a challenger takes a reason; nothing where the evidence is won."""
    trial = model.trials.filter(ended_at=None).first()
    if trial is None or standing_of(trial).now.won():
        return ""
    return f"The evidence does not say yet that model {model.number} is better."
