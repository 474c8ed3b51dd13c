"""An item's current label and the evidence above the votes."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from labeling.models.item import Item
from labeling.models.project import Label, Project
from labeling.models.task import Task
from labeling.models.weighing import Weighing


class ResolutionMethod(models.TextChoices):
    """How a label was reached."""

    AGREEMENT = "agreement", "agreement"
    WEIGHTED = "weighted", "weighted votes"
    ADJUDICATION = "adjudication", "adjudication"
    IMPORTED = "imported", "imported"


class AdjudicationQuerySet(models.QuerySet["Adjudication"]):
    """Decisions by whether they count."""

    def standing(self) -> "AdjudicationQuerySet":
        """Return the decisions that nobody has reopened; the newest of an item counts."""
        reopened = Reopening.objects.filter(decision=models.OuterRef("pk"))
        return self.filter(~models.Exists(reopened))


class Adjudication(models.Model):
    """A decision by one person that outranks the votes; the newest that stands counts.

    A label that came with an imported row is a decision of whoever imported it. A decision
    without label puts the item out of scope. Rows are never changed: a decision is reopened by a
    `Reopening`, and the next one on the same task supersedes it. By constraint, the decisions on
    a task form one line.
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
    supersedes = models.OneToOneField(
        "self", null=True, on_delete=models.CASCADE, related_name="superseded_by"
    )
    saw_opinion = models.BooleanField(
        default=False, db_default=False, help_text="Its maker had asked what a model says."
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = AdjudicationQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(method__in=["adjudication", "imported"]),
                name="adjudication_is_a_decision",
            ),
            models.UniqueConstraint(
                fields=["task"],
                condition=models.Q(task__isnull=False, supersedes=None),
                name="adjudication_one_line_per_task",
            ),
        )

    def __str__(self) -> str:
        return f"{self.item_id}: {self.label or 'out of scope'}"


class Reopening(models.Model):
    """That a decision no longer stands: the item went back to review. Rows are never changed."""

    decision = models.OneToOneField(
        Adjudication, on_delete=models.CASCADE, related_name="reopening"
    )
    task = models.ForeignKey(
        Task, on_delete=models.CASCADE, related_name="+", help_text="The case that it became."
    )
    reopened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.TextField(blank=True, help_text="Empty where its maker took it back at once.")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"decision {self.decision_id} reopened"


class Resolution(models.Model):
    """An item's current label. Derived: `labeling.resolve` can compute it again at any time."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="resolutions")
    item = models.OneToOneField(Item, on_delete=models.CASCADE, related_name="resolution")
    label = models.ForeignKey(Label, on_delete=models.PROTECT, related_name="resolutions")
    method = models.CharField(max_length=12, choices=ResolutionMethod)
    votes = models.PositiveSmallIntegerField(default=0)
    confidence = models.FloatField(
        null=True, help_text="How probable the label is by weighted votes; none for others."
    )
    weighing = models.ForeignKey(
        Weighing,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        help_text="The weights by which the votes were weighed.",
    )
    resolved_at = models.DateTimeField()

    class Meta:
        ordering = ("-resolved_at",)
        indexes = (
            models.Index(fields=["project", "label", "-item"], name="resolution_by_label"),
            models.Index(fields=["project", "-item"], name="resolution_newest"),
            models.Index(fields=["project", "resolved_at"], name="resolution_by_date"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(
                    method="weighted", confidence__isnull=False, weighing__isnull=False
                )
                | ~models.Q(method="weighted") & models.Q(confidence=None, weighing=None),
                name="resolution_weighted_is_whole",
            ),
        )

    def __str__(self) -> str:
        return f"{self.label} by {self.method}"
