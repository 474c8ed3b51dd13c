"""What to label next: the rules of a project, each choice made by them, and the picks."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from classifier.models.training import ModelVersion
from labeling.models import Job, Project, Task

MOST_PICKS = 5000


class PickStrategy(models.TextChoices):
    """How what is not drawn at random is chosen."""

    DIVERSE = "diverse", "small margins, from every kind of text"
    MARGIN = "margin", "smallest margin between two labels"
    ENTROPY = "entropy", "highest entropy over all labels"


class PriorityPolicy(models.Model):
    """How a project chooses what people label next."""

    project = models.OneToOneField(
        Project, on_delete=models.CASCADE, related_name="priority_policy"
    )
    automatic = models.BooleanField(
        default=True, help_text="Choose anew whenever another model becomes champion."
    )
    strategy = models.CharField(max_length=10, choices=PickStrategy, default=PickStrategy.DIVERSE)
    size = models.PositiveSmallIntegerField(
        default=500,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_PICKS)],
        help_text="How many items come before all others.",
    )
    random_share = models.FloatField(
        default=0.2,
        validators=[MinValueValidator(0.0), MaxValueValidator(1.0)],
        help_text="Which share of them is drawn at random: only these may measure models.",
    )

    def __str__(self) -> str:
        return f"what {self.project} labels next"


class PriorityJob(Job):
    """One choice of what people label next, written into the queue at its end or not at all."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="priority_jobs")
    model_version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, related_name="priority_jobs"
    )
    strategy = models.CharField(max_length=10, choices=PickStrategy)
    size = models.PositiveSmallIntegerField()
    random_share = models.FloatField()
    candidates = models.PositiveIntegerField(
        null=True, help_text="Items that could have been picked."
    )
    picked = models.PositiveIntegerField(default=0)
    drawn = models.PositiveIntegerField(default=0, help_text="Of the picked, drawn at random.")

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=["project"],
                condition=models.Q(state__in=["queued", "running"]),
                name="priority_one_active_per_project",
            ),
        )

    def __str__(self) -> str:
        return f"choice {self.pk}"


class PickKind(models.TextChoices):
    """Why a task was picked."""

    RANDOM = "random", "at random"
    UNCERTAIN = "uncertain", "the model is unsure"


class Pick(models.Model):
    """The standing choice of a task. One that nobody has begun gives way to the next choice."""

    job = models.ForeignKey(PriorityJob, on_delete=models.CASCADE, related_name="picks")
    task = models.OneToOneField(Task, on_delete=models.CASCADE, related_name="pick")
    place = models.PositiveIntegerField(help_text="Its place among the picks, from 0.")
    kind = models.CharField(max_length=10, choices=PickKind)
    uncertainty = models.FloatField(help_text="0 to 1, as the strategy measures it.")
    inclusion_probability = models.FloatField(
        null=True, help_text="With which chance it was drawn; none for what was not drawn."
    )
    was_priority = models.SmallIntegerField(help_text="The task's priority before.")

    class Meta:
        ordering = ("place",)
        constraints = (
            models.UniqueConstraint(fields=["job", "place"], name="pick_place_once"),
            models.CheckConstraint(
                condition=models.Q(
                    kind="random", inclusion_probability__gt=0, inclusion_probability__lte=1
                )
                | models.Q(kind="uncertain", inclusion_probability=None),
                name="pick_random_has_probability",
            ),
        )

    def __str__(self) -> str:
        return f"pick {self.place} of {self.job}"
