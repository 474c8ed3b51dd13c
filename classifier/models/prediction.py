"""What models said of new content."""

import uuid

from django.conf import settings
from django.db import models

from classifier.models.training import ModelVersion
from labeling.models import ImportJob, Item, Job, JobState, Label, Project


class Route(models.TextChoices):
    """What follows from a prediction."""

    ACCEPT = "accept", "accept"
    REVIEW = "review", "review"


class Source(models.TextChoices):
    """How a prediction came to be."""

    REALTIME = "realtime", "real time"
    BATCH = "batch", "batch"


class Prediction(models.Model):
    """One answer of a model, stored before it leaves the system. Only `routed` ever changes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="predictions", db_index=False
    )
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
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
    )
    request_id = models.CharField(max_length=64, blank=True)
    idempotency_key = models.CharField(max_length=64, null=True)  # noqa: DJ001
    created_at = models.DateTimeField(auto_now_add=True)
    routed = models.BooleanField(
        default=False, db_default=False, help_text="What follows from it was decided."
    )

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=["project", "requested_by", "idempotency_key"],
                condition=models.Q(idempotency_key__isnull=False),
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
            models.Index(
                fields=["created_at", "id"],
                condition=models.Q(routed=False),
                name="prediction_unrouted",
            ),
        )

    def __str__(self) -> str:
        return f"{self.label_id} {self.confidence:.2f}"


class BatchState(models.TextChoices):
    """The life of a batch: it may wait for the import of its file, then it is that of a job."""

    WAITING = "waiting", "waiting for its file"
    QUEUED = JobState.QUEUED.value, "queued"
    RUNNING = JobState.RUNNING.value, "running"
    SUCCEEDED = JobState.SUCCEEDED.value, "succeeded"
    FAILED = JobState.FAILED.value, "failed"
    CANCELLED = JobState.CANCELLED.value, "cancelled"


class BatchJob(Job):
    """Tagging of some of a project's items by one model, by any number of workers at a time.

    One with an `import_job` tags what that file brings, and waits for it.
    """

    state = models.CharField(max_length=10, choices=BatchState, default=BatchState.QUEUED)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="batches")
    model_version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, related_name="batches"
    )
    import_job = models.OneToOneField(
        ImportJob, null=True, on_delete=models.CASCADE, related_name="batch"
    )
    filters = models.JSONField(default=dict, help_text="Which items, as the list of items filters.")
    labeled = models.BooleanField(
        default=False, db_default=False, help_text="Also those that people have decided on."
    )
    only_new = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Only those that no model has tagged in a batch with their present text.",
    )
    done_before = models.PositiveIntegerField(
        default=0, db_default=0, help_text="How many were done when work last began."
    )

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

    @property
    def waiting(self) -> bool:
        """Whether it waits for the import of its file."""
        return self.state == BatchState.WAITING

    @property
    def rate(self) -> float | None:
        """Items a second since work last began; none before the first were done."""
        until = self.finished_at or self.heartbeat_at
        done = self.done - self.done_before
        if self.started_at is None or until is None or done <= 0 or until <= self.started_at:
            return None
        return done / (until - self.started_at).total_seconds()

    @property
    def seconds_left(self) -> float | None:
        """How long the rest takes at this rate."""
        return (self.total - self.done) / self.rate if self.rate and self.active else None


class BatchChunk(models.Model):
    """Items of a batch that one worker tags in one transaction: those with ids from first to last.

    A worker holds it while `taken_in` is the batch's present attempt: what was taken in an earlier
    one is free again.
    """

    job = models.ForeignKey(
        BatchJob, on_delete=models.CASCADE, related_name="chunks", db_index=False
    )
    number = models.PositiveIntegerField()
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    taken_in = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=["job", "number"], name="batch_chunk_once"),)
        indexes = (
            models.Index(
                fields=["job", "number"], condition=models.Q(done_at=None), name="batch_chunk_to_do"
            ),
        )

    def __str__(self) -> str:
        return f"chunk {self.number} of batch {self.job_id}"
