"""Where each prediction went, by what rule, and what that asked of people."""

import secrets

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from classifier.models import Prediction
from feedback.statistics.route_rules import Destination as RouteTo
from feedback.statistics.route_rules import Reason
from labeling.models import Item, Project, ResolutionMethod, Task

LARGEST_CAP = 100_000
SHARE = [MinValueValidator(0.0), MaxValueValidator(1.0)]


def new_salt() -> str:
    """Return what the lottery of a project is drawn with; it never leaves the server."""
    return secrets.token_hex(16)


class Destination(models.TextChoices):
    """Where a prediction went."""

    ACCEPT = RouteTo.ACCEPT.value, "accepted"
    REVIEW = RouteTo.REVIEW.value, "to people"
    AUDIT = RouteTo.AUDIT.value, "accepted, and audited"


class RouteReason(models.TextChoices):
    """Why it went there."""

    RULE = Reason.RULE.value, "breaks a behavioural rule"
    NOVEL = Reason.NOVEL.value, "novel text"
    NEAR_TIE = Reason.NEAR_TIE.value, "near tie"
    LOW_CONFIDENCE = Reason.LOW_CONFIDENCE.value, "low confidence"
    CONFIDENT = Reason.CONFIDENT.value, "confident"
    DRAWN = Reason.DRAWN.value, "drawn for an audit"


class RoutingPolicy(models.Model):
    """How a project's predictions reach people."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="routing_policy")
    looks = models.PositiveSmallIntegerField(
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(10)],
        help_text="How many people look at what the model was not sure of.",
    )
    to_reviewers = models.BooleanField(
        default=False, help_text="A reviewer decides on it at once, with the model's answer."
    )
    near_tie = models.FloatField(
        default=0.1, validators=SHARE, help_text="The two best labels are tied below this margin."
    )
    novelty_limit = models.FloatField(
        default=0.5,
        validators=SHARE,
        help_text="A text is novel if the model never saw this share of its words.",
    )
    audit_share = models.FloatField(
        default=0.05,
        validators=SHARE,
        help_text="This share of the accepted is drawn for a blind audit.",
    )
    review_cap = models.PositiveIntegerField(
        default=500,
        validators=[MaxValueValidator(LARGEST_CAP)],
        help_text="At most this many a day are sent to people; the rest waits.",
    )
    audit_cap = models.PositiveIntegerField(
        default=100,
        validators=[MaxValueValidator(LARGEST_CAP)],
        help_text="At most this many audits are expected in a day; more traffic lowers the share.",
    )
    report_cap = models.PositiveIntegerField(
        default=20,
        validators=[MaxValueValidator(LARGEST_CAP)],
        help_text="At most this many cases a day are opened by reports of one reporter.",
    )
    recheck_share = models.FloatField(
        default=0.0,
        validators=SHARE,
        help_text="This share of reviewers' decisions is drawn for a second reviewer's look.",
    )
    links_on = models.BooleanField(
        default=False, help_text="Whoever has a signed link may report that one prediction."
    )
    origins = models.TextField(
        blank=True, help_text="Sites that may show the page of a link in a frame, one a line."
    )
    salt = models.CharField(max_length=32, default=new_salt, editable=False)
    tokens = models.FloatField(null=True, editable=False, help_text="Audits that may be expected.")
    tokens_at = models.DateTimeField(null=True, editable=False)
    lot_tokens = models.FloatField(null=True, editable=False, help_text="Lots, likewise.")
    lot_tokens_at = models.DateTimeField(null=True, editable=False)

    def __str__(self) -> str:
        return f"routing policy of {self.project}"


class SettledBy(models.TextChoices):
    """How people had settled an item before they were to be asked about it."""

    AGREEMENT = ResolutionMethod.AGREEMENT.value, "people had labeled the item by agreement"
    WEIGHTED = ResolutionMethod.WEIGHTED.value, "people had labeled the item by weighted votes"
    ADJUDICATION = (
        ResolutionMethod.ADJUDICATION.value,
        "people had labeled the item by adjudication",
    )
    IMPORTED = ResolutionMethod.IMPORTED.value, "people had labeled the item by an import"
    OUT_OF_SCOPE = "out_of_scope", "a reviewer had put the item out of scope"
    DELETED = "deleted", "a manager had deleted the item"


class Routing(models.Model):
    """Where one prediction went, with all that this rests on, and what became of it with people.

    The probabilities and the threshold stand on the prediction. While `asked_at` is empty, it waits
    for its turn, which comes by what a look at it is worth; `lot_at` says that people were asked
    before that, by lot.
    """

    prediction = models.OneToOneField(Prediction, on_delete=models.CASCADE, related_name="routing")
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="routings", db_index=False
    )
    item = models.ForeignKey(Item, null=True, on_delete=models.SET_NULL, related_name="routings")
    destination = models.CharField(max_length=8, choices=Destination)
    reason = models.CharField(max_length=16, choices=RouteReason)
    inclusion_probability = models.FloatField(
        default=1.0, help_text="With which chance people were to see it."
    )
    value = models.FloatField(default=0.0, help_text="How much a look is worth, 0 to 1.")
    draw = models.FloatField(null=True, help_text="Its ticket in the lottery.")
    near_tie = models.FloatField(default=0.0, help_text="The limit in force.")
    novelty = models.FloatField(null=True, help_text="Share of its words that the model never saw.")
    novelty_limit = models.FloatField(default=1.0, help_text="The limit in force.")
    broken_rule = models.CharField(max_length=60, blank=True)
    audit_share = models.FloatField(default=0.0, help_text="The share in force.")
    lot_share = models.FloatField(
        default=0.0, help_text="With which chance people are asked before its turn."
    )
    by_lot = models.BooleanField(default=False, help_text="Whether it was drawn for that.")
    task = models.ForeignKey(Task, null=True, on_delete=models.SET_NULL, related_name="routings")
    outcome = models.CharField(max_length=200, blank=True, help_text="What happened, in words.")
    settled_by = models.CharField(
        max_length=16,
        choices=SettledBy,
        blank=True,
        help_text="How people had settled the item, so that nobody was asked.",
    )
    asked_at = models.DateTimeField(null=True, help_text="When people were asked, or had decided.")
    lot_at = models.DateTimeField(null=True, help_text="When they were asked before its turn.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = (
            models.Index(
                "project",
                "destination",
                F("value").desc(),
                "id",
                condition=Q(asked_at=None) & ~Q(destination="accept"),
                name="routing_waiting",
            ),
            models.Index(
                fields=["project", "destination", "asked_at"],
                condition=Q(asked_at__isnull=False),
                name="routing_asked",
            ),
            models.Index(
                fields=["project", "created_at"],
                condition=Q(destination="audit"),
                name="routing_audits",
            ),
            models.Index(
                fields=["project", "lot_at"], condition=Q(by_lot=True), name="routing_lots"
            ),
        )

    def __str__(self) -> str:
        return f"{self.destination}: {self.reason}"

    @property
    def chance(self) -> float:
        """With which chance people were to see it: by lot alone while it waits for its turn."""
        waits = self.destination == Destination.REVIEW and self.asked_at is None
        return self.lot_share if waits else self.inclusion_probability
