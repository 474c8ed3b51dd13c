"""What models said of new content."""

import uuid

from django.conf import settings
from django.db import models

from classifier.models.training import ModelVersion
from labeling.models import Item, Job, Label, Project


class Route(models.TextChoices):
    """What follows from a prediction."""

    ACCEPT = "accept", "accept"
    REVIEW = "review", "review"


class Source(models.TextChoices):
    """How a prediction came to be."""

    REALTIME = "realtime", "real time"
    BATCH = "batch", "batch"


class Prediction(models.Model):
    """One answer of a model, stored before it leaves the system. Never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="predictions")
    model_version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, related_name="predictions"
    )
    item = models.ForeignKey(Item, null=True, on_delete=models.SET_NULL, related_name="predictions")
    external_id = models.CharField(max_length=200, blank=True)
    title = models.CharField(max_length=1000)
    body = models.TextField(blank=True)
    label = models.ForeignKey(Label, on_delete=models.PROTECT, related_name="+")
    confidence = models.FloatField()
    probabilities = models.JSONField(help_text="Label name to probability.")
    route = models.CharField(max_length=10, choices=Route)
    threshold = models.FloatField(help_text="The accept threshold in force.")
    source = models.CharField(max_length=10, choices=Source)
    latency_ms = models.FloatField(null=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    request_id = models.CharField(max_length=64, blank=True)
    idempotency_key = models.CharField(max_length=64, null=True)  # noqa: DJ001
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=["project", "requested_by", "idempotency_key"],
                name="prediction_idempotent",
            ),
            models.UniqueConstraint(
                fields=["item", "model_version"],
                condition=models.Q(source="batch"),
                name="prediction_batch_once_per_item_and_model",
            ),
        )
        indexes = (
            models.Index(fields=["project", "-created_at", "-id"], name="prediction_newest"),
        )

    def __str__(self) -> str:
        return f"{self.label_id} {self.confidence:.2f}"


class BatchJob(Job):
    """Tagging of a project's unlabeled items by one model."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="batches")
    model_version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, related_name="batches"
    )
    cursor = models.BigIntegerField(default=0, help_text="The last item that was scored.")

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=["project"],
                condition=models.Q(state__in=["queued", "running"]),
                name="batch_one_active_per_project",
            ),
        )

    def __str__(self) -> str:
        return f"batch {self.pk}"
