"""Decisions of reviewers that a second reviewer looks at."""

from django.db import models

from labeling.models import Adjudication, Project, Task


class SecondLook(models.Model):
    """One decision that was drawn, with the chance that it had, and the blind case that follows."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="second_looks")
    decision = models.OneToOneField(
        Adjudication, on_delete=models.CASCADE, related_name="second_look"
    )
    task = models.ForeignKey(
        Task, null=True, on_delete=models.SET_NULL, related_name="second_looks"
    )
    waiting = models.BooleanField(
        default=True, help_text="Its case is opened once the decision can no longer be taken back."
    )
    inclusion_probability = models.FloatField()
    draw = models.FloatField(help_text="Its ticket in the lottery.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = (
            models.Index(
                fields=["created_at"],
                condition=models.Q(waiting=True),
                name="second_look_waiting",
            ),
        )

    def __str__(self) -> str:
        return f"second look at decision {self.decision_id}"
