"""What models that had not seen a training row said of it."""

from django.db import models

from classifier.models.snapshot import SnapshotRow
from classifier.models.training import ModelVersion
from labeling.models import Task


class OutOfFoldAnswer(models.Model):
    """The answer to one training row by a model of the same recipe that learned from others.

    `credibility` is the probability of the row's own label (its self-confidence); `suspect` says
    that another label is confidently present.
    """

    model_version = models.ForeignKey(
        ModelVersion, on_delete=models.CASCADE, related_name="out_of_fold", db_index=False
    )
    row = models.ForeignKey(SnapshotRow, on_delete=models.CASCADE, related_name="+")
    predicted = models.CharField(max_length=80)
    confidence = models.FloatField()
    credibility = models.FloatField()
    probabilities = models.JSONField(help_text="One for each label, in the model's order.")
    suspect = models.BooleanField(default=False)
    task = models.ForeignKey(
        Task,
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="The look that was asked for because of it.",
    )

    class Meta:
        ordering = ("credibility", "id")
        constraints = (
            models.UniqueConstraint(fields=["model_version", "row"], name="out_of_fold_once"),
        )
        indexes = (
            models.Index(
                fields=["model_version", "credibility", "id"],
                condition=models.Q(suspect=True),
                name="out_of_fold_suspects",
            ),
        )

    def __str__(self) -> str:
        return f"{self.row_id}: {self.predicted}"
