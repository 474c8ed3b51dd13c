"""How a model did on the gold holdout."""

from django.db import models

from classifier.models.snapshot import SnapshotRow
from classifier.models.training import ModelVersion
from labeling.models import Project


class SliceKind(models.TextChoices):
    """How a slice picks its rows."""

    SHORT_TEXT = "short_text", "text of at most n words"
    TERM = "term", "text that holds one of these terms"


class Slice(models.Model):
    """A named part of the data on which every model is measured by itself."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="slices")
    name = models.SlugField(max_length=60)
    kind = models.CharField(max_length=12, choices=SliceKind)
    max_words = models.PositiveSmallIntegerField(null=True, blank=True)
    terms = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(fields=["project", "name"], name="slice_name_once_per_project"),
            models.CheckConstraint(
                condition=models.Q(kind="short_text", max_words__gte=1) | models.Q(kind="term"),
                name="slice_short_text_has_length",
            ),
        )

    def __str__(self) -> str:
        return self.name


class Evaluation(models.Model):
    """The figures of one model on the holdout of its snapshot, and the gate's verdict."""

    model_version = models.OneToOneField(
        ModelVersion, on_delete=models.CASCADE, related_name="evaluation"
    )
    champion = models.ForeignKey(
        ModelVersion, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    rows = models.PositiveIntegerField()
    weighted_f1 = models.FloatField()
    overall = models.JSONField(help_text="Accuracy, macro and weighted scores with intervals.")
    per_class = models.JSONField()
    confusion = models.JSONField(help_text="Rows are the true labels, columns the predicted.")
    slices = models.JSONField()
    calibration = models.JSONField()
    comparison = models.JSONField(
        help_text="The difference to the champion, or to always the most frequent label."
    )
    checks = models.JSONField(help_text="The gate's checks: name, figure, limit, state.")
    passed = models.BooleanField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"evaluation of {self.model_version}"


class HoldoutPrediction(models.Model):
    """What a model said of one holdout row."""

    evaluation = models.ForeignKey(Evaluation, on_delete=models.CASCADE, related_name="predictions")
    row = models.ForeignKey(SnapshotRow, on_delete=models.CASCADE, related_name="+")
    predicted = models.CharField(max_length=80)
    confidence = models.FloatField()
    probabilities = models.JSONField(help_text="One for each label, in the snapshot's order.")

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=["evaluation", "row"], name="holdout_prediction_once_per_row"
            ),
        )

    def __str__(self) -> str:
        return f"{self.row_id}: {self.predicted}"
