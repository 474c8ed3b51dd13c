"""From which prediction a task came, and by what rule."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from classifier.models import Prediction
from labeling.models import Project, Task


class RoutingPolicy(models.Model):
    """How a project's uncertain predictions reach people."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="routing_policy")
    looks = models.PositiveSmallIntegerField(
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(10)],
        help_text="How many people look at a low-confidence item.",
    )

    def __str__(self) -> str:
        return f"routing policy of {self.project}"


class Routing(models.Model):
    """What was done about one prediction that people should see. Written once."""

    prediction = models.OneToOneField(Prediction, on_delete=models.CASCADE, related_name="routing")
    task = models.ForeignKey(Task, null=True, on_delete=models.SET_NULL, related_name="routings")
    outcome = models.CharField(max_length=80, help_text="What happened, in words.")
    inclusion_probability = models.FloatField(default=1.0)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.outcome
