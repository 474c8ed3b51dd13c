"""When to retrain: a project's rules, and what they have proposed."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from classifier.models import TrainingRun
from labeling.models import Project


class Trigger(models.TextChoices):
    """Why a project might want a new model."""

    LABELS = "labels", "new labels"
    DRIFT = "drift", "drift"
    SLICE = "slice", "a weak slice"
    PROMISE = "promise", "a promise that holds for less"
    SCHEDULE = "schedule", "the schedule"


class TriggerPolicy(models.Model):
    """A project's rules; 0 turns one off. `press`: a worker may start the run by itself."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="trigger_policy")
    new_labels = models.PositiveIntegerField(
        default=200,
        validators=[MaxValueValidator(1_000_000)],
        help_text="Propose after so many new labels since the last snapshot; 0: never.",
    )
    every_days = models.PositiveSmallIntegerField(
        default=0,
        validators=[MaxValueValidator(3_650)],
        help_text="Propose when the last run is so many days old; 0: never.",
    )
    on_drift = models.BooleanField(
        default=True, help_text="Propose when the newest check of drift is an alarm."
    )
    slice_floor = models.FloatField(
        default=0.0,
        validators=[MinValueValidator(0.0), MaxValueValidator(1.0)],
        help_text="Propose when the champion's F1 on a slice is surely below this; 0: never.",
    )
    on_promise = models.BooleanField(
        default=True,
        help_text="Propose when the promise accepts surely less than it did, or audits refuted it.",
    )
    press = models.BooleanField(
        default=False,
        help_text="Start the run without asking, once a day at most. It promotes nothing.",
    )

    def __str__(self) -> str:
        return f"trigger policy of {self.project_id}"


class ProposalState(models.TextChoices):
    """What became of a proposal."""

    OPEN = "open", "waits for a manager"
    TAKEN = "taken", "a run was started"
    DISMISSED = "dismissed", "dismissed"


class RetrainProposal(models.Model):
    """That a new model might be worth it, and why."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="retrain_proposals", db_index=False
    )
    trigger = models.CharField(max_length=10, choices=Trigger)
    reason = models.CharField(max_length=300)
    slice_name = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=10, choices=ProposalState, default=ProposalState.OPEN)
    run = models.ForeignKey(TrainingRun, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=["project", "trigger"],
                condition=models.Q(state="open"),
                name="retrain_proposal_one_open_per_trigger",
            ),
        )
        indexes = (models.Index(fields=["project", "-id"], name="retrain_proposal_newest"),)

    def __str__(self) -> str:
        return f"proposal {self.pk}"
