"""How a model did on the gold holdout."""

from django.db import models

from classifier.models.snapshot import SnapshotRow
from classifier.models.training import ModelVersion
from labeling.models import Item, Project, ResolutionMethod


class Slice(models.Model):
    """A named part of the data on which every model is measured by itself.

    A row is in it that meets every condition which is given; at least one is.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="slices")
    name = models.SlugField(max_length=60)
    max_words = models.PositiveSmallIntegerField(null=True, blank=True)
    min_words = models.PositiveSmallIntegerField(null=True, blank=True)
    terms = models.JSONField(default=list, blank=True, help_text="The text holds one of these.")
    source = models.CharField(
        max_length=200, blank=True, help_text="What the item was imported from."
    )
    since = models.DateField(null=True, blank=True, help_text="The first day items came in on.")
    until = models.DateField(null=True, blank=True, help_text="The last day.")
    method = models.CharField(
        max_length=12,
        choices=ResolutionMethod,
        blank=True,
        help_text="How its label was reached.",
    )

    class Meta:
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(fields=["project", "name"], name="slice_name_once_per_project"),
            models.CheckConstraint(
                condition=models.Q(max_words=None) | models.Q(max_words__gte=1),
                name="slice_length_is_above_none",
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
    found_slices = models.JSONField(
        default=dict, help_text="Parts with more errors than elsewhere, found by a search."
    )
    behaviour = models.JSONField(
        default=list, help_text="The behavioural tests: cases, passed, the first failures."
    )
    calibration = models.JSONField()
    risk_coverage = models.JSONField(
        default=dict, help_text="Accuracy on the surest rows, and what is left to people."
    )
    comparison = models.JSONField(
        help_text="The difference to the champion, or to always the most frequent label."
    )
    latency_ms = models.FloatField(
        null=True, help_text="For one item on one thread, in the median."
    )
    checks = models.JSONField(help_text="The gate's checks: name, figure, limit, state.")
    limits = models.JSONField(default=dict, help_text="The gate's limits when it was measured.")
    passed = models.BooleanField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"evaluation of {self.model_version}"


class LaterAnswer(models.Model):
    """What a champion said of a holdout item that people labeled after its evaluation."""

    model_version = models.ForeignKey(
        ModelVersion, on_delete=models.CASCADE, related_name="later_answers"
    )
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="+")
    predicted = models.CharField(max_length=80)
    confidence = models.FloatField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["model_version", "item"], name="later_answer_once_per_item"
            ),
        )

    def __str__(self) -> str:
        return f"{self.item_id}: {self.predicted}"


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
