"""How right the live models are, as last computed."""

from django.db import models
from django.db.models import Q

from labeling.models import Job, Project


class OnlineEvaluation(Job):
    """The figures of a project's live models at a moment, computed once a day or on demand.

    `figures` holds the rows, the strata that the audit planner starts from, and the proxies.
    """

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="online_evaluations"
    )
    figures = models.JSONField(default=dict)
    headline = models.JSONField(
        null=True, help_text="The accuracy of all models together in 28 days, as an estimate."
    )

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=["project"],
                condition=Q(state__in=["queued", "running"]),
                name="online_one_active_per_project",
            ),
        )
        indexes = (models.Index(fields=["project", "-id"], name="online_newest"),)

    def __str__(self) -> str:
        return f"online evaluation {self.pk}"
