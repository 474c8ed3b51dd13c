"""An item's current label and the evidence above the votes."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from labeling.models.item import Item
from labeling.models.project import Label, Project
from labeling.models.task import Task


class ResolutionMethod(models.TextChoices):
    """How a label was reached."""

    AGREEMENT = "agreement", "agreement"
    ADJUDICATION = "adjudication", "adjudication"
    IMPORTED = "imported", "imported"


class Adjudication(models.Model):
    """A decision by one person that outranks the votes; the newest of an item counts.

    A label that came with an imported row is a decision of whoever imported it. A decision
    without label puts the item out of scope.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="adjudications")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="adjudications")
    task = models.ForeignKey(
        Task, null=True, on_delete=models.CASCADE, related_name="adjudications"
    )
    label = models.ForeignKey(Label, null=True, on_delete=models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    method = models.CharField(
        max_length=12, choices=ResolutionMethod, default=ResolutionMethod.ADJUDICATION
    )
    comment = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(method__in=["adjudication", "imported"]),
                name="adjudication_is_a_decision",
            ),
            models.UniqueConstraint(
                fields=["task"],
                condition=models.Q(task__isnull=False),
                name="adjudication_once_per_task",
            ),
        )

    def __str__(self) -> str:
        return f"{self.item_id}: {self.label or 'out of scope'}"


class Resolution(models.Model):
    """An item's current label. Derived: `labeling.resolve` can compute it again at any time."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="resolutions")
    item = models.OneToOneField(Item, on_delete=models.CASCADE, related_name="resolution")
    label = models.ForeignKey(Label, on_delete=models.PROTECT, related_name="resolutions")
    method = models.CharField(max_length=12, choices=ResolutionMethod)
    votes = models.PositiveSmallIntegerField(default=0)
    resolved_at = models.DateTimeField()

    class Meta:
        ordering = ("-resolved_at",)
        indexes = (
            models.Index(fields=["project", "label", "-item"], name="resolution_by_label"),
            models.Index(fields=["project", "-item"], name="resolution_newest"),
            models.Index(fields=["project", "resolved_at"], name="resolution_by_date"),
        )

    def __str__(self) -> str:
        return f"{self.label} by {self.method}"
