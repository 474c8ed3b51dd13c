"""The content that is labeled, and how it came in."""

from django.conf import settings
from django.db import models

from labeling.models.project import Project


class ImportJob(models.Model):
    """One file or request of items, and what became of its rows."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="imports")
    source = models.CharField(max_length=200, help_text="File name, or 'REST'.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    added = models.PositiveIntegerField(default=0)
    same_id = models.PositiveIntegerField(default=0, help_text="Rows whose id was known.")
    same_text = models.PositiveIntegerField(default=0, help_text="Rows whose text was known.")
    refused = models.PositiveIntegerField(default=0)
    problems = models.JSONField(
        default=list, help_text="The first refused rows: row, field, reason."
    )

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.source}: {self.added} added"

    @property
    def duplicates(self) -> int:
        """Rows that added nothing because the project has their id or their text."""
        return self.same_id + self.same_text


DRAWS = 2**28


class Split(models.TextChoices):
    """What an item is for."""

    POOL = "pool", "pool"
    HOLDOUT = "holdout", "gold holdout"


class Item(models.Model):
    """A title and a body that want a label."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="items")
    external_id = models.CharField(max_length=200)
    title = models.CharField(max_length=1000)
    body = models.TextField(blank=True)
    url = models.URLField(max_length=2000, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    text_hash = models.CharField(max_length=64)
    draw = models.PositiveIntegerField(
        help_text="A number below 2^28 that is uniform over texts: the first bits of the hash."
    )
    split = models.CharField(max_length=10, choices=Split, default=Split.POOL)
    import_job = models.ForeignKey(
        ImportJob, null=True, on_delete=models.SET_NULL, related_name="items"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=["project", "external_id"], name="item_external_id_once_per_project"
            ),
            models.UniqueConstraint(
                fields=["project", "text_hash"], name="item_text_once_per_project"
            ),
        )
        indexes = (models.Index(fields=["project", "-id"], name="item_newest"),)

    def __str__(self) -> str:
        return self.title
