"""A challenger beside the champion: what each of them said of the same texts."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from classifier.models.prediction import Prediction
from classifier.models.training import ModelVersion
from labeling.models import Item, Label, Project


class Outcome(models.TextChoices):
    """How a trial ended."""

    PROMOTED = "promoted", "promoted"
    STOPPED = "stopped", "stopped by itself"
    WITHDRAWN = "withdrawn", "withdrawn"
    OVERTAKEN = "overtaken", "overtaken by another champion"


class Trial(models.Model):
    """A model that is held against the champion on the traffic, from its start to its end.

    The stage of the challenger says what it does: in shadow it answers nothing, as a canary it
    answers for `share` of the texts. A trial of which `ended_at` is empty is open.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="trials")
    challenger = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="trials")
    champion = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="+")
    share = models.FloatField(default=0.0, help_text="Share of the texts that it answers.")
    error_limit = models.FloatField(
        default=0.02, help_text="A canary that fails on a larger share of texts is stopped."
    )
    latency_limit_ms = models.FloatField(
        default=500.0, help_text="A canary is stopped if one answer in twenty takes longer."
    )
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    started_at = models.DateTimeField(auto_now_add=True)
    proposed_at = models.DateTimeField(
        null=True, blank=True, help_text="When the evidence first said that it is better."
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    reason = models.TextField(blank=True, help_text="Why it ended.")

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=["project"], condition=Q(ended_at=None), name="trial_one_open_per_project"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, outcome="") | Q(ended_at__isnull=False) & ~Q(outcome=""),
                name="trial_end_has_outcome",
            ),
            models.CheckConstraint(
                condition=Q(share__gte=0.0, share__lte=1.0), name="trial_share_is_a_share"
            ),
        )

    def __str__(self) -> str:
        return f"trial of {self.challenger}"

    @property
    def open(self) -> bool:
        """Whether it has not ended."""
        return self.ended_at is None

    @property
    def rest(self) -> float:
        """The share of the texts that the champion answers."""
        return 1.0 - self.share

    @property
    def percent(self) -> str:
        """The challenger's share in percent, as `10 %` or `0.5 %`."""
        return f"{100 * self.share:.3g} %"

    @property
    def rest_percent(self) -> str:
        """The champion's share in percent."""
        return f"{100 * self.rest:.4g} %"


class Pair(models.Model):
    """What the silent one of two models said of a text that the other one answered.

    A label that is missing says that the silent model failed on the text. `item` is set once
    people were asked about it, at most once for an item in a trial.
    """

    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="pairs", db_index=False)
    prediction = models.OneToOneField(Prediction, on_delete=models.CASCADE, related_name="pair")
    model_version = models.ForeignKey(
        ModelVersion, on_delete=models.PROTECT, related_name="+", help_text="The silent one."
    )
    label = models.ForeignKey(Label, null=True, on_delete=models.PROTECT, related_name="+")
    confidence = models.FloatField(null=True)
    probabilities = models.JSONField(default=dict)
    latency_ms = models.FloatField(
        null=True, help_text="How long the silent model worked on the texts it got together."
    )
    failure = models.CharField(max_length=200, blank=True)
    differs = models.BooleanField(default=False, help_text="Both answered, and not the same.")
    asked_at = models.DateTimeField(null=True, blank=True)
    asked = models.CharField(max_length=80, blank=True, help_text="What came of asking, in words.")
    item = models.ForeignKey(Item, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=["trial", "item"], name="pair_item_once_per_trial"),
        )
        indexes = (
            models.Index(fields=["trial", "-id"], name="pair_newest"),
            # The id of a prediction is random, so this is an order by lot.
            models.Index(
                fields=["trial", "prediction"],
                condition=Q(differs=True, asked_at=None),
                name="pair_to_ask",
            ),
            models.Index(fields=["trial", "-id"], condition=Q(differs=True), name="pair_differing"),
        )

    def __str__(self) -> str:
        return f"{self.model_version} on {self.prediction_id}"
