"""Files and calls that bring items in, and what became of their rows."""

from django.db import models

from labeling.models.job import ACTIVE, Job, JobState
from labeling.models.project import Project


class ImportState(models.TextChoices):
    """The life of an import: a draft until somebody starts it, then that of a job."""

    DRAFT = "draft", "not started"
    QUEUED = JobState.QUEUED.value, "queued"
    RUNNING = JobState.RUNNING.value, "running"
    SUCCEEDED = JobState.SUCCEEDED.value, "succeeded"
    FAILED = JobState.FAILED.value, "failed"
    CANCELLED = JobState.CANCELLED.value, "cancelled"


class ImportContent(models.TextChoices):
    """What the rows of a file are."""

    ITEMS = "items", "items"
    VOTES = "votes", "votes"


class ImportJob(Job):
    """One file or request of items, or of votes on items, and what became of its rows.

    `done` and `total` count the bytes of the file, or its rows where the format tells them.
    `cursor` is how many rows were read; it moves in the transaction that writes them, so work
    that is taken up again goes on behind it.
    """

    state = models.CharField(max_length=10, choices=ImportState, default=ImportState.DRAFT)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="imports")
    source = models.CharField(max_length=200, help_text="File name, or 'REST'.")
    content = models.CharField(
        max_length=10,
        choices=ImportContent,
        default=ImportContent.ITEMS,
        db_default=ImportContent.ITEMS,
    )
    stored = models.CharField(
        max_length=200, blank=True, help_text="The file's name in the storage, until the end."
    )
    size = models.PositiveBigIntegerField(default=0, help_text="Bytes of the file.")
    format = models.CharField(max_length=20, blank=True)
    encoding = models.CharField(max_length=20, blank=True)
    delimiter = models.CharField(max_length=1, blank=True)
    annotator = models.CharField(
        max_length=150, blank=True, help_text="Whose the labels are where the file does not say."
    )
    mapping = models.JSONField(default=dict, help_text="What each column of the file becomes.")
    add_labels = models.BooleanField(default=False, help_text="Make labels that are missing.")
    cursor = models.PositiveBigIntegerField(default=0, help_text="Rows that were read.")
    added = models.PositiveIntegerField(default=0)
    same_id = models.PositiveIntegerField(
        default=0, help_text="Rows whose id, or whose vote, was known."
    )
    same_text = models.PositiveIntegerField(default=0, help_text="Rows whose text was known.")
    deleted = models.PositiveIntegerField(
        default=0, help_text="Rows that equal an item which somebody has deleted."
    )
    refused = models.PositiveIntegerField(default=0)
    examples = models.JSONField(
        default=dict, help_text="The first rows that were known, by kind: row, item, title."
    )
    key = models.CharField(max_length=64, blank=True, help_text="The caller's idempotency key.")
    fingerprint = models.CharField(
        max_length=64, blank=True, help_text="What the key was sent with, hashed."
    )

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=["project", "created_by", "key"],
                condition=~models.Q(key=""),
                name="import_once_per_key",
            ),
        )

    def __str__(self) -> str:
        return f"import {self.pk} of {self.source}"

    @property
    def draft(self) -> bool:
        """Whether nobody has started it yet."""
        return self.state == ImportState.DRAFT

    @property
    def active(self) -> bool:
        """Whether work is still to be done."""
        return self.state in ACTIVE

    @property
    def duplicates(self) -> int:
        """Rows that added nothing because the project has their id or their text."""
        return self.same_id + self.same_text + self.deleted


class ImportProblem(models.Model):
    """A row that was refused: where, why and how to mend it."""

    job = models.ForeignKey(
        ImportJob, on_delete=models.CASCADE, related_name="problems", db_index=False
    )
    row = models.PositiveBigIntegerField()
    field = models.CharField(max_length=40)
    reason = models.TextField()
    fix = models.TextField(blank=True)

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=["job", "id"], name="import_problem_in_order"),)

    def __str__(self) -> str:
        return f"row {self.row}: {self.field}: {self.reason}"
