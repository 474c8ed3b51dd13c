"""What a project serves, and from which confidence on it answers by itself."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from labeling.models import Project


class Deployment(models.Model):
    """The serving settings of a project; a change reaches every serving process by `revision`."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="deployment")
    accept_threshold = models.FloatField(
        default=0.8, validators=[MinValueValidator(0.0), MaxValueValidator(1.0)]
    )
    label_thresholds = models.JSONField(
        null=True,
        blank=True,
        help_text="Label name to a threshold of its own, or null; none where one holds for all.",
    )
    promise_error = models.FloatField(
        null=True, blank=True, help_text="Share of the accepted that may be wrong; none unpromised."
    )
    promise_risk = models.FloatField(
        null=True, blank=True, help_text="Chance that the promise fails."
    )
    promised_at = models.DateTimeField(
        null=True, blank=True, help_text="Audits count from here on: a promise, or a new opening."
    )
    closed_at = models.DateTimeField(
        null=True, blank=True, help_text="Nothing is accepted since; none while accepting is open."
    )
    closed_reason = models.TextField(blank=True)
    revision = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"deployment of {self.project}"
