"""Users' word that a tag is wrong, or that it is right."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from classifier.models import Prediction
from labeling.models import Label, Project, Task


class Report(models.Model):
    """One person's word on one prediction. It asks for a reviewer and changes no label by itself.

    `reporter` tells people apart where there is no user: it is a keyed hash of the address that a
    link was opened from. A confirmation (`agrees`) asks for nobody. A report `waiting` is stored,
    and its case is opened on a later day.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="reports")
    prediction = models.ForeignKey(Prediction, on_delete=models.CASCADE, related_name="reports")
    claimed_label = models.ForeignKey(Label, null=True, on_delete=models.SET_NULL, related_name="+")
    comment = models.TextField(blank=True)
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    reporter = models.CharField(max_length=40, default="", db_default="")
    agrees = models.BooleanField(
        default=False, db_default=False, help_text="Says that the tag is right."
    )
    waiting = models.BooleanField(
        default=False, db_default=False, help_text="Stored above the reporter's cap of the day."
    )
    task = models.ForeignKey(Task, null=True, on_delete=models.SET_NULL, related_name="reports")
    opened_at = models.DateTimeField(null=True, help_text="When its case was opened or joined.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=["prediction", "reported_by"], name="report_once_per_reporter"
            ),
            models.UniqueConstraint(
                fields=["prediction", "reporter"],
                condition=~Q(reporter=""),
                name="report_once_per_address",
            ),
        )
        indexes = (
            models.Index(
                fields=["project", "reporter", "id"],
                condition=Q(waiting=True),
                name="report_waiting",
            ),
            models.Index(
                fields=["project", "reporter", "opened_at"],
                condition=Q(opened_at__isnull=False),
                name="report_opened",
            ),
        )

    def __str__(self) -> str:
        return f"report on {self.prediction_id}"
