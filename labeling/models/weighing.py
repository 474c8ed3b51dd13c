"""What annotators' votes are worth, and the work of settling items again by it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from labeling.models.job import ACTIVE, Job
from labeling.models.project import Project


class Weighing(models.Model):
    """One estimate of what a project's votes are worth. Rows are never changed.

    A label's place in `labels` is its row and column in `prior`, `offsets` and the matrices of
    `AnnotatorWeight`. Only a calibrated one may resolve items.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="weighings")
    number = models.PositiveIntegerField()
    evidence = models.PositiveBigIntegerField(
        help_text="How many answers and decisions, also superseded ones, there were."
    )
    votes = models.PositiveIntegerField()
    items = models.PositiveIntegerField()
    annotators = models.PositiveIntegerField()
    labels = models.JSONField(help_text="Ids of the labels, in order.")
    prior = models.JSONField(help_text="How frequent each label is taken to be.")
    calibrated = models.BooleanField()
    reason = models.TextField(blank=True, help_text="Why it may not resolve, if it may not.")
    gold = models.PositiveIntegerField(help_text="Gold items with votes.")
    gold_wanted = models.PositiveIntegerField(help_text="How many gold items it takes.")
    labels_without_gold = models.JSONField(default=list, help_text="Names of these labels.")
    temperature = models.FloatField(null=True)
    offsets = models.JSONField(default=list)
    error_before = models.FloatField(null=True)
    error_after = models.FloatField(null=True, help_text="Calibration error on held-out gold.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(
                fields=["project", "number"], name="weighing_number_once_per_project"
            ),
            models.CheckConstraint(
                condition=Q(calibrated=False) | Q(temperature__isnull=False, reason=""),
                name="weighing_calibrated_is_whole",
            ),
        )

    def __str__(self) -> str:
        return f"weights {self.number}"

    @property
    def gold_missing(self) -> int:
        """How many more gold items with votes it takes."""
        return max(0, self.gold_wanted - self.gold)


class AnnotatorWeight(models.Model):
    """One annotator's confusion matrix; without annotator it is that of anybody else."""

    weighing = models.ForeignKey(Weighing, on_delete=models.CASCADE, related_name="weights")
    annotator = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    votes = models.PositiveIntegerField()
    said = models.JSONField(help_text="Row: the true label; column: how often each is said.")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["weighing", "annotator"], name="weight_once_per_annotator"
            ),
        )

    def __str__(self) -> str:
        return f"{self.annotator or 'anybody'} in {self.weighing}"


class ConsensusJob(Job):
    """Weighing a project's votes and settling its items by its policy, behind `cursor`.

    `again` asks for one more round: something changed after the present one had begun.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="consensus_jobs")
    cursor = models.PositiveBigIntegerField(default=0, help_text="The last item that was settled.")
    weighed = models.BooleanField(default=False, help_text="Whether this round has its weights.")
    settle = models.BooleanField(default=True, help_text="Settle even if the weights stay.")
    again = models.BooleanField(default=False)
    changed = models.PositiveIntegerField(default=0, help_text="Items whose label changed.")

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=["project"],
                condition=Q(state__in=[str(state) for state in ACTIVE]),
                name="consensus_job_one_active_per_project",
            ),
        )

    def __str__(self) -> str:
        return f"consensus job {self.pk}"
