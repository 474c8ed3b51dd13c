"""What a project asks of a candidate before it may serve."""

from django.db import models

from labeling.models import Project


class GateSettings(models.Model):
    """A project's own limits of the gate; without a row the defaults are in force."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="gate_settings")
    limits = models.JSONField(default=dict, help_text="As a GatePolicy writes itself.")
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"gate of {self.project}"
