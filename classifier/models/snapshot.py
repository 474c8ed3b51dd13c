"""Frozen data: what a model learned from and was measured on."""

from django.conf import settings
from django.db import models

from labeling.models import Item, Project


class DatasetSnapshot(models.Model):
    """A frozen copy of the resolved items of a project; the same rows give the same hash."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="snapshots")
    number = models.PositiveIntegerField()
    hash = models.CharField(max_length=64)
    labels = models.JSONField(help_text="Label names in the project's order.")
    training_rows = models.PositiveIntegerField()
    holdout_rows = models.PositiveIntegerField()
    near_duplicates = models.PositiveIntegerField(
        default=0, help_text="Items kept out of training because the holdout holds their like."
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(
                fields=["project", "number"], name="snapshot_number_once_per_project"
            ),
        )

    def __str__(self) -> str:
        return f"snapshot {self.number}"


class RowUse(models.TextChoices):
    """What a row of a snapshot is for."""

    POOL = "pool", "training"
    HOLDOUT = "holdout", "gold holdout"
    LEFT_OUT = "left_out", "left out, like a holdout item"


class SnapshotRow(models.Model):
    """One item as it stood when the snapshot was taken.

    `votes` looks counted, `agreeing` of them for the label; `weight` is how much the row counts in
    training, 1 for a label that nobody contradicted.
    """

    # The constraints and indexes below serve every look-up of the snapshot.
    snapshot = models.ForeignKey(
        DatasetSnapshot, on_delete=models.CASCADE, related_name="rows", db_index=False
    )
    item = models.ForeignKey(Item, null=True, on_delete=models.SET_NULL, related_name="snapshots")
    split = models.CharField(max_length=10, choices=RowUse)
    external_id = models.CharField(max_length=200)
    title = models.CharField(max_length=1000)
    body = models.TextField(blank=True)
    label = models.CharField(max_length=80)
    method = models.CharField(max_length=12)
    votes = models.PositiveSmallIntegerField(default=0)
    agreeing = models.PositiveSmallIntegerField(default=0)
    weight = models.FloatField(default=1.0)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=["snapshot", "item"], name="snapshot_row_once"),
            models.UniqueConstraint(
                fields=["snapshot", "external_id"], name="snapshot_row_once_by_external_id"
            ),
            models.CheckConstraint(
                condition=models.Q(weight__gt=0), name="snapshot_row_has_weight"
            ),
        )
        indexes = (
            models.Index(fields=["snapshot", "-id"], name="snapshot_row_pages"),
            models.Index(fields=["snapshot", "split", "label", "method"], name="snapshot_row_mix"),
        )

    def __str__(self) -> str:
        return f"{self.external_id}: {self.label}"
