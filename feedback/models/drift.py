"""Looks at whether what comes in is still what the champion learned from."""

from django.db import models
from django.utils import timezone

from classifier.models import ModelVersion
from labeling.models import Job, Project


class DriftState(models.TextChoices):
    """What a look, or one of its figures, says."""

    OK = "ok", "no sign of drift"
    ALARM = "alarm", "drift"
    TOO_LITTLE = "too_little_data", "too little data"


class DriftCheck(Job):
    """One look at recent predictions against what the champion learned from and said before."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="drift_checks")
    model_version = models.ForeignKey(
        ModelVersion, on_delete=models.CASCADE, related_name="drift_checks"
    )
    outcome = models.CharField(max_length=16, choices=DriftState, blank=True)
    raised = models.BooleanField(
        default=False, help_text="It told of something that the look before had not."
    )
    window_from = models.DateTimeField(null=True)
    window_to = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=["project"],
                condition=models.Q(state__in=["queued", "running"]),
                name="drift_check_one_active_per_project",
            ),
        )
        indexes = (models.Index(fields=["project", "-id"], name="drift_check_newest"),)

    def __str__(self) -> str:
        return f"drift check {self.pk}"


class DriftFigure(models.Model):
    """One figure of a look with its limit; without enough data only how much there is."""

    check_made = models.ForeignKey(DriftCheck, on_delete=models.CASCADE, related_name="figures")
    name = models.CharField(max_length=20)
    state = models.CharField(max_length=16, choices=DriftState)
    value = models.FloatField(null=True)
    before = models.FloatField(null=True, help_text="The same of the reference.")
    limit = models.FloatField(null=True)
    p = models.FloatField(null=True)
    adjusted = models.FloatField(null=True, help_text="The p-value, for all figures together.")
    reference = models.PositiveIntegerField()
    window = models.PositiveIntegerField()
    needed = models.PositiveIntegerField()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=["check_made", "name"], name="drift_figure_once"),
        )

    def __str__(self) -> str:
        return f"{self.name}: {self.state}"


class DriftGroup(models.Model):
    """Recent texts that are like each other and unlike what the model learned from."""

    check_made = models.ForeignKey(DriftCheck, on_delete=models.CASCADE, related_name="groups")
    number = models.PositiveSmallIntegerField()
    size = models.PositiveIntegerField()
    words = models.JSONField(help_text="What marks them.")
    predictions = models.JSONField(help_text="Ids of their predictions, the most typical first.")
    sent_at = models.DateTimeField(null=True, blank=True)
    asked = models.PositiveIntegerField(default=0, help_text="How many were sent to labeling.")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=["check_made", "number"], name="drift_group_once"),
        )

    def __str__(self) -> str:
        return f"group {self.number}"
