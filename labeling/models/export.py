"""Exports that are too large to wait for."""

from django.db import models

from labeling.models.job import ACTIVE, Job, JobState
from labeling.models.project import Project


class ExportJob(Job):
    """A file of a project's items; it is kept for some days, its row for ever."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="exports")
    format = models.CharField(max_length=20)
    evidence = models.BooleanField(default=False, help_text="With votes and decisions.")
    pseudonyms = models.BooleanField(default=False, help_text="Numbers for people's names.")
    filters = models.JSONField(default=dict, help_text="Which items, as the list of items filters.")
    file = models.CharField(max_length=300, blank=True, help_text="Its name in the storage.")
    size = models.PositiveBigIntegerField(default=0, help_text="Bytes.")
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=["project"],
                condition=models.Q(state__in=ACTIVE),
                name="export_one_active_per_project",
            ),
        )

    def __str__(self) -> str:
        return f"export {self.pk}"

    @property
    def removed(self) -> bool:
        """Whether there was a file that has been removed since."""
        return self.state == JobState.SUCCEEDED and not self.file
