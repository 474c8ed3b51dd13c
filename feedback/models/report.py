"""Users' word that a tag is wrong."""

from django.conf import settings
from django.db import models

from classifier.models import Prediction
from labeling.models import Label, Project, Task


class Report(models.Model):
    """One report on one prediction; it asks for a reviewer and changes no label by itself."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="reports")
    prediction = models.ForeignKey(Prediction, on_delete=models.CASCADE, related_name="reports")
    claimed_label = models.ForeignKey(Label, null=True, on_delete=models.SET_NULL, related_name="+")
    comment = models.TextField(blank=True)
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    task = models.ForeignKey(Task, null=True, on_delete=models.SET_NULL, related_name="reports")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=["prediction", "reported_by"], name="report_once_per_reporter"
            ),
        )

    def __str__(self) -> str:
        return f"report on {self.prediction_id}"
