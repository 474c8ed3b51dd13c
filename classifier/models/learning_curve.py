"""Whether more labels would help a model."""

from django.db import models

from classifier.models.training import ModelVersion
from labeling.models import Job


class LearningCurve(Job):
    """What a model's recipe reaches with growing parts of its snapshot, measured on demand."""

    model_version = models.OneToOneField(
        ModelVersion, on_delete=models.CASCADE, related_name="learning_curve"
    )
    points = models.JSONField(default=list, help_text="Share, rows and weighted F1 with interval.")
    outlook = models.JSONField(null=True, help_text="What twice the rows would bring.")

    def __str__(self) -> str:
        return f"learning curve of {self.model_version}"
