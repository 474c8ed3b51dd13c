"""Training runs and the models they make."""

from django.conf import settings
from django.db import models

from classifier.models.snapshot import DatasetSnapshot
from labeling.models import Job, JobState, Project


class Phase(models.TextChoices):
    """What a worker is doing with a run."""

    SNAPSHOTTING = "snapshotting", "snapshotting"
    TRAINING = "training", "training"
    EVALUATING = "evaluating", "evaluating"


class TrainingRun(Job):
    """One press of Retrain: a snapshot, and one candidate model for each chosen recipe."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="runs")
    number = models.PositiveIntegerField()
    recipes = models.JSONField(help_text="Recipe name to its parameters.")
    seed = models.PositiveIntegerField(
        default=0, help_text="What every draw in the training is made from."
    )
    search_seconds = models.PositiveIntegerField(
        default=0, help_text="How long each recipe's parameters are searched; 0: not at all."
    )
    found = models.JSONField(
        default=dict, help_text="Recipe name to the parameters that the search chose."
    )
    snapshot = models.ForeignKey(
        DatasetSnapshot, null=True, on_delete=models.PROTECT, related_name="runs"
    )
    phase = models.CharField(max_length=12, choices=Phase, blank=True)
    recipe = models.CharField(max_length=40, blank=True, help_text="The one at work.")
    device = models.CharField(max_length=120, blank=True, help_text="What it computes on.")
    memory_mb = models.PositiveIntegerField(
        default=0, help_text="The most memory that the worker was seen to use, in MB."
    )
    device_memory_mb = models.PositiveIntegerField(
        default=0, help_text="The most memory that a GPU was seen to use, in MB; 0 without one."
    )

    class Meta:
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(fields=["project", "number"], name="run_number_once"),
            models.UniqueConstraint(
                fields=["project"],
                condition=models.Q(state__in=["queued", "running"]),
                name="run_one_active_per_project",
            ),
        )

    def __str__(self) -> str:
        return f"run {self.number}"

    @property
    def status(self) -> str:
        """Where it stands: queued, snapshotting, training, evaluating, or how it ended."""
        return self.phase if self.state == JobState.RUNNING and self.phase else self.state


class RunPoint(models.Model):
    """A point of a curve of a run: what a figure was at some share of a recipe's training."""

    run = models.ForeignKey(
        TrainingRun, on_delete=models.CASCADE, related_name="points", db_index=False
    )
    recipe = models.CharField(max_length=40)
    part = models.CharField(
        max_length=60, blank=True, help_text="The check by folds that it is of; empty: the model."
    )
    name = models.CharField(max_length=40, help_text="loss, validation_loss, f1, …")
    done = models.FloatField(help_text="The share of the recipe's training, 0 to 1.")
    value = models.FloatField()

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=["run", "recipe", "done"], name="run_point_curve"),)

    def __str__(self) -> str:
        return f"{self.recipe} {self.name} {self.value:g}"


class Stage(models.TextChoices):
    """Where a model stands in its life."""

    CANDIDATE = "candidate", "candidate"
    SHADOW = "shadow", "shadow"
    CANARY = "canary", "canary"
    CHAMPION = "champion", "champion"
    RETIRED = "retired", "retired"
    REJECTED = "rejected", "rejected"


CHALLENGING = (Stage.SHADOW, Stage.CANARY)


class ModelVersion(models.Model):
    """A trained model: its artifact, and where it stands."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="model_versions")
    number = models.PositiveIntegerField()
    run = models.ForeignKey(TrainingRun, on_delete=models.PROTECT, related_name="model_versions")
    snapshot = models.ForeignKey(
        DatasetSnapshot, on_delete=models.PROTECT, related_name="model_versions"
    )
    recipe = models.CharField(max_length=40)
    stage = models.CharField(max_length=12, choices=Stage, default=Stage.CANDIDATE)
    artifact = models.CharField(max_length=300, help_text="Folder in the artifact storage.")
    artifact_hash = models.CharField(max_length=64)
    manifest = models.JSONField()
    train_seconds = models.FloatField()
    created_at = models.DateTimeField(auto_now_add=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    approval_comment = models.TextField(blank=True)
    overrode_gate = models.BooleanField(
        default=False, help_text="Approved although a check of the gate had not passed."
    )
    approved_past = models.JSONField(
        default=list,
        blank=True,
        help_text="The checks that had not passed when it was approved: name and state.",
    )

    class Meta:
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(fields=["project", "number"], name="model_number_once"),
            models.UniqueConstraint(fields=["run", "recipe"], name="model_recipe_once_per_run"),
            models.UniqueConstraint(
                fields=["project"],
                condition=models.Q(stage="champion"),
                name="model_one_champion_per_project",
            ),
            models.UniqueConstraint(
                fields=["project"],
                condition=models.Q(stage__in=["shadow", "canary"]),
                name="model_one_challenger_per_project",
            ),
        )

    def __str__(self) -> str:
        return f"model {self.number}"
