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
    revision = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"deployment of {self.project}"
