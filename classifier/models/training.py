"""Training runs and the models they make."""

from django.conf import settings
from django.db import models

from classifier.models.snapshot import DatasetSnapshot
from labeling.models import Job, Project


class TrainingRun(Job):
    """One press of Retrain: a snapshot, and one candidate model for each chosen recipe."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="runs")
    number = models.PositiveIntegerField()
    recipes = models.JSONField(help_text="Recipe name to its parameters.")
    snapshot = models.ForeignKey(
        DatasetSnapshot, null=True, on_delete=models.PROTECT, related_name="runs"
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


class Stage(models.TextChoices):
    """Where a model stands in its life."""

    CANDIDATE = "candidate", "candidate"
    CHAMPION = "champion", "champion"
    RETIRED = "retired", "retired"
    REJECTED = "rejected", "rejected"


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
        )

    def __str__(self) -> str:
        return f"model {self.number}"
