"""What a project's models must do, whatever the holdout says."""

from django.db import models

from labeling.models import Project


class BehaviourKind(models.TextChoices):
    """What a case expects."""

    MINIMUM = "minimum", "minimum functionality"
    INVARIANCE = "invariance", "invariance"
    DIRECTIONAL = "directional", "directional"


class BehaviourDirection(models.TextChoices):
    """Which way a label's probability may move."""

    UP = "up", "up"
    DOWN = "down", "down"


class BehaviourCase(models.Model):
    """One case of a behavioural test; all cases of a test are of one kind."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="behaviour_cases")
    test = models.SlugField(max_length=60)
    kind = models.CharField(max_length=12, choices=BehaviourKind)
    text = models.TextField()
    changed = models.TextField(blank=True)
    label = models.CharField(max_length=80, blank=True)
    direction = models.CharField(max_length=4, choices=BehaviourDirection, blank=True)

    class Meta:
        ordering = ("test", "id")
        constraints = (
            models.CheckConstraint(
                condition=(models.Q(kind="minimum", changed="", direction="") & ~models.Q(label=""))
                | (models.Q(kind="invariance", label="", direction="") & ~models.Q(changed=""))
                | (
                    models.Q(kind="directional", direction__in=["up", "down"])
                    & ~models.Q(label="")
                    & ~models.Q(changed="")
                ),
                name="behaviour_case_is_whole",
            ),
        )
        indexes = (models.Index(fields=["project", "test", "id"], name="behaviour_by_test"),)

    def __str__(self) -> str:
        return f"{self.test}: {self.text[:40]}"
