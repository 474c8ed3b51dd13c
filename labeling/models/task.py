"""Human looks wanted at items."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from labeling.models.item import Item
from labeling.models.project import Label, Project
from labeling.models.reason import CHECKS, TaskReason


class TaskState(models.TextChoices):
    """Where a task stands."""

    OPEN = "open", "waiting for annotators"
    REVIEW = "review", "waiting for a reviewer"
    CLOSED = "closed", "closed"


class Task(models.Model):
    """A human look wanted at an item. Its looks are its assignments, one row each.

    A check of an annotator is closed from the start, because the item waits for nobody: its one
    look is leased to the annotator all the same.
    """

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, related_name="tasks", db_index=False
    )
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="tasks")
    reason = models.CharField(max_length=20, choices=TaskReason, default=TaskReason.NEW)
    priority = models.SmallIntegerField(default=0)
    wanted = models.PositiveSmallIntegerField(default=2, help_text="Looks wanted at first.")
    blind = models.BooleanField(default=False)
    suggestion = models.ForeignKey(Label, null=True, on_delete=models.SET_NULL, related_name="+")
    suggestion_confidence = models.FloatField(null=True)
    suggestion_source = models.CharField(max_length=60, blank=True)
    suggestion_hidden = models.BooleanField(
        default=False, db_default=False, help_text="Drawn to be kept from those who answer."
    )
    hidden_share = models.FloatField(
        null=True, help_text="With which chance it was drawn; none where nothing was drawn."
    )
    note = models.TextField(blank=True, help_text="What a report or a reviewer said.")
    rank = models.PositiveIntegerField(
        default=0, help_text="Its place among tasks of one priority: the lowest first, then the id."
    )
    reserved = models.JSONField(
        default=list, blank=True, help_text="Ids of the only people who may get it; empty: all."
    )
    barred = models.JSONField(
        default=list,
        db_default=models.Value([], models.JSONField()),
        blank=True,
        help_text="Ids of reviewers who sent it back: its looks are for others.",
    )
    checked = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Whom it checks.",
    )
    expected = models.ForeignKey(
        Label,
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="What the answer to a check is compared with.",
    )
    state = models.CharField(max_length=10, choices=TaskState, default=TaskState.OPEN)
    unsettled = models.BooleanField(
        default=False, db_default=False, help_text="Votes came in that are still to be counted."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=["item"], condition=~Q(state="closed"), name="task_one_live_per_item"
            ),
            models.CheckConstraint(
                condition=Q(blind=False) | Q(suggestion=None), name="task_blind_has_no_suggestion"
            ),
            models.UniqueConstraint(
                fields=["item", "checked", "reason"],
                condition=Q(checked__isnull=False),
                name="task_check_once",
            ),
            models.CheckConstraint(
                condition=Q(
                    reason__in=["gold", "repeat"],
                    checked__isnull=False,
                    expected__isnull=False,
                    blind=True,
                    state="closed",
                )
                | ~Q(reason__in=["gold", "repeat"]) & Q(checked=None, expected=None),
                name="task_check_is_whole",
            ),
        )
        indexes = (
            models.Index(
                "project",
                F("priority").desc(),
                "id",
                condition=Q(state="review"),
                name="task_review",
            ),
            models.Index(fields=["project", "id"], condition=Q(state="open"), name="task_open"),
            models.Index(
                fields=["project", "item"], condition=Q(unsettled=True), name="task_unsettled"
            ),
            models.Index(
                fields=["project", "reason", "-item"],
                condition=~Q(reason="new"),
                name="task_by_reason",
            ),
        )

    def __str__(self) -> str:
        return f"{self.reason} task {self.pk}"

    @property
    def is_check(self) -> bool:
        """Whether it looks at the annotator, not at the item."""
        return self.reason in CHECKS

    @property
    def offered(self) -> Label | None:
        """The suggestion as its annotators get it: none if blind, hidden or turned off."""
        if self.blind or self.suggestion_hidden or not self.project.suggestions_on:
            return None
        return self.suggestion

    @property
    def shown_by_chance(self) -> bool | None:
        """Whether a draw lets its annotators see the suggestion; None where no draw decides."""
        drawn = self.hidden_share is not None and self.suggestion_id is not None
        if self.blind or not drawn or not self.project.suggestions_on:
            return None
        return not self.suggestion_hidden

    @property
    def revealed(self) -> Label | None:
        """The suggestion as reviewers get it: a hidden one not before the task is closed."""
        return None if self.keeps_secret else self.suggestion

    @property
    def keeps_secret(self) -> bool:
        """Whether its suggestion is hidden from everybody, as it is still to be decided."""
        return self.suggestion_hidden and self.state != TaskState.CLOSED
