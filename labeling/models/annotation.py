"""What people answered."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from labeling.models.assignment import Assignment
from labeling.models.item import Item
from labeling.models.project import Guideline, Label, Project


class AnnotationQuerySet(models.QuerySet["Annotation"]):
    """Annotations by whether they count."""

    def live(self) -> "AnnotationQuerySet":
        """Answers that nothing has superseded, without those to checks: the votes."""
        return self.current().filter(checking=False)

    def current(self) -> "AnnotationQuerySet":
        """Answers that nothing has superseded, those to checks too."""
        # Few answers supersede another. Where that is said, each is looked up in an index; as a
        # join, SQLite would build an index of its own, and PostgreSQL read the whole table.
        later = Annotation.objects.filter(
            supersedes__isnull=False, supersedes=models.OuterRef("pk")
        )
        return self.filter(~models.Exists(later), label__isnull=False)

    def given_since(self, when: datetime) -> "AnnotationQuerySet":
        """Votes that were given here since then, without those that came in by an import."""
        return self.live().filter(imported=False, created_at__gte=when)


class Annotation(models.Model):
    """One annotator's answer. Rows are never changed: a correction or undo supersedes one.

    An undo has no label. The chain of a look is linear by constraint, so it has one live end.
    """

    # The constraints and indexes below begin with these two: one more of each would cost only time.
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="annotations", db_index=False
    )
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="annotations")
    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="annotations")
    annotator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="annotations",
        db_index=False,
    )
    label = models.ForeignKey(
        Label, null=True, on_delete=models.PROTECT, related_name="annotations"
    )
    guideline = models.ForeignKey(
        Guideline, null=True, on_delete=models.PROTECT, related_name="annotations"
    )
    supersedes = models.OneToOneField(
        "self", null=True, on_delete=models.CASCADE, related_name="superseded_by"
    )
    idempotency_key = models.CharField(max_length=64)
    seconds = models.FloatField(null=True, help_text="Time spent looking, in seconds.")
    note = models.TextField(blank=True)
    flagged = models.BooleanField(default=False, help_text="Its giver wants a reviewer to see it.")
    imported = models.BooleanField(default=False, help_text="Given elsewhere, before it came in.")
    checking = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Given to a check of its annotator; it is no vote.",
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = AnnotationQuerySet.as_manager()

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=["annotator", "idempotency_key"], name="annotation_idempotent"
            ),
            models.UniqueConstraint(
                fields=["assignment", "annotator"],
                condition=Q(supersedes=None),
                name="annotation_one_chain_per_look",
            ),
        )
        indexes = (
            models.Index(fields=["project", "-id"], name="annotation_newest"),
            models.Index(
                fields=["project", "created_at", "label", "imported"],
                condition=Q(imported=False, label__isnull=False),
                name="annotation_by_date",
            ),
            models.Index(fields=["project", "annotator", "-item"], name="annotation_by_giver"),
            models.Index(
                fields=["project", "label", "-item"],
                condition=Q(checking=False, label__isnull=False),
                name="annotation_by_label",
            ),
            models.Index(
                fields=["project", "-item"], condition=Q(flagged=True), name="annotation_flagged"
            ),
            models.Index(
                fields=["project", "annotator", "id"],
                condition=Q(checking=True),
                name="annotation_checking",
            ),
        )

    def __str__(self) -> str:
        return f"{self.annotator}: {self.label or 'undone'}"
