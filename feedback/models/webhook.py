"""Where a project's news is sent to, what was sent, and how each attempt went."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from labeling.models import Event, Project


class Kind(models.TextChoices):
    """What a receiver can be told of."""

    ITEM_RESOLVED = "item.resolved", "an item got its label"
    PREDICTION_REVIEWED = "prediction.reviewed", "people settled an item that a model had tagged"
    RUN_FINISHED = "run.finished", "a training run ended"
    GATE_RESULT = "gate.result", "the gate judged a new model"
    MODEL_PROMOTED = "model.promoted", "another model became the champion"
    ALERT = "alert", "something needs a manager: drift, a stopped canary, a broken promise"


TEST = "test"


class Webhook(models.Model):
    """An address that is called when something happens in a project.

    Its secret is not stored: it is derived from the secret key and `nonce`, and `fingerprint`
    tells whether it still is what its receiver was given.

    `cursor` is the event up to which everything was turned into deliveries. Events up to `mark`
    were looked at as well, but transactions that were open then (those before `mark_border`)
    may still add some with a lower id: the cursor follows once they have ended.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="webhooks")
    url = models.URLField(max_length=500)
    kinds = models.JSONField(default=list, help_text="Which of the kinds it is told of.")
    nonce = models.CharField(max_length=32)
    fingerprint = models.CharField(max_length=8)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    paused_at = models.DateTimeField(null=True, blank=True)
    pause_reason = models.CharField(max_length=200, blank=True)
    failing_since = models.DateTimeField(
        null=True, blank=True, help_text="The first failure since the last success."
    )
    held_until = models.DateTimeField(
        default=timezone.now, help_text="It did not answer: nothing is sent before."
    )
    leased_until = models.DateTimeField(
        default=timezone.now, help_text="Until then one worker has it to itself."
    )
    cursor = models.BigIntegerField(default=0)
    mark = models.BigIntegerField(default=0)
    mark_border = models.BigIntegerField(default=0)
    marked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=["project", "url"], name="webhook_address_once"),
        )

    def __str__(self) -> str:
        return f"webhook {self.pk}"


class DeliveryState(models.TextChoices):
    """Where a delivery stands."""

    WAITING = "waiting", "waiting"
    DELIVERED = "delivered", "delivered"
    FAILED = "failed", "failed"


class Delivery(models.Model):
    """One piece of news for one receiver. Its key stays the same however often it is sent."""

    webhook = models.ForeignKey(
        Webhook, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=30, choices=[*Kind.choices, (TEST, "a test")])
    event = models.ForeignKey(Event, null=True, on_delete=models.CASCADE, related_name="+")
    payload = models.JSONField()
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.WAITING)
    attempts = models.PositiveIntegerField(default=0, help_text="Since it was last asked for.")
    due_at = models.DateTimeField(default=timezone.now)
    give_up_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=["webhook", "event", "kind"], name="delivery_once_per_event"
            ),
        )
        indexes = (
            models.Index(fields=["webhook", "-id"], name="delivery_newest"),
            models.Index(
                fields=["webhook", "due_at"],
                condition=Q(state="waiting"),
                name="delivery_due",
            ),
        )

    def __str__(self) -> str:
        return f"delivery {self.key}"


class Attempt(models.Model):
    """One call of a receiver, and what came of it. Written once."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="log")
    made_at = models.DateTimeField(default=timezone.now)
    status = models.PositiveSmallIntegerField(null=True, help_text="None where nothing answered.")
    duration_ms = models.FloatField()
    answer = models.TextField(blank=True, help_text="The first 500 characters of the body.")
    error = models.CharField(max_length=200, blank=True, help_text="Why it did not count.")

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.error or str(self.status)
